using System.Globalization;
using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>
/// Brings the bytes behind an object's file field into the vault. The stored column then holds a content reference (hash and length), so a
/// record version names its file for ever and equal files are stored once.
/// </summary>
public sealed class ObjectFiles(Org org, OrgVault vault, ObjectScope scope)
{
    // Each file is one API call and mostly waiting; four at a time keep the line busy without crowding the org.
    private const int Parallel = 4;

    /// <summary>References by row index; rows whose file did not change keep the reference that is held.</summary>
    public async Task<Dictionary<int, string>> StoreAsync(
        RecordBatch batch, BatchColumns columns, IReadOnlyList<int> rows, IReadOnlyDictionary<string, StoredRecord> held, JobProgress progress,
        CancellationToken cancellationToken)
    {
        var references = new Dictionary<int, string>();
        var wanted = new List<(int Row, string Id, string? Md5, long? Length)>();
        var names = batch.Columns.ToList();
        var (checksum, size) = (names.IndexOf("Checksum"), names.FindIndex(n => n is "ContentSize" or "BodyLength"));
        foreach (var row in rows)
        {
            var id = batch.Text(row, columns.Id);
            var known = held.GetValueOrDefault(id)?[scope.FileField!];
            // A ContentVersion's bytes never change; a deleted row's bytes can no longer be read.
            if (columns.IsDeleted(row) || (known is { Length: > 0 } && scope.Name == "ContentVersion")) references[row] = known ?? "";
            else
                wanted.Add((row, id, checksum >= 0 ? batch.Text(row, checksum) : null,
                    size >= 0 && long.TryParse(batch.Text(row, size), NumberStyles.None, CultureInfo.InvariantCulture, out var length) ? length : null));
        }
        var fetched = new string?[wanted.Count];
        await System.Threading.Tasks.Parallel.ForAsync(0, wanted.Count, new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = cancellationToken },
            async (i, ct) =>
            {
                if (await FetchAsync(wanted[i].Id, wanted[i].Md5, wanted[i].Length, ct) is not { } reference) return;
                fetched[i] = reference.ToString();
                progress.FileStored(reference.Length, await vault.StoredFileBytesAsync(reference, ct));
            });
        for (var i = 0; i < wanted.Count; i++) references[wanted[i].Row] = fetched[i] ?? "";
        return references;
    }

    private async Task<ContentReference?> FetchAsync(string id, string? md5, long? length, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var content = await org.OpenBlobAsync(scope.Name, id, scope.FileField!, cancellationToken);
                var reference = await vault.PutFileAsync(content, cancellationToken);
                var whole = length is null || length == reference.Length;
                if (whole && (string.IsNullOrEmpty(md5) || string.Equals(md5, reference.Md5, StringComparison.OrdinalIgnoreCase))) return reference;
                if (attempt < 3) continue;   // the bytes differ from Salesforce's own checksum or size: read them again before believing either
            }
            catch (SalesforceException e) when (e.StatusCode == 404)
            {
            }
            return null;
        }
    }
}
