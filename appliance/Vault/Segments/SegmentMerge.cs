using System.Runtime.CompilerServices;
using System.Text;

namespace Appliance.Vault;

/// <summary>
/// Merges the segments of one object in order of Id. A segment is opened only when the merge comes to its first Id, so what does not
/// overlap is never open together.
/// </summary>
internal sealed class SegmentMerge(ContainerStore containers, string objectName, IReadOnlyList<SegmentRef> segments)
{
    /// <summary>The newest version of each Id after <paramref name="afterId"/>, deleted ones included.</summary>
    public async IAsyncEnumerable<StoredRecord> ReadAsync(string? afterId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var after = afterId is null ? null : Encoding.UTF8.GetBytes(afterId);
        var waiting = new Queue<(byte[] FirstId, int Precedence)>(Waiting(after));
        var open = new PriorityQueue<SegmentCursor, SegmentCursor>(Comparer<SegmentCursor>.Create(CompareCursors));
        try
        {
            while (waiting.Count > 0 || open.Count > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                while (waiting.TryPeek(out var next) && (open.Count == 0 || next.FirstId.AsSpan().SequenceCompareTo(open.Peek().Id) <= 0))
                    await OpenAsync(waiting.Dequeue().Precedence, after, open, cancellationToken);
                if (open.Count > 0) yield return await TakeNewestAsync(open, cancellationToken);
            }
        }
        finally
        {
            while (open.TryDequeue(out var cursor, out _)) cursor.Dispose();
        }
    }

    private IEnumerable<(byte[] FirstId, int Precedence)> Waiting(byte[]? after) => segments
        .Select((segment, precedence) => (First: Encoding.UTF8.GetBytes(segment.FirstId), Last: Encoding.UTF8.GetBytes(segment.LastId), precedence))
        .Where(s => after is null || s.Last.AsSpan().SequenceCompareTo(after) > 0)
        .OrderBy(s => s.First, Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))
        .Select(s => (s.First, s.precedence));

    private async Task OpenAsync(int precedence, byte[]? after, PriorityQueue<SegmentCursor, SegmentCursor> open, CancellationToken cancellationToken)
    {
        var segment = segments[precedence];
        var reader = await SegmentReader.OpenAsync(containers, objectName, segment, cancellationToken);
        var cursor = new SegmentCursor(reader, precedence, segment.Kind == SegmentKind.Tombstones);
        try
        {
            if (await cursor.SeekAsync(after, inclusive: false, cancellationToken)) open.Enqueue(cursor, cursor);
            else cursor.Dispose();
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }

    // The first in the queue is the newest of its Id. If that is a tombstone, the newest row behind it gives the values.
    private static async Task<StoredRecord> TakeNewestAsync(PriorityQueue<SegmentCursor, SegmentCursor> open, CancellationToken cancellationToken)
    {
        var id = open.Peek().Id.ToArray();
        var gone = open.Peek().Tombstones;
        var hasValues = false;
        StoredRecord? record = null;
        while (open.TryPeek(out var cursor, out _) && cursor.Id.SequenceEqual(id))
        {
            if (record is null || (!hasValues && !cursor.Tombstones))
            {
                record = await cursor.RecordAsync(gone, cancellationToken);
                hasValues = !cursor.Tombstones;
            }
            open.Dequeue();
            bool more;
            try
            {
                more = await cursor.MoveNextAsync(cancellationToken);
            }
            catch
            {
                cursor.Dispose();
                throw;
            }
            if (more) open.Enqueue(cursor, cursor);
        }
        return record!;
    }

    private static int CompareCursors(SegmentCursor a, SegmentCursor b) =>
        a.Id.SequenceCompareTo(b.Id) is not 0 and var byId ? byId : b.Precedence.CompareTo(a.Precedence);
}
