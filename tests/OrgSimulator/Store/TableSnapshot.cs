using System.Collections.Immutable;
using OrgSimulator.Generating;

namespace OrgSimulator.Store;

/// <summary>
/// A table as it stood at one moment, for as long as somebody holds it: generated records, with those laid over them that were loaded, inserted or changed.
/// Taking one costs nothing.
/// </summary>
public sealed class TableSnapshot(GeneratedRows? made, ImmutableSortedSet<Row> own, int live)
{
    public GeneratedRows? Made => made;
    public int LiveCount => live;

    /// <summary>Rows that are not as generated, in Id order; purge marks included.</summary>
    public ImmutableSortedSet<Row> Own => own;

    public Row? Find(long number) =>
        own.Count > 0 && own.TryGetValue(Row.Probe(number), out var row) ? row.IsPurged ? null : row : made?.Holds(number) == true ? made.Row(number) : null;

    /// <summary>All rows with numbers in [from, below), in Id order, deleted ones included.</summary>
    public IEnumerable<Row> Rows(long from = 0, long below = long.MaxValue)
    {
        var at = OwnFrom(from);
        var number = made is null ? long.MaxValue : Math.Max(from, made.First);
        var end = made is null ? 0 : Math.Min(below, made.End);
        while (true)
        {
            var next = at < own.Count && own[at] is var candidate && candidate.Number < below ? candidate : null;
            var stop = Math.Min(end, next?.Number ?? long.MaxValue);
            for (; number < stop; number++) yield return made!.Row(number);
            if (next is null) yield break;
            if (number == next.Number) number++;
            at++;
            if (!next.IsPurged) yield return next;
        }
    }

    /// <summary>The same from the last to the first.</summary>
    public IEnumerable<Row> Backwards(long from = 0, long below = long.MaxValue)
    {
        var at = OwnFrom(below) - 1;
        var number = made is null ? -1 : Math.Min(below, made.End) - 1;
        var start = made is null ? 0 : Math.Max(from, made.First);
        while (true)
        {
            var next = at >= 0 && own[at] is var candidate && candidate.Number >= from ? candidate : null;
            var stop = Math.Max(start - 1, next?.Number ?? -1);
            for (; number > stop; number--) yield return made!.Row(number);
            if (next is null) yield break;
            if (number == next.Number) number--;
            at--;
            if (!next.IsPurged) yield return next;
        }
    }

    /// <summary>The generated rows with these numbers (in order) where they are still as generated, and every other row from a number on, in Id order.</summary>
    public IEnumerable<Row> Among(long[] numbers, long from)
    {
        var at = OwnFrom(from);
        var i = Array.BinarySearch(numbers, from);
        if (i < 0) i = ~i;
        while (true)
        {
            var next = at < own.Count ? own[at] : null;
            for (; i < numbers.Length && numbers[i] < (next?.Number ?? long.MaxValue); i++) yield return made!.Row(numbers[i]);
            if (next is null) yield break;
            if (i < numbers.Length && numbers[i] == next.Number) i++;
            at++;
            if (!next.IsPurged) yield return next;
        }
    }

    /// <summary>How many rows stand in [from, below), of the own ones those that the test takes.</summary>
    public long Count(long from, long below, Func<Row, bool> counts)
    {
        var count = made is null ? 0 : Math.Max(0, Math.Min(below, made.End) - Math.Max(from, made.First));
        for (var at = OwnFrom(from); at < own.Count && own[at] is var row && row.Number < below; at++)
        {
            if (made?.Holds(row.Number) == true) count--;
            if (!row.IsPurged && counts(row)) count++;
        }
        return count;
    }

    /// <summary>The number that follows on the next so many rows from a number on, without a look at each.</summary>
    public long Skip(long from, long rows, Func<Row, bool> counts)
    {
        var at = OwnFrom(from);
        var number = from;
        while (rows > 0)
        {
            var next = at < own.Count ? own[at] : null;
            var (low, high) = made is null ? (0L, 0L) : (Math.Max(number, made.First), Math.Min(next?.Number ?? long.MaxValue, made.End));
            if (high - low >= rows) return low + rows;
            rows -= Math.Max(0, high - low);
            if (next is null) return long.MaxValue;
            number = next.Number + 1;
            at++;
            if (!next.IsPurged && counts(next)) rows--;
        }
        return number;
    }

    /// <summary>Places 0 to <see cref="Places"/>-1 name all rows, generated ones first; a place may be empty.</summary>
    public long Places => (made?.Count ?? 0) + OwnFrom(made?.First ?? 0) + own.Count - OwnFrom(made?.End ?? 0);

    public Row? At(long place)
    {
        if (made is not null && place < made.Count) return Find(made.First + place);
        place -= made?.Count ?? 0;
        var before = OwnFrom(made?.First ?? 0);
        return own[(int)(place < before ? place : OwnFrom(made?.End ?? 0) + place - before)] is { IsPurged: false } row ? row : null;
    }

    private int OwnFrom(long number)
    {
        if (number == 0 || own.Count == 0) return 0;
        if (number == long.MaxValue) return own.Count;
        var at = own.IndexOf(Row.Probe(number));
        return at < 0 ? ~at : at;
    }
}
