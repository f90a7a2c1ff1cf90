using System.Collections.Immutable;
using System.Text.Json;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>When a run began, by Salesforce's clock: its successor looks back from here.</summary>
/// <param name="ClockOffsetSeconds">The org's clock minus ours.</param>
/// <param name="Sync">All Ids are to be compared.</param>
/// <param name="Choice">What templates chose; null for everything.</param>
/// <param name="Formulas">Formula fields are read again in all objects.</param>
/// <param name="Metadata">The org's metadata is read.</param>
public sealed record RunStart(DateTimeOffset OrgTime, Guid? ParentId, SnapshotKind Kind, double ClockOffsetSeconds = 0, bool Sync = false, BackupChoice? Choice = null, bool Formulas = false, bool Metadata = false);

/// <summary>
/// How far the reading of one object has come. <see cref="NextLocator"/> is the page after the last one whose rows are all durable in
/// <see cref="Segments"/>.
/// </summary>
public sealed record ObjectCheckpoint
{
    public string? QueryJobId { get; init; }
    public string? NextLocator { get; init; }
    public ImmutableArray<SegmentRef> Segments { get; init; } = [];
    public ObjectCounts Counts { get; init; } = new();

    /// <summary>Every row is in the segments; what may be missing is the proof.</summary>
    public bool AllRead { get; init; }

    /// <summary>Of the describe by which the rows were read; another one means that reading begins anew.</summary>
    public string? SchemaHash { get; init; }

    public ObjectEntry? Done { get; init; }
    public ObjectCertificate? Certificate { get; init; }
}

/// <summary>Running totals of one object in one run.</summary>
public sealed record ObjectCounts
{
    public long Read { get; init; }
    public long DeletesSeen { get; init; }
}

/// <summary>
/// The memory of an unfinished run, kept in the vault (under <c>runs/</c>) because that is where its segments are: whoever continues the
/// run, on whatever machine, finds both. Removed when the snapshot stands.
/// </summary>
public sealed class BackupCheckpoints(OrgVault vault, Guid snapshotId)
{
    private const int Together = 25;
    private readonly string _prefix = $"runs/{snapshotId:N}/";
    private readonly Lock _lock = new();
    private readonly Dictionary<string, ObjectCheckpoint> _unchanged = new(StringComparer.Ordinal);
    private Dictionary<string, ObjectCheckpoint> _unwritten = new(StringComparer.Ordinal);

    public async Task<RunStart?> StartAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync<RunStart>("start.json", cancellationToken) is not { } start) return null;
        await foreach (var name in vault.ListDocumentsAsync(_prefix + "unchanged/", cancellationToken))
            foreach (var (objectName, checkpoint) in await ReadAsync<Dictionary<string, ObjectCheckpoint>>(name[_prefix.Length..], cancellationToken) ?? []) _unchanged[objectName] = checkpoint;
        return start;
    }

    public Task StartedAsync(RunStart start, CancellationToken cancellationToken) => WriteAsync("start.json", start, cancellationToken);

    public async Task<ObjectCheckpoint> ObjectAsync(string objectName, CancellationToken cancellationToken) =>
        _unchanged.GetValueOrDefault(objectName) ?? await ReadAsync<ObjectCheckpoint>($"objects/{objectName}.json", cancellationToken) ?? new ObjectCheckpoint();

    public Task ObjectReachedAsync(string objectName, ObjectCheckpoint checkpoint, CancellationToken cancellationToken) =>
        WriteAsync($"objects/{objectName}.json", checkpoint, cancellationToken);

    /// <summary>
    /// An object is done after one look, and the run stored nothing of it. That costs one call to find out again, so such objects are noted some at a time: where the vault
    /// lies in S3, each note is a request to write and one to remove.
    /// </summary>
    public async Task UnchangedAsync(string objectName, ObjectCheckpoint done)
    {
        lock (_lock)
        {
            _unwritten[objectName] = done;
            if (_unwritten.Count < Together) return;
        }
        await NoteUnchangedAsync();
    }

    /// <summary>Notes what <see cref="UnchangedAsync"/> has not noted yet: to be called before the run waits, is paused or ends.</summary>
    public async Task NoteUnchangedAsync()
    {
        Dictionary<string, ObjectCheckpoint> taken;
        lock (_lock) (taken, _unwritten) = (_unwritten, new(StringComparer.Ordinal));
        if (taken.Count == 0) return;
        try
        {
            // Not to be cancelled: that the run is broken off is what this is for.
            await WriteAsync($"unchanged/{Guid.CreateVersion7():N}.json", taken, CancellationToken.None);
        }
        catch
        {
            lock (_lock) foreach (var (name, done) in taken) _unwritten.TryAdd(name, done);
            throw;
        }
    }

    /// <summary>Forgets what was read of one object: it is read anew.</summary>
    public Task ForgetObjectAsync(string objectName, CancellationToken cancellationToken) => ObjectReachedAsync(objectName, new ObjectCheckpoint(), cancellationToken);

    /// <summary>Forgets the run; harmless when repeated.</summary>
    public async Task ClearAsync(CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var name in vault.ListDocumentsAsync(_prefix, cancellationToken)) names.Add(name);
        foreach (var name in names) await vault.DeleteDocumentAsync(name, cancellationToken);
    }

    internal Task<byte[]?> BytesAsync(string name, CancellationToken cancellationToken) => vault.GetDocumentAsync(_prefix + name, cancellationToken);

    internal Task BytesAsync(string name, byte[] content, CancellationToken cancellationToken) => vault.ReplaceDocumentAsync(_prefix + name, content, cancellationToken);

    internal async Task<T?> ReadAsync<T>(string name, CancellationToken cancellationToken) where T : class =>
        await vault.GetDocumentAsync(_prefix + name, cancellationToken) is { } bytes ? JsonSerializer.Deserialize<T>(bytes) : null;

    internal Task WriteAsync<T>(string name, T value, CancellationToken cancellationToken) =>
        vault.ReplaceDocumentAsync(_prefix + name, JsonSerializer.SerializeToUtf8Bytes(value), cancellationToken);
}
