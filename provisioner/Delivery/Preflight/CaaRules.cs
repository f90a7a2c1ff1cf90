using System.Collections.Immutable;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Preflight;

/// <summary>What CAA records allow (RFC 8659), with the challenge that they may demand (RFC 8657).</summary>
internal static class CaaRules
{
    /// <param name="issue">Values of the issue records at one name, such as "letsencrypt.org; validationmethods=dns-01".</param>
    /// <param name="identities">Names under which the authority goes in CAA; empty when it does not tell.</param>
    public static Finding Judge(string what, string owner, IReadOnlyList<string> issue, ImmutableArray<string> identities, AcmeChallenge challenge)
    {
        var shown = string.Join(", ", issue.Select(v => v.Length == 0 || v == ";" ? "nobody" : v));
        if (identities.IsEmpty) return Finding.Warning(what, $"{owner} allows {shown}, and the authority does not tell its name in CAA.", "Ask the authority which name it goes by, and see that it is allowed.");
        var rules = issue.Select(Parse).ToList();
        var ours = rules.Where(r => identities.Contains(r.Issuer, StringComparer.OrdinalIgnoreCase)).ToList();
        var name = string.Join(" or ", identities);
        if (ours.Count == 0) return Finding.Error(what, $"{owner} allows {shown} and not {name}: the authority would refuse.", $"Add a CAA record at {owner}: 0 issue \"{identities[0]}\".");
        var method = challenge == AcmeChallenge.Dns01 ? "dns-01" : "http-01";
        return ours.Any(r => r.Methods.IsEmpty || r.Methods.Contains(method))
            ? Finding.Fine(what, $"{owner} allows {name}.")
            : Finding.Error(what, $"{owner} allows {name} with {string.Join(", ", ours.SelectMany(r => r.Methods))} only, and the stack uses {method}.", $"Set acmeChallenge accordingly, or add {method} to validationmethods.");
    }

    private static (string Issuer, ImmutableArray<string> Methods) Parse(string value)
    {
        var parts = value.Split(';', StringSplitOptions.TrimEntries);
        var methods = parts.Skip(1).Select(p => p.Split('=', 2, StringSplitOptions.TrimEntries)).Where(p => p.Length == 2 && p[0] == "validationmethods").SelectMany(p => p[1].Split(',', StringSplitOptions.TrimEntries));
        return (parts[0], [.. methods]);
    }
}
