namespace Appliance.Vault;

/// <summary>Open cursors, the one with the smallest Id on top; of several at the same Id the newest segment's.</summary>
/// <remarks>.NET's PriorityQueue asks a comparer through a delegate and takes the top out to put it back; here that happens once per row.</remarks>
internal sealed class CursorHeap
{
    private SegmentCursor[] _cursors = new SegmentCursor[8];
    private int _count;

    public SegmentCursor? Top => _count > 0 ? _cursors[0] : null;

    public void Add(SegmentCursor cursor)
    {
        if (_count == _cursors.Length) Array.Resize(ref _cursors, _count * 2);
        var at = _count++;
        while (at > 0 && IsBefore(cursor, _cursors[(at - 1) / 2]))
        {
            _cursors[at] = _cursors[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        _cursors[at] = cursor;
    }

    /// <summary>The top has gone on to a later row.</summary>
    public void TopMoved()
    {
        var (at, moved) = (0, _cursors[0]);
        while (2 * at + 1 < _count)
        {
            var child = 2 * at + 1;
            if (child + 1 < _count && IsBefore(_cursors[child + 1], _cursors[child])) child++;
            if (!IsBefore(_cursors[child], moved)) break;
            _cursors[at] = _cursors[child];
            at = child;
        }
        _cursors[at] = moved;
    }

    public SegmentCursor RemoveTop()
    {
        var top = _cursors[0];
        _cursors[0] = _cursors[--_count];
        if (_count > 0) TopMoved();
        return top;
    }

    private static bool IsBefore(SegmentCursor a, SegmentCursor b)
    {
        if (a.Order != b.Order) return a.Order < b.Order;
        return a.Id.SequenceCompareTo(b.Id) is not 0 and var compared ? compared < 0 : a.Precedence > b.Precedence;
    }
}
