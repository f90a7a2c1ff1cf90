using System.Collections.Concurrent;
using System.Collections.Immutable;
using Appliance.Engine.Jobs;
using Appliance.Engine.Metadata;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>What a finished run held and did; the <c>result</c> of a backup job (API.md).</summary>
public sealed record BackupSummary(
    SnapshotManifest Manifest, CompletenessCertificate Certificate, long RecordsRead, long Files, long BytesRead, long DeletesSeen, long FileBytes, long FileBytesStored)
{
    public long Records => Manifest.Objects.Sum(o => o.LiveRecords);

    /// <summary>Segments that this run wrote.</summary>
    public IEnumerable<SegmentRef> NewSegments => Manifest.NewSegments;
}

/// <summary>What a run is to do.</summary>
/// <param name="ParentId">The snapshot to build on; null reads everything.</param>
/// <param name="Sync">All Ids of the org are compared with those held, whatever the counts say.</param>
/// <param name="Choice">What templates chose; null for everything. With a parent, what is not chosen is carried over from it.</param>
/// <param name="Formulas">Formula fields are read again in all objects, whatever the rule says.</param>
/// <param name="Metadata">The org's metadata is read too; else it is carried over from the parent.</param>
public sealed record BackupOrder(SnapshotKind Kind, Guid? ParentId, bool Sync = false, BackupChoice? Choice = null, bool Formulas = false, bool Metadata = false);

/// <summary>
/// One backup of one org: from its describe to a manifest that stands in the vault. The caller commits the catalog row afterwards, so a
/// snapshot is visible only when every byte of it is durable. Killed at any moment, the next call with the same snapshot id goes on.
/// </summary>
public sealed class BackupRun(Org org, OrgVault vault, JobProgress progress, EngineOptions options, TimeProvider time)
{
    // Objects under way for each one that works: the others wait for a Bulk job, and cost nothing but that.
    private const int UnderWay = 4;

    public async Task<BackupSummary> RunAsync(Guid snapshotId, BackupOrder order, IProgress<string> log, CancellationToken cancellationToken)
    {
        var before = org.BytesRead;
        progress.CountBytesBy(() => org.BytesRead - before);
        if (await FindManifestAsync(snapshotId, cancellationToken) is { } standing)   // killed between manifest and catalog row
            return Summary(standing, (await vault.ReadCertificateAsync(standing, cancellationToken))!);

        var checkpoints = new BackupCheckpoints(vault, snapshotId);
        progress.Phase = "describing";
        var summaries = await org.DescribeGlobalAsync(cancellationToken);
        var run = await checkpoints.StartAsync(cancellationToken)
            ?? new RunStart(org.ServerTime, order.ParentId, order.Kind, (org.ServerTime - time.GetUtcNow()).TotalSeconds, order.Sync, order.Choice, order.Formulas, order.Metadata);
        await checkpoints.StartedAsync(run, cancellationToken);
        var parent = run.ParentId is { } id ? await vault.ReadManifestAsync(id, cancellationToken) : null;
        var certified = parent is null ? null : await vault.ReadCertificateAsync(parent, cancellationToken);
        if (parent is not null && certified is null) run = run with { Choice = null };   // nothing vouches for what would be carried over

        var choice = run.Choice ?? BackupChoice.Everything;
        var skipped = summaries.Select(s => (s.Name, Reason: choice.ReasonToSkip(s))).Where(s => s.Reason is not null).ToList();
        var left = skipped.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var described = await org.DescribeManyAsync([.. summaries.Where(s => !left.Contains(s.Name)).Select(s => s.Name)], cancellationToken);
        var fieldIds = await org.CustomFieldIdsAsync(cancellationToken);
        var sizes = (parent?.Objects ?? []).ToDictionary(o => o.Name, o => o.LiveRecords, StringComparer.Ordinal);
        // The largest first: their jobs are in the org's queue while the many small ones are read, and none of them is alone at the end.
        List<ObjectScope> scopes = [.. described.Select(d => choice.ScopeOf(d.WithFieldIds(fieldIds))).OrderByDescending(s => sizes.GetValueOrDefault(s.Name))];
        using var turns = new Turns(options.ParallelObjects);
        var held = parent is null ? null : vault.Open(parent);
        var context = new RunContext(
            org, vault, held, HeldUpTo(parent, certified), WhyCompareAll(run, parent, certified), checkpoints, snapshotId, run, progress, options, time, turns);
        var objects = new ObjectRuns(context, parent, certified);
        var done = new ConcurrentDictionary<string, (ObjectEntry Entry, ObjectCertificate Certificate)>();

        progress.CallsToBegin = progress.ApiCalls;
        progress.Phase = "reading";
        progress.ObjectsTotal = scopes.Count;
        try
        {
            await Parallel.ForEachAsync(
                scopes,
                new ParallelOptions { MaxDegreeOfParallelism = 1 + (options.ParallelObjects - 1) * UnderWay, CancellationToken = cancellationToken },
                async (scope, ct) =>
                {
                    var (entry, proof) = done[scope.Name] = await turns.TakeAsync(() => objects.RunAsync(scope, log, ct), ct);
                    foreach (var note in proof.Notes) log.Report($"{entry.Name}: {note}");
                    if (entry.ReadRecords > 0 || entry.Explanation is not null)
                        log.Report($"{entry.Name}: {entry.ReadRecords} read, {entry.LiveRecords} held{(entry.Explanation is null ? "" : " — " + entry.Explanation)}");
                });
        }
        catch
        {
            try
            {
                await checkpoints.NoteUnchangedAsync();      // whatever makes the run wait, it goes on from here
            }
            catch (VaultException e)
            {
                log.Report($"which objects have not changed could not be noted: {e.Message}");       // why the run breaks off is told by what broke it off
            }
            throw;
        }
        if (run.Metadata) await checkpoints.NoteUnchangedAsync();

        var metadata = run.Metadata ? await new MetadataBackup(context, log).RunAsync(parent, cancellationToken) : MetadataBackup.Carried(parent, certified);

        progress.Phase = "sealing";
        var carried = parent is null || run.Choice is null ? [] : Carried(parent, certified, summaries, done.Keys, doubt: WhyDoubtStamps(run, parent, certified) is not null);
        foreach (var (entry, certificateOfIt) in carried) done[entry.Name] = (entry, certificateOfIt);
        var unseen = Unseen(parent, done.Keys);
        foreach (var gap in unseen) log.Report(gap.Text);
        var certificate = new CompletenessCertificate
        {
            SnapshotId = snapshotId,
            VaultId = vault.VaultId,
            OrgId = vault.OrgId,
            ParentId = run.ParentId,
            ParentSha256 = parent?.CertificateSha256,
            StartedAt = run.OrgTime,
            IssuedAt = time.GetUtcNow(),
            ClockOffsetSeconds = run.ClockOffsetSeconds,
            Complete = unseen.IsEmpty && done.Values.All(d => d.Certificate.Complete) && metadata?.Certificate.Complete is not false,
            Objects = [.. done.Values.Select(d => d.Certificate).OrderBy(o => o.Name, StringComparer.Ordinal)],
            Skipped = [.. skipped.Where(s => !done.ContainsKey(s.Name)).Select(s => new SkippedObject(s.Name, s.Reason!))],
            Metadata = metadata?.Certificate,
            Gaps = unseen,
        };
        var manifest = new SnapshotManifest
        {
            SnapshotId = snapshotId,
            VaultId = vault.VaultId,
            OrgId = vault.OrgId,
            ParentId = run.ParentId,
            Kind = parent is null && run.Kind == SnapshotKind.Incremental ? SnapshotKind.Full : run.Kind,
            StartedAt = run.OrgTime,
            CompletedAt = certificate.IssuedAt,
            Objects = [.. done.Values.Select(d => d.Entry).OrderBy(e => e.Name, StringComparer.Ordinal)],
            Skipped = certificate.Skipped,
            Warnings = [.. unseen.Select(g => g.Text), .. fieldIds is null ? (string[])["the connected user may not see the ids of custom fields (View Setup and Configuration): one that was deleted and made again under its name and type is not noticed"] : []],
            Metadata = metadata?.Entry,
            CertificateSha256 = await vault.WriteCertificateAsync(certificate, cancellationToken),
        };
        await vault.WriteManifestAsync(manifest, cancellationToken);
        return Summary(manifest, certificate);
    }

    /// <summary>To be called when the catalog row stands: the checkpoints have done their duty.</summary>
    public Task ForgetCheckpointsAsync(Guid snapshotId, CancellationToken cancellationToken) =>
        new BackupCheckpoints(vault, snapshotId).ClearAsync(cancellationToken);

    /// <summary>
    /// The snapshot before was complete when its certificate was issued by our clock. Where the clocks were not quite together a row may be held with a
    /// later stamp: then it is stored once more, and nothing else depends on it.
    /// </summary>
    private static DateTimeOffset? HeldUpTo(SnapshotManifest? parent, CompletenessCertificate? certified) =>
        parent is null || certified is null ? null : parent.CompletedAt.AddSeconds(certified.ClockOffsetSeconds);

    private string? WhyCompareAll(RunStart run, SnapshotManifest? parent, CompletenessCertificate? certified) =>
        parent is null ? null : run.Sync ? "it was asked for" : WhyDoubtStamps(run, parent, certified);

    /// <summary>Stamps are to be trusted only while the org's clock and ours go together.</summary>
    private string? WhyDoubtStamps(RunStart run, SnapshotManifest parent, CompletenessCertificate? certified)
    {
        if (run.OrgTime < parent.StartedAt) return "the org's clock stands before the start of the snapshot before";
        var leap = certified is null ? 0 : Math.Abs(run.ClockOffsetSeconds - certified.ClockOffsetSeconds);
        return leap > options.WatermarkOverlap.TotalSeconds / 2 ? $"the org's clock has leapt by {leap:0} seconds against ours" : null;
    }

    /// <summary>A composite of templates: what they did not choose stays as the parent has it, and the certificate says so.</summary>
    /// <param name="doubt">The clock leapt: only this run can see that, so it forgets when these objects were compared, and the run that reads them next compares all their Ids.</param>
    private static List<(ObjectEntry, ObjectCertificate)> Carried(
        SnapshotManifest parent, CompletenessCertificate? certified, IEnumerable<ObjectSummary> visible, ICollection<string> done, bool doubt)
    {
        var seen = visible.Select(v => v.Name).ToHashSet(StringComparer.Ordinal);
        var known = (certified?.Objects ?? []).ToDictionary(o => o.Name, StringComparer.Ordinal);
        return
        [
            .. parent.Objects.Where(p => !done.Contains(p.Name) && seen.Contains(p.Name) && known.ContainsKey(p.Name)).Select(p =>
                (p with { ReadRecords = 0 }, known[p.Name] with
                {
                    SyncedAt = doubt ? null : known[p.Name].SyncedAt, Method = ProofMethod.Carried, Read = 0, LateRows = 0, LateChanges = 0, Deletions = 0, HardDeletes = 0,
                    Notes = [$"not chosen in this run: it is carried over from the snapshot of {parent.StartedAt.UtcDateTime:u} or an older one"],
                })),
        ];
    }

    /// <summary>An object that was held and can no longer be seen is a gap that somebody should know of.</summary>
    private static ImmutableArray<CompletenessGap> Unseen(SnapshotManifest? parent, ICollection<string> seen) =>
        [
            .. (parent?.Objects ?? []).Where(p => !seen.Contains(p.Name) && p.LiveRecords > 0)
                .Select(p => new CompletenessGap(GapKind.NotVisible, $"{p.Name} is no longer visible in the org; its {p.LiveRecords} rows stand in the previous snapshot") { Count = p.LiveRecords }),
        ];

    private async Task<SnapshotManifest?> FindManifestAsync(Guid snapshotId, CancellationToken cancellationToken)
    {
        await foreach (var id in vault.ListSnapshotsAsync(cancellationToken))
            if (id == snapshotId) return await vault.ReadManifestAsync(id, cancellationToken);
        return null;
    }

    private BackupSummary Summary(SnapshotManifest manifest, CompletenessCertificate certificate) => new(
        manifest, certificate, manifest.Objects.Sum(o => o.ReadRecords), manifest.Objects.Sum(o => o.Files), progress.BytesRead, progress.DeletesSeen,
        progress.FileBytes, progress.FileBytesStored);
}
