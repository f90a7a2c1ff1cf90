using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace Demo;

/// <summary>What the demo found.</summary>
internal sealed record DemoReport(
    BackupResult Full, BackupResult Incremental, Damage Damage, RestoreResult Restore, DumpComparison Comparison,
    IReadOnlyList<KeyValuePair<string, double>> Seconds, long PeakMemoryBytes)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public long Differences => Comparison.Differences;

    /// <summary>Share of the text that compression saved, indexes and key files counted as stored; 0 to 1.</summary>
    public double TextSpaceSaved => Full.BytesText == 0 ? 0 : Math.Round(1 - (double)Full.BytesTextStored / Full.BytesText, 4);

    public string ToJson() => new JsonObject
    {
        ["objects"] = Full.Objects,
        ["records"] = Full.Records,
        ["files"] = Full.Files,
        ["bytesRead"] = Full.BytesRead,
        ["bytesStored"] = Full.BytesStored,
        ["textSpaceSaved"] = TextSpaceSaved,
        ["incrementalRecordsRead"] = Incremental.RecordsRead,
        ["deletesSeen"] = Incremental.DeletesSeen,
        ["changed"] = Damage.Changed,
        ["deleted"] = Damage.Deleted,
        ["deletedParents"] = Damage.DeletedParents,
        ["restored"] = Restored,
        ["comparedRecords"] = Comparison.Records,
        ["comparedFields"] = Comparison.Fields,
        ["differences"] = Differences,
        ["firstDifferences"] = new JsonArray([.. Comparison.First.Select(text => JsonValue.Create(text))]),
        ["seconds"] = new JsonObject(Seconds.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))),
        ["peakMemoryBytes"] = PeakMemoryBytes,
    }.ToJsonString(Plain);

    public void Write(IAnsiConsole console)
    {
        console.WriteLine();
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn("", c => c.RightAligned());
        Row("objects", Full.Objects);
        Row("records", Full.Records);
        Row("files", Full.Files);
        Row("bytes read from the org", Full.BytesRead);
        Row("bytes stored", Full.BytesStored);
        table.AddRow("space saved on text", TextSpaceSaved.ToString("P1", CultureInfo.InvariantCulture));
        Row("records read by the incremental", Incremental.RecordsRead);
        Row("deletes seen by it", Incremental.DeletesSeen);
        Row("records restored", Restored);
        Row("records compared", Comparison.Records);
        Row("fields compared", Comparison.Fields);
        Row("peak memory of the server, MB", PeakMemoryBytes / 1_000_000);
        table.AddRow("seconds in all", Seconds.Sum(s => s.Value).ToString("N1", CultureInfo.InvariantCulture));
        console.Write(table);
        console.WriteLine();
        foreach (var text in Comparison.First) console.MarkupLineInterpolated($"[red]✗[/] {text}");
        if (Differences > Comparison.First.Count) console.MarkupLineInterpolated($"[red]… and {Differences - Comparison.First.Count:N0} more[/]");
        if (Differences == 0) console.MarkupLine("[green]Nothing differs:[/] the org is what it was before the damage.");
        else console.MarkupLineInterpolated($"[red]{Differences:N0} {(Differences == 1 ? "difference" : "differences")}:[/] the org is not what it was before the damage.");

        void Row(string name, long value) => table.AddRow(name, value.ToString("N0", CultureInfo.InvariantCulture));
    }

    private long Restored => Restore.Undeleted + Restore.Inserted + Restore.Updated;
}
