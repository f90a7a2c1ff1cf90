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

    public async Task<(ObjectEntry Entry, ObjectCertificate Certificate)> RunAsync(
        ObjectScope scope, ObjectEntry? previous, ObjectCertificate? known, CancellationToken cancellationToken)
    {
        var checkpoint = await run.Checkpoints.ObjectAsync(scope.Name, cancellationToken);
        if (checkpoint is { Done: { } done, Certificate: { } certified }) return Counted(done, certified);
        // The org's schema has changed since the run was broken off: what was read then has other columns.
        if (checkpoint.SchemaHash is { } read && read != scope.SchemaHash) checkpoint = new ObjectCheckpoint();

        var drift = await DriftAsync(scope, previous, cancellationToken);
        var since = ChangesOnly(scope, previous, drift) ? previous : null;
        var formulas = FormulasRead(scope, since, known);
        var look = since is not null && formulas?.SnapshotId != run.SnapshotId && checkpoint is { AllRead: false, QueryJobId: null } ? await LookAsync(scope, since, cancellationToken) : null;
        if (look is { Changed: 0 }) checkpoint = checkpoint with { AllRead = true };
        checkpoint = await ReadAllAsync(scope, since, formulas, checkpoint, look?.Changed, cancellationToken);

        var entry = new ObjectEntry
        {
            Name = scope.Name,
            Label = scope.Describe.Label,
            SchemaHash = scope.SchemaHash,
            Segments = [.. since?.Segments ?? [], .. checkpoint.Segments],
        };
        var (proven, certificate) = await new ObjectProof(run, scope, since, known, formulas, drift.Notes).ProveAsync(entry, checkpoint.Counts, look is { Changed: 0 } ? look : null, cancellationToken);
        proven = await CompactAsync(proven, cancellationToken);
        checkpoint = checkpoint with { Done = proven, Certificate = certificate };
        if (look is { Changed: 0 } && proven.Segments.All(s => s.SnapshotId != run.SnapshotId)) await run.Checkpoints.UnchangedAsync(scope.Name, checkpoint);
        else await run.Checkpoints.ObjectReachedAsync(scope.Name, checkpoint, cancellationToken);
        return Counted(proven, certificate);
    }

    /// <summary>
    /// A page that breaks off is read again from the last checkpoint, with the rows since then forgotten. When the org has lost the cursor, the
    /// job or its result (kept for seven days), or the job failed, the object is read from the start; in the end by REST, without jobs.
    /// </summary>
    private async Task<ObjectCheckpoint> ReadAllAsync(ObjectScope scope, ObjectEntry? since, FormulaReading? formulas, ObjectCheckpoint checkpoint, long? expected, CancellationToken cancellationToken)
    {
        var lost = 0;
        for (var attempt = 1; !checkpoint.AllRead; attempt++)
        {
            try
            {
                checkpoint = await new ObjectReading(run, scope, since, checkpoint, whole: formulas?.SnapshotId == run.SnapshotId, expected, byRest: lost == Attempts - 1).ReadAsync(cancellationToken);
            }
            catch (SalesforceException e) when (attempt < Attempts && (e.ResultLost || e.Kind == FailureKind.Transient))
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt * attempt), run.Time, cancellationToken);
                if (e.ResultLost) lost++;
                checkpoint = e.ResultLost ? new ObjectCheckpoint() : await run.Checkpoints.ObjectAsync(scope.Name, cancellationToken);
            }
        }
        return checkpoint;
    }

    private async Task<OrgIds?> LookAsync(ObjectScope scope, ObjectEntry since, CancellationToken cancellationToken) =>
        scope.Where is null && since.LiveRecords + since.DeletedRecords <= run.Options.RestRows ? await OrgIds.LookAsync(run, scope, since.Watermark!.Value, cancellationToken) : null;

    /// <summary>The run that read the formula fields last: this one when it reads everything, or when the rule or somebody asks for it. Null for an object without any.</summary>
    private FormulaReading? FormulasRead(ObjectScope scope, ObjectEntry? since, ObjectCertificate? known)
    {
        if (!scope.HasFormulas) return null;
        var due = since is null || run.Start.Formulas || known?.Formulas is not { } last || run.Start.OrgTime - last.ReadAt >= run.Options.FormulasEvery;
        return due ? new FormulaReading(run.Start.OrgTime, run.SnapshotId) : known!.Formulas;
    }

    /// <summary>What cannot be merged stays as it is: damage in old segments is verification's to tell, and no reason to be without today's backup.</summary>
    private async Task<ObjectEntry> CompactAsync(ObjectEntry entry, CancellationToken cancellationToken)
    {
        if (CompactionPlan.For(entry.Segments, entry.LiveRecords + entry.DeletedRecords) is not { } plan) return entry;
        try
        {
            return await run.Vault.CompactAsync(entry, plan, run.SnapshotId, cancellationToken, run.Options.SegmentFlushBytes);
        }
        catch (VaultException e) when (e.Kind == Appliance.Vault.FailureKind.Permanent)
        {
            return entry;
        }
    }

    private (ObjectEntry, ObjectCertificate) Counted(ObjectEntry entry, ObjectCertificate certificate)
    {
        run.Progress.SawDeletes(certificate.Deletions);
        run.Progress.ObjectDone();
        return (entry, certificate);
    }

    /// <summary>Only changes are read when the org can tell them, and when the snapshot before has of every column of today what the row held then.</summary>
    private bool ChangesOnly(ObjectScope scope, ObjectEntry? previous, SchemaDrift drift) =>
        run.Start.Kind == SnapshotKind.Incremental && previous is { Watermark: not null } && scope.ChangeField is not null && run.Held is not null && (!drift.ReadWhole || previous.Segments.IsEmpty);

    private async Task<SchemaDrift> DriftAsync(ObjectScope scope, ObjectEntry? previous, CancellationToken cancellationToken)
    {
        if (run.Held is null) return SchemaDrift.None;
        if (previous is null) return SchemaDrift.New;
        if (previous.SchemaHash == scope.SchemaHash) return SchemaDrift.None;
        return await run.Vault.GetDocumentAsync($"schemas/{previous.SchemaHash}.json", cancellationToken) is { } json ? SchemaDrift.Between(ObjectDescribe.Parse(json), scope) : SchemaDrift.Unknown;
    }
}
