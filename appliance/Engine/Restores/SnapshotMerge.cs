using System.Runtime.CompilerServices;
using Appliance.Vault;

namespace Appliance.Engine.Restores;

/// <summary>Walks one object of two snapshots side by side in Id order, with one record of each in memory.</summary>
public static class SnapshotMerge
{
    /// <summary>Each record that is live in <paramref name="wanted"/>, with what <paramref name="current"/> holds under the same Id (deleted rows included, null when it holds nothing).</summary>
    public static async IAsyncEnumerable<(StoredRecord Wanted, StoredRecord? Current)> WalkAsync(
        SnapshotReader wanted, SnapshotReader current, string objectName, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var now = current.ReadAsync(objectName, null, includeDeleted: true, cancellationToken).GetAsyncEnumerator(cancellationToken);
        var more = await now.MoveNextAsync();
        await foreach (var record in wanted.ReadAsync(objectName, null, includeDeleted: false, cancellationToken))
        {
            while (more && string.CompareOrdinal(now.Current.Id, record.Id) < 0) more = await now.MoveNextAsync();
            var same = more && now.Current.Id == record.Id ? now.Current : null;
            yield return (record, same is { IsTombstone: true } ? null : same);
        }
    }
}
