using System.Text.Json;

namespace Appliance.Engine.Alerts;

/// <summary>When deletes or changes of an org count as unusual.</summary>
/// <param name="Factor">How many times the usual spread above the median, 2–100.</param>
/// <param name="MinimumDeletes">Fewer are never told, 1 and more.</param>
/// <param name="MinimumChanges">The same of changes.</param>
public sealed record AnomalyRule(bool On = true, double Factor = 6, long MinimumDeletes = 50, long MinimumChanges = 1_000)
{
    /// <summary>Runs that the comparison looks back at.</summary>
    public const int Runs = 20;

    /// <summary>With fewer runs nothing is known of what is usual; only the loss of a large part of an object is told.</summary>
    public const int FewestRuns = 5;

    public static AnomalyRule Default { get; } = new();

    public static AnomalyRule Parse(string? json) => json is null ? Default : JsonSerializer.Deserialize<AnomalyRule>(json, JsonSerializerOptions.Web) ?? Default;

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    public string? Mistake() =>
        Factor is not (>= 2 and <= 100) ? "The factor is 2 to 100." : MinimumDeletes < 1 || MinimumChanges < 1 ? "The smallest number that is told is 1 or more." : null;
}
