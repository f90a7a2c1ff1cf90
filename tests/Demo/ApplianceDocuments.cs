using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Demo;

// The parts of the API's documents (appliance/Server/API.md) that the demo reads.

internal sealed record JobDocument(string Id, string State, JobProgress? Progress, JsonElement Result, JobError? Error)
{
    public bool HasEnded => State is "completed" or "completedWithWarnings" or "failed" or "aborted";

    public T ReadResult<T>() => Result.Deserialize<T>(JsonSerializerOptions.Web)!;

    public DemoFailure Failure() => new($"The job {State}: {Error?.Cause ?? "no cause given"}", Error?.Remedy ?? $"See the log of job {Id}.");
}

internal sealed record JobError(string? Cause, string? Remedy);

internal sealed record JobProgress(string? Phase, long ObjectsDone, long ObjectsTotal, long RecordsDone, long? RecordsTotal)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Phase}: {ObjectsDone:N0}/{ObjectsTotal:N0} objects, {RecordsDone:N0} records");
}

/// <summary>Counts and bytes of one backup; BytesText and BytesTextStored are the text part alone, before and after compression.</summary>
internal sealed record BackupResult(
    string SnapshotId, long Objects, long Records, long RecordsRead, long Files, long BytesRead, long BytesText, long BytesTextStored, long BytesStored, long DeletesSeen);

internal sealed record RestoreResult(long Undeleted, long Inserted, long Updated, long Unchanged, long Failed);

internal sealed record RestorePlan(IReadOnlyList<PlannedObject> Objects, IReadOnlyList<PlannedStep> Steps, IReadOnlyList<string> Warnings, long ApiCalls)
{
    public Table AsTable()
    {
        var table = new Table().Border(TableBorder.Simple).Title("Restore plan").AddColumn("Object");
        foreach (var heading in new[] { "undelete", "insert", "update", "unchanged", "blocked" }) table.AddColumn(heading, c => c.RightAligned());
        foreach (var o in Objects.Where(o => o.Undeletes + o.Inserts + o.Updates + o.Blocked > 0))
            table.AddRow([Markup.Escape(o.Name), .. new[] { o.Undeletes, o.Inserts, o.Updates, o.Unchanged, o.Blocked }.Select(n => n.ToString("N0", CultureInfo.InvariantCulture))]);
        var caption = string.Create(CultureInfo.InvariantCulture, $"{Steps.Count} steps, about {ApiCalls:N0} API calls");
        return table.Caption(Markup.Escape(string.Join("\n", [caption, .. Warnings])));
    }
}

internal sealed record PlannedObject(string Name, long Undeletes, long Inserts, long Updates, long Unchanged, long Blocked);

internal sealed record PlannedStep(int Number, string? Text);

internal static class JsonElements
{
    extension(JsonElement element)
    {
        /// <summary>The text of a member, or null where it is absent or no text.</summary>
        public string? Text(string name) =>
            element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
