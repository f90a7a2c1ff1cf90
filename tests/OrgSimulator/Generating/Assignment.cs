namespace OrgSimulator.Generating;

/// <summary>
/// Which parent each child has, as a function that can be turned round: the children of a parent are found without a look at the others.
/// Skewed: a few parents have thousands of children, most have few (parent = place³, so of a million children of 200,000 parents the first gets 17,000).
/// </summary>
public sealed class Assignment(long children, long parents, ulong? seed, bool skewed)
{
    /// <summary>Another field has its busiest parents elsewhere.</summary>
    private readonly long _busiest = seed is { } start && parents > 0 ? (long)(Dice.Mix(start + 2) % (ulong)parents) : 0;
    private readonly Permutation? _places = seed is { } shuffle ? new(Math.Max(1, children), shuffle) : null;

    /// <summary>As many children for each parent, in the order of the parents.</summary>
    public static Assignment InOrder(long children, long parents) => new(children, parents, null, skewed: false);

    public long Parent(long child) => parents == 0 ? -1 : (ParentAt(_places?[child] ?? child) + _busiest) % parents;

    public IEnumerable<long> Children(long parent)
    {
        if (children == 0 || parent < 0 || parent >= parents) yield break;
        var rank = Rank(parent);
        var end = Start(rank + 1);
        for (var place = Start(rank); place < end; place++) yield return _places?.Back(place) ?? place;
    }

    public long Count(long parent) => children == 0 || parent < 0 || parent >= parents ? 0 : Start(Rank(parent) + 1) - Start(Rank(parent));

    private long Rank(long parent) => (parent - _busiest + parents) % parents;

    private long ParentAt(long place)
    {
        if (!skewed) return place * parents / children;
        var at = (double)place / children;
        return Math.Min(parents - 1, (long)(at * at * at * parents));
    }

    /// <summary>First place whose parent is that one or a later one. The estimate is put right by the function itself, so that both ways agree to the last child.</summary>
    private long Start(long parent)
    {
        if (parent >= parents) return children;
        var at = (double)parent / parents;
        var place = Math.Clamp((long)((skewed ? Math.Cbrt(at) : at) * children), 0, children);
        while (place > 0 && ParentAt(place - 1) >= parent) place--;
        while (place < children && ParentAt(place) < parent) place++;
        return place;
    }
}
