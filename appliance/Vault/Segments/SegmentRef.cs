using System.Text;

namespace Appliance.Vault;

/// <summary>Tombstones name records that are known to be gone from the org (seen by reconciliation of Ids).</summary>
public enum SegmentKind { Records, Tombstones }

/// <summary>
/// A sealed segment as manifests name it. <paramref name="StoredBytes"/> counts the key sidecar too; <paramref name="Sha256"/> is the
/// hash in its trailer.
/// </summary>
public sealed record SegmentRef(
    string Id, SegmentKind Kind, Guid SnapshotId, long Rows, string FirstId, string LastId, long PlainBytes, long StoredBytes, string Sha256)
{
    /// <summary>True when the Id lies between the first and the last.</summary>
    internal bool Spans(ReadOnlySpan<byte> id) =>
        id.SequenceCompareTo(Encoding.UTF8.GetBytes(FirstId)) >= 0 && id.SequenceCompareTo(Encoding.UTF8.GetBytes(LastId)) <= 0;

    /// <summary>Those of the sorted Ids that lie between the first and the last.</summary>
    internal List<byte[]> Within(List<byte[]> sortedIds)
    {
        var (first, last) = (Encoding.UTF8.GetBytes(FirstId), Encoding.UTF8.GetBytes(LastId));
        var (from, to) = (Place(sortedIds, first, after: false), Place(sortedIds, last, after: true));
        return from < to ? sortedIds.GetRange(from, to - from) : [];

        static int Place(List<byte[]> ids, byte[] id, bool after)
        {
            var (low, high) = (0, ids.Count);
            while (low < high)
            {
                var middle = (low + high) >>> 1;
                var compared = ids[middle].AsSpan().SequenceCompareTo(id);
                if (compared < 0 || (after && compared == 0)) low = middle + 1;
                else high = middle;
            }
            return low;
        }
    }
}
