using System.Text.Json;

namespace Appliance.Engine.Retention;

/// <summary>How many snapshots of each kind are kept (docs/retention.md). All zero keeps just what is always kept.</summary>
public sealed record RetentionPolicy
{
    public int Newest { get; init; }
    public int Hourly { get; init; }
    public int Daily { get; init; }
    public int Weekly { get; init; }
    public int Monthly { get; init; }
    public int Yearly { get; init; }

    /// <summary>IANA name: where a day begins.</summary>
    public string TimeZone { get; init; } = "Etc/UTC";

    /// <summary>Whether a removal is queued after each backup, and when one has to wait for room on the disk.</summary>
    public bool Automatic { get; init; } = true;

    public static RetentionPolicy Parse(string json) => JsonSerializer.Deserialize<RetentionPolicy>(json, JsonSerializerOptions.Web)!;

    public string ToJson() => JsonSerializer.Serialize(this, JsonSerializerOptions.Web);

    /// <summary>Everything that is wrong with it, each with its remedy.</summary>
    public IReadOnlyList<string> Mistakes()
    {
        var wrong = new List<string>();
        foreach (var (name, count) in (ReadOnlySpan<(string, int)>)[("newest", Newest), ("hourly", Hourly), ("daily", Daily), ("weekly", Weekly), ("monthly", Monthly), ("yearly", Yearly)])
            if (count is < 0 or > 10_000) wrong.Add($"{name} is {count}; give a number from 0 to 10000.");
        if (wrong.Count == 0 && Newest + Hourly + Daily + Weekly + Monthly + Yearly == 0) wrong.Add("The policy would keep nothing but the newest snapshot; give at least one number.");
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(TimeZone, out _)) wrong.Add($"There is no time zone '{TimeZone}'; use an IANA name such as Europe/Berlin.");
        return wrong;
    }
}
