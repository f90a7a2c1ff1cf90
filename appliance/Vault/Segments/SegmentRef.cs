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
}
