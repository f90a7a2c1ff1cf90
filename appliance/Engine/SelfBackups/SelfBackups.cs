using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using Appliance.Catalog;
using Appliance.Vault;

namespace Appliance.Engine.SelfBackups;

/// <summary>One self-backup that stands in the storage.</summary>
public sealed record SelfBackup(string Name, DateTimeOffset TakenAt);

/// <summary>What taking one did.</summary>
public sealed record SelfBackupTaken(SelfBackup Backup, long Bytes, CopiedRows Rows, int Removed);

/// <summary>The appliance's own backups in the storage of its vaults (docs/self-backup.md).</summary>
public sealed class SelfBackups(AppliancePlace place, TimeProvider time)
{
    public const string Folder = "self";

    /// <summary>A stamp so much ahead of our clock is still believed.</summary>
    public static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(5);

    private const string StampFormat = "yyyyMMdd'T'HHmmss'Z'", Ending = ".enc";

    private readonly IBlobStore _store = BlobStores.Open(place.StorageRoot, Folder, time);

    /// <summary>Newest first. Files of other names are nobody's.</summary>
    public Task<IReadOnlyList<SelfBackup>> ListAsync(CancellationToken cancellationToken) => ListAsync(_store, cancellationToken);

    public static async Task<IReadOnlyList<SelfBackup>> ListAsync(IBlobStore store, CancellationToken cancellationToken)
    {
        var found = new List<SelfBackup>();
        await foreach (var name in store.ListAsync("", cancellationToken))
            if (name.EndsWith(Ending, StringComparison.Ordinal)
                && DateTimeOffset.TryParseExact(name[..^Ending.Length], StampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
                found.Add(new SelfBackup(name, at));
        return [.. found.OrderByDescending(b => b.TakenAt)];
    }

    /// <summary>Null when no recovery key was made.</summary>
    public Task<RecoveryPublic?> RecoveryAsync(CancellationToken cancellationToken) => KeyFiles.ReadRecoveryAsync(place, cancellationToken);

    /// <summary>From now on self-backups open with this key. Only its public half is kept.</summary>
    public async Task<RecoveryPublic> UseAsync(RecoveryKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        var half = key.Public();
        Directory.CreateDirectory(place.KeysDirectory);
        await KeyFiles.WriteAsync(place.RecoveryPublicFile, JsonSerializer.SerializeToUtf8Bytes(half, JsonSerializerOptions.Web), cancellationToken);
        return half;
    }

    /// <summary>Writes one, and then removes those that are no longer kept.</summary>
    /// <exception cref="EngineException">There is no recovery key yet.</exception>
    public async Task<SelfBackupTaken> TakeAsync(CatalogDatabase db, CancellationToken cancellationToken)
    {
        var recovery = await RecoveryAsync(cancellationToken)
            ?? throw new EngineException("There is no recovery key, so no self-backup can be taken.", "Make one and keep it outside this machine: appliance recovery-key --new FILE.");
        // Sealed on the local disk first: the database's transaction must not wait for a slow storage.
        await using var sealedCopy = new FileStream(Path.Combine(Path.GetTempPath(), $"self-{Guid.CreateVersion7(time.GetUtcNow()):N}"),
            new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous });
        var now = time.GetUtcNow();
        var migration = await CatalogCopy.MigrationAsync(db, cancellationToken);
        var rows = default(CopiedRows);
        await SealedDocument.WriteAsync(sealedCopy, recovery, now, ApplianceVersion.Current, migration, Migrations.All[^1].Number, async (to, ct) => rows = await WriteAsync(db, to, ct), cancellationToken);

        // Two within one second: the later takes the name of the second after.
        for (var at = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds()); ; at = at.AddSeconds(1))
        {
            var name = at.UtcDateTime.ToString(StampFormat, CultureInfo.InvariantCulture) + Ending;
            var stored = await _store.PutIfAbsentAsync(name, async (to, ct) =>
            {
                sealedCopy.Position = 0;
                await sealedCopy.CopyToAsync(to, ct);
            }, cancellationToken);
            if (stored) return new SelfBackupTaken(new SelfBackup(name, at), sealedCopy.Length, rows, await PruneAsync(cancellationToken));
        }
    }

    private async Task<int> PruneAsync(CancellationToken cancellationToken)
    {
        var all = await ListAsync(cancellationToken);
        var keep = SelfBackupRetention.Keep(all.Select(b => b.TakenAt));
        var gone = all.Where(b => !keep.Contains(b.TakenAt)).ToList();
        foreach (var backup in gone) await _store.DeleteAsync(backup.Name, cancellationToken);
        return gone.Count;
    }

    private async Task<CopiedRows> WriteAsync(CatalogDatabase db, Stream to, CancellationToken cancellationToken)
    {
        await using var lines = new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true);
        await LineAsync(new { settings = place.Settings });
        foreach (var (name, path) in KeyFiles.Of(place)) await LineAsync(new { key = name, content = await File.ReadAllBytesAsync(path, cancellationToken) });
        var rows = await CatalogCopy.ReadAsync(db, RawAsync, cancellationToken);
        await LineAsync(new { end = true, tables = rows.Tables, rows = rows.Rows });
        return rows;

        Task LineAsync<T>(T value) => RawAsync(JsonSerializer.SerializeToUtf8Bytes(value), cancellationToken);

        async Task RawAsync(ReadOnlyMemory<byte> line, CancellationToken ct)
        {
            await lines.WriteAsync(line, ct);
            await lines.WriteAsync("\n"u8.ToArray(), ct);
        }
    }
}
