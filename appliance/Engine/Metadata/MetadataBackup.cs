using System.Collections.Immutable;
using System.IO.Compression;
using Appliance.Engine.Backups;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Metadata;

/// <summary>
/// Reads the org's metadata into a snapshot: lists, plans parts, reads each, joins what parts tell of the same file, and writes down what differs from the snapshot before.
/// What cannot be had is named in the certificate and does not stop the rest; its older files stay.
/// </summary>
internal sealed class MetadataBackup(RunContext run, IProgress<string> log)
{
    private readonly MetadataCheckpoints _checkpoints = new(run.Checkpoints);
    private readonly MetadataListing _listing = new(run.Org);

    /// <summary>For a run that does not read metadata: as the parent has it; null when that has none.</summary>
    public static MetadataDone? Carried(SnapshotManifest? parent, CompletenessCertificate? certified) =>
        parent?.Metadata is not { } entry || certified?.Metadata is not { } certificate ? null : new MetadataDone(entry, certificate with
        {
            Carried = true, Notes = [$"not read in this run: it is that of {entry.ReadAt.UtcDateTime:u}"],
        });

    public async Task<MetadataDone> RunAsync(SnapshotManifest? parent, CancellationToken cancellationToken)
    {
        if (await _checkpoints.DoneAsync(cancellationToken) is { } done) return done;
        run.Progress.Phase = "listing metadata";
        var (segments, held) = await HeldAsync(parent, cancellationToken);
        var paper = await PaperAsync(held.Values, cancellationToken);
        var parts = await new PartReading(run, paper, _checkpoints, log).ReadAsync(cancellationToken);
        run.Progress.Phase = "sealing metadata";
        var files = await FilesAsync(parts, held, cancellationToken);
        var (gaps, lacking, unlisted, gone) = await GapsAsync(paper, parts, cancellationToken);
        // What could not be read stays as it was; also a profile that only some of its parts gave: what is held of it tells more.
        foreach (var old in held.Values)
            if (paper.Failed is not null || lacking.Contains(old.Component) || (unlisted.Contains(old.Type) && !files.ContainsKey(old.Path))) files[old.Path] = old;

        var changed = files.Values.Where(f => held.GetValueOrDefault(f.Path) != f).ToList();
        foreach (var file in changed)
            if (held.GetValueOrDefault(file.Path)?.Content != file.Content) run.Progress.FileStored(file.Content.Length, await run.Vault.StoredFileBytesAsync(file.Content, cancellationToken));
        segments = await run.Vault.WriteMetadataAsync(run.SnapshotId, segments, changed, held.Keys.Where(path => !files.ContainsKey(path)), files.Count, cancellationToken);
        done = new MetadataDone(
            new MetadataEntry
            {
                Segments = segments, Components = files.Values.Select(f => f.Component).Distinct().Count(), Files = files.Count, ApiVersion = paper.ApiVersion, ReadAt = run.Start.OrgTime, SnapshotId = run.SnapshotId,
            },
            new MetadataCertificate
            {
                Complete = gaps.IsEmpty, ReadAt = run.Start.OrgTime, SnapshotId = run.SnapshotId, Types = Counts(paper, files.Values, gone), Gaps = gaps, Notes = Notes(parts),
                Skipped = [.. paper.Hidden.Select(h => new SkippedObject(h.Key, $"{h.Value} of installed packages: Salesforce hides their content, and installing the package brings them back"))],
            });
        await _checkpoints.DoneAsync(done, cancellationToken);
        log.Report($"metadata: {done.Entry.Components} components in {files.Count} files held, {changed.Count} files new or changed{(gaps.IsEmpty ? "" : $", {gaps.Length} gaps")}");
        return done;
    }

    /// <summary>A list that cannot be read is verification's to tell, and no reason to be without today's: then all of it is written anew.</summary>
    private async Task<(ImmutableArray<SegmentRef> Segments, Dictionary<string, MetadataFile> Files)> HeldAsync(SnapshotManifest? parent, CancellationToken cancellationToken)
    {
        if (parent?.Metadata is not { } entry) return ([], []);
        try
        {
            return (entry.Segments, await run.Vault.ReadMetadataAsync(parent, cancellationToken).ToDictionaryAsync(f => f.Path, StringComparer.Ordinal, cancellationToken));
        }
        catch (VaultException e) when (e.Kind == Appliance.Vault.FailureKind.Permanent)
        {
            log.Report($"metadata: that of the snapshot before cannot be read — {e.Message}");
            return ([], []);
        }
    }

    private async Task<MetadataPaper> PaperAsync(IEnumerable<MetadataFile> held, CancellationToken cancellationToken)
    {
        if (await _checkpoints.PaperAsync(cancellationToken) is { } standing) return standing;
        var sizes = new MetadataSizes();
        foreach (var file in held) sizes.Know(file);
        MetadataPaper paper;
        try
        {
            var listed = await _listing.ReadAsync(cancellationToken);
            var types = listed.Types.ToDictionary(t => t.Name, StringComparer.Ordinal);
            var components = listed.Components.Select(c => sizes.Plan(c, types[c.Type])).Concat(listed.Guessed.Select(c => sizes.Plan(c, types[c.Type], guessed: true)));
            var parts = MetadataPlan.For(components, new PartLimits(run.Options.MetadataPartFiles, run.Options.MetadataPartBytes));
            paper = new MetadataPaper(listed.Types, parts, listed.Unlisted, listed.Hidden, run.Org.ApiVersion[1..]);
            log.Report($"metadata: {listed.Components.Length} components of {types.Count} types, in {parts.Length} parts");
        }
        catch (SalesforceException e) when (MetadataListing.IsOfThePart(e))
        {
            log.Report($"metadata: not read — {e.Message}");
            paper = new MetadataPaper([], [], [], ImmutableSortedDictionary<string, int>.Empty, run.Org.ApiVersion[1..], $"{e.Message} {e.Remedy}");
        }
        await _checkpoints.PaperAsync(paper, cancellationToken);
        return paper;
    }

    /// <summary>All files by path. Those that tell of others are joined from the parts in which they stood, one file at a time.</summary>
    private async Task<Dictionary<string, MetadataFile>> FilesAsync(
        List<(MetadataPart Part, PartResult Result)> parts, Dictionary<string, MetadataFile> held, CancellationToken cancellationToken)
    {
        var files = new Dictionary<string, MetadataFile>(StringComparer.Ordinal);
        var toJoin = new Dictionary<string, PartFile>(StringComparer.Ordinal);
        foreach (var file in parts.SelectMany(p => p.Result.Files))
            if (file.Content is null) toJoin[file.Path] = file;
            else if (ContentReference.TryParse(file.Content, out var content)) files[file.Path] = Of(file, content);
        if (toJoin.Count == 0) return files;

        var zips = new List<ZipArchive>();
        try
        {
            foreach (var (part, result) in parts.Where(p => p.Result.Files.Any(f => f.Content is null)))
            {
                var texts = await _checkpoints.TextsAsync(part.Name, cancellationToken) ?? throw new EngineException($"Part {part.Name} of the metadata is not in the vault.", "Start a new backup.");
                zips.Add(new ZipArchive(new MemoryStream(texts), ZipArchiveMode.Read));
            }
            foreach (var (path, file) in toJoin)
            {
                var texts = new List<byte[]>();
                foreach (var entry in zips.Select(z => z.GetEntry(path)).OfType<ZipArchiveEntry>())
                {
                    using var text = new MemoryStream();
                    await using var stream = await entry.OpenAsync(cancellationToken);
                    await stream.CopyToAsync(text, cancellationToken);
                    texts.Add(text.ToArray());
                }
                var joined = JoinedXml.Of(texts);
                files[path] = Of(file, await SameAsync(held.GetValueOrDefault(path), joined, cancellationToken) ?? await run.Vault.PutFileAsync(new MemoryStream(joined), cancellationToken));
            }
        }
        finally
        {
            foreach (var zip in zips) await zip.DisposeAsync();
        }
        return files;

        // The MD5 that a fresh reference carries is not stored, so that equal files are equal.
        static MetadataFile Of(PartFile file, ContentReference content) => new(file.Path, file.Type, file.FullName, file.ComponentId, file.LastModifiedDate, content with { Md5 = null });
    }

    /// <summary>The content that is held, when it tells the same: another cut into parts must not look like a change.</summary>
    private async Task<ContentReference?> SameAsync(MetadataFile? held, byte[] text, CancellationToken cancellationToken)
    {
        if (held is null) return null;
        try
        {
            using var old = new MemoryStream();
            await using var content = await run.Vault.OpenFileAsync(held.Content, cancellationToken);
            await content.CopyToAsync(old, cancellationToken);
            return JoinedXml.TellTheSame(old.ToArray(), text) ? held.Content : null;
        }
        catch (VaultException e) when (e.Kind == Appliance.Vault.FailureKind.Permanent)
        {
            return null;        // damaged: then today's is stored
        }
    }

    /// <summary>What is missing: components that the org did not give, and types that it did not list. A component that it no longer lists was deleted meanwhile: that is gone, and none.</summary>
    private async Task<(ImmutableArray<CompletenessGap> Gaps, HashSet<(string Type, string FullName)> Lacking, HashSet<string> Unlisted, HashSet<(string Type, string FullName)> Gone)> GapsAsync(
        MetadataPaper paper, List<(MetadataPart Part, PartResult Result)> parts, CancellationToken cancellationToken)
    {
        if (paper.Failed is { } failed) return ([new CompletenessGap(GapKind.NotRead, $"Metadata was not read: {failed}")], [], [], []);
        var given = parts.SelectMany(p => p.Result.Files).Select(f => (f.Type, f.FullName)).ToHashSet();
        var planned = parts.SelectMany(p => p.Part.All).DistinctBy(c => c.Key).ToDictionary(c => c.Key);
        var missing = parts.SelectMany(p => p.Result.Missing).Where(m => !planned[(m.Type, m.FullName)].Guessed).ToList();
        var gone = missing.Select(m => (m.Type, m.FullName)).ToHashSet();
        if (gone.Count > 0) gone.ExceptWith(await _listing.StillThereAsync(paper.Types, [.. gone.Select(key => planned[key])], cancellationToken));
        missing.RemoveAll(m => gone.Contains((m.Type, m.FullName)));
        var unlisted = paper.Unlisted.Select(u => u.Type).ToHashSet(StringComparer.Ordinal);
        var lacking = missing.Select(m => (m.Type, m.FullName)).ToHashSet();
        return (
            [
                .. paper.Unlisted.Select(u => new CompletenessGap(GapKind.NotRead, $"{u.Type}{(u.Folder is null ? "" : $" in the folder {u.Folder}")}: not listed, so nothing of it was read: {u.Why}")),
                .. missing.GroupBy(m => (m.Type, Why: m.Why.Replace(m.FullName, "…", StringComparison.Ordinal))).OrderBy(g => g.Key.Type, StringComparer.Ordinal).Select(group =>
                {
                    var names = group.Select(m => $"{m.Type}:{m.FullName}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
                    var partly = group.All(m => given.Contains((m.Type, m.FullName)));      // joined from fewer parts than there were
                    return new CompletenessGap(partly ? GapKind.NotProven : GapKind.Files, $"{group.Key.Type}: {names.Count} not {(partly ? "wholly " : "")}read: {group.First().Why}")
                    {
                        Count = names.Count, Ids = [.. names.Take(CompletenessGap.MostIds)],
                    };
                }),
            ],
            lacking, unlisted, gone);
    }

    private static ImmutableArray<MetadataTypeCount> Counts(MetadataPaper paper, IEnumerable<MetadataFile> files, HashSet<(string Type, string FullName)> gone)
    {
        var held = files.ToLookup(f => f.Type, StringComparer.Ordinal);
        var listed = paper.Parts.SelectMany(p => p.All).Where(c => !c.Guessed && !gone.Contains(c.Key)).DistinctBy(c => c.Key).ToLookup(c => c.Type, StringComparer.Ordinal);
        var unlisted = paper.Unlisted.Select(u => u.Type).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. paper.Types.Select(t => t.Name).Concat(held.Select(h => h.Key)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)
                .Where(name => held.Contains(name) || listed.Contains(name) || unlisted.Contains(name))
                .Select(name => new MetadataTypeCount(
                    name, unlisted.Contains(name) || paper.Failed is not null || !listed.Contains(name) ? null : listed[name].Count(),
                    held[name].Select(f => f.FullName).Distinct(StringComparer.Ordinal).Count(), held[name].Count())),
        ];
    }

    /// <summary>A profile that did not fit into one part with a component tells nothing of it.</summary>
    private static ImmutableArray<string> Notes(List<(MetadataPart Part, PartResult Result)> parts)
    {
        var names = parts.Where(p => p.Part.Own.IsEmpty).Select(p => p.Part.Name).ToHashSet(StringComparer.Ordinal);
        var apart = parts.Where(p => p.Part is { Own: [_], Beside: [] } && p.Part.Name.EndsWith(".1", StringComparison.Ordinal) && names.Contains(p.Part.Name[..^1] + "2")).Select(p => p.Part.Own[0]);
        return [.. apart.Select(c => $"what some profiles and permission sets say of {c.Type} {c.FullName} is not held: together they are more than Salesforce gives at once")];
    }
}
