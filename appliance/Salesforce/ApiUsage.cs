using System.Globalization;

namespace Appliance.Salesforce;

/// <summary>What the org's API budget looks like, from the newest <c>Sforce-Limit-Info</c>.</summary>
/// <param name="Used">API calls of all clients in the rolling 24 hours; null until the org told.</param>
/// <param name="Max">Calls allowed in 24 hours; null until the org told.</param>
/// <param name="Calls">Calls sent by this <see cref="Org"/>, repeats included.</param>
public sealed record ApiUsage(long? Used, long? Max, long Calls)
{
    /// <summary>Reads <c>api-usage=10018/100000; per-app-api-usage=17/250(appName=x)</c>; null when it is something else.</summary>
    internal static (long Used, long Max)? Parse(string header)
    {
        foreach (var part in header.Split([';', ','], StringSplitOptions.TrimEntries))
        {
            if (!part.StartsWith("api-usage=", StringComparison.OrdinalIgnoreCase))
                continue;
            var numbers = part["api-usage=".Length..].Split('/');
            if (numbers.Length == 2
                && long.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out var used)
                && long.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out var max))
                return (used, max);
        }
        return null;
    }
}
