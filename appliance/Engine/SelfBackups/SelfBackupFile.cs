using System.Collections.Immutable;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Appliance.Vault;

namespace Appliance.Engine.SelfBackups;

/// <summary>What a self-backup says beside the rows of its tables.</summary>
public sealed record SelfBackupContents(SealedHeader Header, ImmutableSortedDictionary<string, string> Settings, IReadOnlyDictionary<string, byte[]> Keys, int Tables, long Rows);

/// <summary>Reads one self-backup. Every pass checks every byte.</summary>
internal sealed class SelfBackupFile(IBlobStore store, SelfBackup backup, RecoveryKey key)
{
    /// <summary>Reads it whole, to its end, and gives everything but the rows.</summary>
    public async Task<SelfBackupContents> CheckAsync(CancellationToken cancellationToken)
    {
        var (settings, keys) = (ImmutableSortedDictionary<string, string>.Empty, new Dictionary<string, byte[]>(StringComparer.Ordinal));
        var (tables, rows, ended) = (0, 0L, false);
        SealedHeader header;
        await using (var from = await store.OpenReadAsync(backup.Name, cancellationToken)) header = await SealedDocument.ReadHeaderAsync(from, cancellationToken);
        await foreach (var line in LinesAsync(cancellationToken))
        {
            if (line.ValueKind == JsonValueKind.Array) rows++;
            else if (line.TryGetProperty("table", out _)) tables++;
            else if (line.TryGetProperty("settings", out var given)) settings = given.Deserialize<Dictionary<string, string>>()!.ToImmutableSortedDictionary(StringComparer.OrdinalIgnoreCase);
            else if (line.TryGetProperty("key", out var name)) keys[KeyFiles.Checked(name.GetString()!)] = line.GetProperty("content").GetBytesFromBase64();
            else if (line.TryGetProperty("end", out _)) ended = line.GetProperty("tables").GetInt32() == tables && line.GetProperty("rows").GetInt64() == rows;
        }
        return ended ? new SelfBackupContents(header, settings, keys, tables, rows)
            : throw new VaultException(Vault.FailureKind.Permanent, $"{backup.Name} does not hold what its end says.", "Take an older self-backup (--list names them).", backup.Name);
    }

    /// <summary>All lines, in order.</summary>
    public async IAsyncEnumerable<JsonElement> LinesAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var from = await store.OpenReadAsync(backup.Name, cancellationToken);
        var (_, content) = await SealedDocument.OpenAsync(from, key, cancellationToken);
        await using (content)
        await using (var plain = new GZipStream(content, CompressionMode.Decompress))
        using (var lines = new StreamReader(plain))
            while (await lines.ReadLineAsync(cancellationToken) is { } line) yield return JsonElement.Parse(line);
    }
}
