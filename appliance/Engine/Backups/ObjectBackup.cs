using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>
/// Reads one object of one run into segments: all rows, or those changed since the watermark. May be killed anywhere; the next call with the
/// same checkpoints goes on after the last page whose rows are durable.
/// </summary>
internal sealed class ObjectBackup(RunContext run)
{
    private const int Attempts = 4;

    public async Task<ObjectEntry> RunAsync(ObjectScope scope, ObjectEntry? previous, CancellationToken cancellationToken)
    {
        var checkpoint = await run.Checkpoints.ObjectAsync(scope.Name, cancellationToken);
        if (checkpoint.Done is { } done) return Counted(done, checkpoint.Counts);

        var since = await ChangesOnlyAsync(scope, previous, cancellationToken) ? previous : null;
        checkpoint = await ReadAllAsync(scope, since, checkpoint, cancellationToken);

        var entry = new ObjectEntry
        {
            Name = scope.Name,
            Label = scope.Describe.Label,
            SchemaHash = scope.SchemaHash,
            Segments = [.. since?.Segments ?? [], .. checkpoint.Segments],
            Watermark = run.Start.OrgTime - run.Options.WatermarkOverlap,
            LiveRecords = checkpoint.Counts.Live,
            DeletedRecords = checkpoint.Counts.Deleted,
            ReadRecords = checkpoint.Counts.Read,
            Files = checkpoint.Counts.Files,
            Explanation = checkpoint.Explanation,
        };
        var completeness = new Completeness(run.Org, run.Vault, run.SnapshotId, run.Progress, run.Options);
        if (since?.Explanation is not null && scope.FileField is not null) entry = await completeness.FetchLostFilesAsync(scope, entry, cancellationToken);
        var (complete, deletesFound) = await completeness.ProveAsync(scope, entry, cancellationToken);
        var counts = checkpoint.Counts with { DeletesSeen = checkpoint.Counts.DeletesSeen + deletesFound };
        await run.Checkpoints.ObjectReachedAsync(scope.Name, checkpoint with { Done = complete, Counts = counts }, cancellationToken);
        return Counted(complete, counts);
    }

    /// <summary>A page that breaks off is read again from the last checkpoint, with the rows since then forgotten.</summary>
    private async Task<ObjectCheckpoint> ReadAllAsync(ObjectScope scope, ObjectEntry? since, ObjectCheckpoint checkpoint, CancellationToken cancellationToken)
    {
        for (var attempt = 1; !checkpoint.AllRead; attempt++)
        {
            try
            {
                checkpoint = await new ObjectReading(run, scope, since, checkpoint).ReadAsync(cancellationToken);
            }
            catch (SalesforceException e) when (e.Kind == FailureKind.Transient && attempt < Attempts)
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt * attempt), run.Time, cancellationToken);
                checkpoint = await run.Checkpoints.ObjectAsync(scope.Name, cancellationToken);
            }
        }
        return checkpoint;
    }

    private ObjectEntry Counted(ObjectEntry entry, ObjectCounts counts)
    {
        run.Progress.SawDeletes(counts.DeletesSeen);
        run.Progress.ObjectDone();
        return entry;
    }

    /// <summary>
    /// Only changes are read when the org can tell them and the previous run knew every column of today under the same type: a field that is
    /// new, of another type, or back after it was gone leaves no stamp on old rows, so the object is read whole once.
    /// </summary>
    private async Task<bool> ChangesOnlyAsync(ObjectScope scope, ObjectEntry? previous, CancellationToken cancellationToken) =>
        run.Start.Kind == SnapshotKind.Incremental && previous is { Watermark: not null } && scope.ChangeField is not null && run.Held is not null
        && (previous.SchemaHash == scope.SchemaHash || previous.Segments.IsEmpty || await KnewFieldsAsync(scope, previous, cancellationToken));

    private async Task<bool> KnewFieldsAsync(ObjectScope scope, ObjectEntry previous, CancellationToken cancellationToken)
    {
        if (await run.Vault.GetDocumentAsync($"schemas/{previous.SchemaHash}.json", cancellationToken) is not { } json) return false;
        var before = ObjectDescribe.Parse(json).Fields.Select(Kind).ToHashSet();
        return scope.Describe.Fields.Where(f => scope.Columns.Contains(f.Name)).Select(Kind).All(before.Contains);

        static (string, string, int, bool) Kind(FieldDescribe field) => (field.Name, field.Type, field.Scale, field.Calculated);
    }
}
