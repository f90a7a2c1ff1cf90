using System.Runtime.CompilerServices;
using System.Text;

namespace Appliance.Vault;

/// <summary>
/// Merges the segments of one object in order of Id. A segment is opened only when the merge comes to its first Id, so what does not
/// overlap is never open together.
/// </summary>
internal sealed class SegmentMerge : IDisposable
{
    // What waits to be handed over: enough to make the way there cheap, little enough to be nothing beside a block.
    private const int BatchRows = 256, BatchBytes = 256 * 1024;

    private readonly ContainerStore _containers;
    private readonly string _objectName;
    private readonly IReadOnlyList<SegmentRef> _segments;
    private readonly byte[]? _after;
    private readonly CursorHeap _open = new();
    private readonly Queue<(byte[] FirstId, IdOrder Order, int Precedence)> _waiting;

    // The newest version seen of the Id that the merge stands at; older ones of it may follow. A tombstone still looks for the newest values below it.
    private StoredRecord? _pending;
    private IdOrder _pendingOrder;
    private bool _valuesWanted;

    /// <param name="containers">Where the segments lie.</param>
    /// <param name="objectName">API name of the object.</param>
    /// <param name="segments">Oldest first.</param>
    /// <param name="afterId">Only Ids greater than this one; null: all.</param>
    public SegmentMerge(ContainerStore containers, string objectName, IReadOnlyList<SegmentRef> segments, string? afterId)
    {
        (_containers, _objectName, _segments) = (containers, objectName, segments);
        _after = afterId is null ? null : Encoding.UTF8.GetBytes(afterId);
        _waiting = new Queue<(byte[] FirstId, IdOrder Order, int Precedence)>(Waiting());
    }

    private enum Stop { BatchFull, NeedsBlock, NeedsSegment, End }

    /// <summary>The newest version of each Id, deleted ones included, in order of Id. A batch is overwritten by the next; its records are not.</summary>
    public async IAsyncEnumerable<IReadOnlyList<StoredRecord>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batch = new List<StoredRecord>(BatchRows);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            switch (Fill(batch))
            {
                case Stop.NeedsBlock when await _open.Top!.MoveNextAsync(cancellationToken):
                    _open.TopMoved();
                    break;
                case Stop.NeedsBlock:
                    _open.RemoveTop().Dispose();
                    break;
                case Stop.NeedsSegment:
                    await OpenAsync(_waiting.Dequeue().Precedence, cancellationToken);
                    break;
                case Stop.BatchFull:
                    yield return batch;
                    batch.Clear();
                    break;
                case Stop.End:
                    if (_pending is not null) batch.Add(_pending);
                    if (batch.Count > 0) yield return batch;
                    yield break;
            }
        }
    }

    public void Dispose()
    {
        while (_open.Top is not null) _open.RemoveTop().Dispose();
    }

    /// <summary>Merges on until something has to be waited for. The heap's top may then stand behind the last row of its block.</summary>
    private Stop Fill(List<StoredRecord> batch)
    {
        var bytes = 0;
        while (true)
        {
            if (_open.Top is not { } top) return _waiting.Count > 0 ? Stop.NeedsSegment : Stop.End;
            if (top.BlockEnded) return Stop.NeedsBlock;
            if (_waiting.TryPeek(out var next) && (next.Order < top.Order || (next.Order == top.Order && next.FirstId.AsSpan().SequenceCompareTo(top.Id) <= 0))) return Stop.NeedsSegment;
            if (batch.Count >= BatchRows || bytes >= BatchBytes) return Stop.BatchFull;

            if (_pending is not null && top.Order == _pendingOrder && top.Id.SequenceEqual(_pending.Utf8(0)))
            {
                if (_valuesWanted && !top.Tombstones)
                {
                    _pending = top.Record(tombstone: true);
                    _valuesWanted = false;
                }
            }
            else
            {
                if (_pending is not null)
                {
                    batch.Add(_pending);
                    bytes += _pending.RowBytes;
                }
                (_pending, _pendingOrder, _valuesWanted) = (top.Record(top.Tombstones), top.Order, top.Tombstones);
            }
            if (top.MoveInBlock()) _open.TopMoved();
        }
    }

    private IEnumerable<(byte[] FirstId, IdOrder Order, int Precedence)> Waiting() => _segments
        .Select((segment, precedence) => (First: Encoding.UTF8.GetBytes(segment.FirstId), Last: Encoding.UTF8.GetBytes(segment.LastId), precedence))
        .Where(s => _after is null || s.Last.AsSpan().SequenceCompareTo(_after) > 0)
        .OrderBy(s => s.First, Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))
        .Select(s => (s.First, IdOrder.Of(s.First), s.precedence));

    private async Task OpenAsync(int precedence, CancellationToken cancellationToken)
    {
        var segment = _segments[precedence];
        var reader = await SegmentReader.OpenAsync(_containers, _objectName, segment, cancellationToken);
        var cursor = new SegmentCursor(reader, precedence, segment.Kind == SegmentKind.Tombstones);
        try
        {
            if (await cursor.SeekAsync(_after, inclusive: false, cancellationToken)) _open.Add(cursor);
            else cursor.Dispose();
        }
        catch
        {
            cursor.Dispose();
            throw;
        }
    }
}
