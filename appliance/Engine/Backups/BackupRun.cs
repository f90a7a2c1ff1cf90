using System.Collections.Concurrent;
using System.Collections.Immutable;
using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>What a finished run held and did; the <c>result</c> of a backup job (API.md).</summary>
public sealed record BackupSummary(SnapshotManifest Manifest, long RecordsRead, long Files, long BytesRead, long DeletesSeen, long FileBytes, long FileBytesStored)
{
    public long Records => Manifest.Objects.Sum(o => o.LiveRecords);

    /// <summary>Segments that this run wrote.</summary>
    public IEnumerable<SegmentRef> NewSegments => Manifest.Objects.SelectMany(o => o.Segments).Where(s => s.SnapshotId == Manifest.SnapshotId);
}

/// <summary>
/// One backup of one org: from its describe to a manifest that stands in the vault. The caller commits the catalog row afterwards, so a
/// snapshot is visible only when every byte of it is durable. Killed at any moment, the next call with the same snapshot id goes on.
/// </summary>
public sealed class BackupRun(Org org, OrgVault vault, JobProgress progress, EngineOptions options, TimeProvider time)
{
    /// <summary>How the explanation begins of an object that Salesforce did not let be read; what is held of it is older than the snapshot.</summary>
    public const string NotRead = "not read in this run: ";

    public async Task<BackupSummary> RunAsync(
        Guid snapshotId, SnapshotKind kind, Guid? parentId, IProgress<string> log, CancellationToken cancellationToken)
    {
        var before = org.BytesRead;
        progress.CountBytesBy(() => org.BytesRead - before);
        if (await FindManifestAsync(snapshotId, cancellationToken) is { } standing)   // killed between manifest and catalog row
            return Summary(standing);

        var checkpoints = new BackupCheckpoints(vault, snapshotId);
        progress.Phase = "describing";
        var summaries = await org.DescribeGlobalAsync(cancellationToken);
        var run = await checkpoints.StartAsync(cancellationToken) ?? new RunStart(org.ServerTime, parentId, kind);
        await checkpoints.StartedAsync(run, cancellationToken);
        var parent = run.ParentId is { } id ? await vault.ReadManifestAsync(id, cancellationToken) : null;

        var skipped = summaries.Select(s => (s.Name, Reason: SkipList.ReasonToSkip(s))).Where(s => s.Reason is not null).ToList();
        var left = skipped.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var scopes = await ScopesAsync([.. summaries.Where(s => !left.Contains(s.Name)).Select(s => s.Name)], cancellationToken);
        var held = parent is null ? null : vault.Open(parent);
        var previous = parent?.Objects.ToDictionary(o => o.Name, StringComparer.Ordinal) ?? [];
        var objects = new ObjectBackup(new RunContext(org, vault, held, checkpoints, snapshotId, run, progress, options, time));
        var entries = new ConcurrentDictionary<string, ObjectEntry>();

        progress.Phase = "reading";
        progress.ObjectsTotal = scopes.Count;
        await Parallel.ForEachAsync(
            scopes,
            new ParallelOptions { MaxDegreeOfParallelism = options.ParallelObjects, CancellationToken = cancellationToken },
            async (scope, ct) =>
            {
                var entry = await ReadAsync(objects, scope, previous.GetValueOrDefault(scope.Name), log, ct);
                entries[scope.Name] = entry;
                await vault.PutDocumentAsync($"schemas/{scope.SchemaHash}.json", scope.Describe.Json, ct);
                if (entry.ReadRecords > 0 || entry.Explanation is not null)
                    log.Report($"{entry.Name}: {entry.ReadRecords} read, {entry.LiveRecords} held{(entry.Explanation is null ? "" : " — " + entry.Explanation)}");
            });

        progress.Phase = "sealing";
        var manifest = new SnapshotManifest
        {
            SnapshotId = snapshotId,
            VaultId = vault.VaultId,
            OrgId = vault.OrgId,
            ParentId = run.ParentId,
            Kind = parent is null ? SnapshotKind.Full : run.Kind,
            StartedAt = run.OrgTime,
            CompletedAt = time.GetUtcNow(),
            Objects = [.. entries.Values.OrderBy(e => e.Name, StringComparer.Ordinal)],
            Skipped = [.. skipped.Select(s => new SkippedObject(s.Name, s.Reason!))],
            Warnings = Warnings(previous, entries),
        };
        foreach (var warning in manifest.Warnings) log.Report(warning);
        await vault.WriteManifestAsync(manifest, cancellationToken);
        return Summary(manifest);
    }

    /// <summary>To be called when the catalog row stands: the checkpoints have done their duty.</summary>
    public Task ForgetCheckpointsAsync(Guid snapshotId, CancellationToken cancellationToken) =>
        new BackupCheckpoints(vault, snapshotId).ClearAsync(cancellationToken);

    private static async Task<ObjectEntry> ReadAsync(
        ObjectBackup objects, ObjectScope scope, ObjectEntry? previous, IProgress<string> log, CancellationToken cancellationToken)
    {
        try
        {
            return await objects.RunAsync(scope, previous, cancellationToken);
        }
        catch (SalesforceException e) when (e.Kind == FailureKind.Permanent)
        {
            // One object that Salesforce refuses does not stop the others; the certificate says so and what is held stays held.
            log.Report($"{scope.Name}: not read — {e.Message}");
            return (previous ?? new ObjectEntry { Name = scope.Name, Label = scope.Describe.Label, SchemaHash = scope.SchemaHash }) with
            {
                ReadRecords = 0, Explanation = NotRead + e.Message, OrgCount = null,
            };
        }
    }

    private async Task<List<ObjectScope>> ScopesAsync(List<string> names, CancellationToken cancellationToken) =>
        [.. (await org.DescribeManyAsync(names, cancellationToken)).Select(ObjectScope.For)];

    private static ImmutableArray<string> Warnings(
        Dictionary<string, ObjectEntry> previous, ConcurrentDictionary<string, ObjectEntry> entries) =>
        [
            .. previous.Values.Where(p => !entries.ContainsKey(p.Name) && p.LiveRecords > 0)
                .Select(p => $"{p.Name} is no longer visible in the org; its {p.LiveRecords} rows stand in the previous snapshot"),
        ];

    private async Task<SnapshotManifest?> FindManifestAsync(Guid snapshotId, CancellationToken cancellationToken)
    {
        await foreach (var id in vault.ListSnapshotsAsync(cancellationToken))
            if (id == snapshotId) return await vault.ReadManifestAsync(id, cancellationToken);
        return null;
    }

    private BackupSummary Summary(SnapshotManifest manifest) => new(
        manifest, manifest.Objects.Sum(o => o.ReadRecords), manifest.Objects.Sum(o => o.Files), progress.BytesRead, progress.DeletesSeen,
        progress.FileBytes, progress.FileBytesStored);
}
