using System.Collections.Immutable;

namespace Appliance.Vault;

/// <summary>Rows of one state each.</summary>
public readonly record struct RowStates(long Live, long Deleted, long Buried)
{
    public static RowStates operator +(RowStates a, RowStates b) => new(a.Live + b.Live, a.Deleted + b.Deleted, a.Buried + b.Buried);
}

/// <summary>Counts records that come in order of Id into given ranges.</summary>
public sealed class RangeCount(ImmutableArray<(string? After, string? UpTo)> ranges)
{
    private int _at;

    /// <summary>Live rows per range.</summary>
    public long[] Live { get; } = new long[ranges.Length];

    public RowStates Total { get; private set; }

    public void Add(StoredRecord record)
    {
        Total += record.IsTombstone ? new RowStates(0, 0, 1) : record.Deleted ? new RowStates(0, 1, 0) : new RowStates(1, 0, 0);
        while (_at < ranges.Length - 1 && ranges[_at].UpTo is { } upTo && string.CompareOrdinal(record.Id, upTo) > 0) _at++;
        if (!record.Deleted && _at < ranges.Length) Live[_at]++;
    }
}
