using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Appliance.Engine.Diagnosis;

/// <summary>
/// Lets of a log only that through which is known to hold no secret: lines of the table of events (docs/events.md) with the values that are ids, counts and names of ours; of failures
/// the types of exceptions and the places in the code. Everything else becomes a note of how much was left out.
/// </summary>
public sealed partial class LogSieve
{
    /// <summary>Values of events that are ours: ids, counts, words of our own lists. What is not named here (addresses, links, causes, names that people gave) is left out.</summary>
    private static readonly ImmutableHashSet<string> s_open =
    [
        "JobId", "Kind", "Attempt", "SnapshotId", "Records", "NewBytes", "State", "Reason", "Number", "ServerVersion", "Version", "Operation", "ObjectName", "Failed", "DelayMs", "Worker", "ScheduleId",
        "Rows", "Bytes", "UserId", "Method", "OrgId",
    ];

    private readonly ImmutableDictionary<int, (string Template, Regex Pattern)> _events;

    public LogSieve()
    {
        using var page = new StreamReader(typeof(LogSieve).Assembly.GetManifestResourceStream("events.md")!);
        var events = ImmutableDictionary.CreateBuilder<int, (string, Regex)>();
        while (page.ReadLine() is { } line)
            if (Row().Match(line) is { Success: true } row) events[int.Parse(row.Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture)] = (row.Groups[2].Value, Pattern(row.Groups[2].Value));
        _events = events.ToImmutable();
    }

    /// <summary>The lines that may be seen.</summary>
    public IEnumerable<string> Through(IEnumerable<string> lines)
    {
        ArgumentNullException.ThrowIfNull(lines);
        var (left, known) = (0, (string?)null);
        foreach (var raw in lines)
        {
            var line = Stamp().Replace(raw, "");
            var stamp = raw[..^line.Length].Trim();
            string? keep = null;
            if (Header().Match(line) is { Success: true } header)
            {
                known = header.Groups[3].Value;
                keep = $"{header.Groups[1].Value}: {(header.Groups[2].Value.StartsWith("Appliance.", StringComparison.Ordinal) ? header.Groups[2].Value : "(elsewhere)")}[{known}]";
            }
            else if (Place().Match(line) is { Success: true } place)
            {
                keep = $"         at {place.Groups[1].Value}";
            }
            else if (Thrown().Match(line) is { Success: true } thrown)
            {
                keep = $"      {thrown.Groups[1].Value}: (text left out)";
            }
            else if (known is not null && int.TryParse(known, out var id) && _events.TryGetValue(id, out var entry) && entry.Pattern.Match(line.Trim()) is { Success: true } message)
            {
                keep = "      " + Value().Replace(entry.Template, v => s_open.Contains(v.Groups[1].Value) ? message.Groups[v.Groups[1].Value].Value : $"({v.Groups[1].Value} left out)");
                known = null;
            }
            if (keep is null)
            {
                left++;
                continue;
            }
            if (left > 0) yield return $"      ({left} lines left out)";
            left = 0;
            yield return stamp.Length > 0 ? $"{stamp} {keep}" : keep;
        }
        if (left > 0) yield return $"      ({left} lines left out)";
    }

    /// <summary>A value that may be shown has the shape of an id, a number or one word; any other text does not fit and the line is left out.</summary>
    private static Regex Pattern(string template)
    {
        var parts = Value().Split(template);                                     // text, name, text, name, …
        var pattern = string.Concat(parts.Select((p, i) => i % 2 == 0 ? Regex.Escape(p) : s_open.Contains(p) ? $"(?<{p}>[\\w.:/#+-]{{0,80}}?)" : "(?:.*?)"));
        return new Regex($"^{pattern}$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
    }

    [GeneratedRegex(@"^\| (\d+) \| \w+ \| (.*?) \|")]
    private static partial Regex Row();

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Value();

    // What journald, docker or the console's formatter put before a line: a date and time, nothing else.
    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]*(Z|[+-]\d\d:?\d\d)?\s+")]
    private static partial Regex Stamp();

    [GeneratedRegex(@"^(trce|dbug|info|warn|fail|crit): ([\w.+`]{1,200})\[(\d+)\]$")]
    private static partial Regex Header();

    [GeneratedRegex(@"^\s+at ([\w.`<>|+,\[\]]{1,300})\(")]
    private static partial Regex Place();

    [GeneratedRegex(@"^\s+(?:---> )?((?:[A-Z]\w*\.)+\w*Exception)(?: \(0x\w+\))?: ")]
    private static partial Regex Thrown();
}
