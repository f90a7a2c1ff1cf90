namespace OrgSimulator.Generating;

/// <summary>
/// Stamps of generated records: created in the order of their Ids over a year that ended two days before the org's day; three in ten were changed later.
/// Both are functions of the place that can be turned round, so that "changed since" needs no scan.
/// </summary>
public sealed class Timeline
{
    private const uint Day = 86_400;
    private const ulong Span = 363UL * Day;
    private const int ChangedPercent = 30;
    private readonly Dice _dice;
    private readonly Permutation _changes;
    private readonly uint _start;
    private readonly long _count;

    public Timeline(Dice dice, long count, DateOnly asOf)
    {
        (_dice, _count) = (dice, Math.Max(1, count));
        _changes = new Permutation(_count, dice.Roll(251, 0));
        _start = (uint)new DateTimeOffset(asOf, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeSeconds() - 2 * Day - (uint)Span;
    }

    public (uint Created, uint Modified) this[long index]
    {
        get
        {
            var created = At(index);
            return (created, IsChanged(index) ? Math.Max(created, At(_changes[index])) : created);
        }
    }

    /// <summary>Places of all records that may have been changed in [since, until), in order; null when a scan is cheaper than the list.</summary>
    public long[]? Changed(uint since, uint until, long longest)
    {
        var (from, to) = (FirstAt(since), FirstAt(until));
        if (to - from > longest) return null;
        var places = new List<long>((int)(to - from) * 13 / 10 + 1);
        for (var place = from; place < to; place++)
        {
            places.Add(place);
            if (_changes.Back(place) is var moved && (moved < from || moved >= to) && IsChanged(moved)) places.Add(moved);
        }
        places.Sort();
        return [.. places];
    }

    private bool IsChanged(long index) => _dice.Chance(250, index, ChangedPercent);

    private uint At(long place) => _start + (uint)((ulong)place * Span / (ulong)_count);

    private long FirstAt(uint second)
    {
        if (second <= _start) return 0;
        if (second > _start + Span) return _count;
        var place = (long)((ulong)(second - _start) * (ulong)_count / Span);
        while (place > 0 && At(place - 1) >= second) place--;
        while (place < _count && At(place) < second) place++;
        return place;
    }
}
