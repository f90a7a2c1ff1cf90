using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Generating;

/// <summary>
/// The generated records of one object. None is kept: number and Id name each other, and every value is a function of the seed and the place.
/// What was changed or deleted since stands in the table, not here.
/// </summary>
public sealed class GeneratedRows
{
    private const int Samples = 512;
    private readonly OrgStore _store;
    private readonly Timeline _times;
    private readonly Func<long, string?>?[] _makers;
    private readonly string?[] _defaults;
    private readonly bool[] _derived;
    private readonly Dictionary<Field, GeneratedLookup> _lookups = [];
    private readonly Dictionary<Field, Func<string, long?>> _keys = [];
    private readonly string _prefix;

    /// <param name="store">The org.</param>
    /// <param name="type">The object.</param>
    /// <param name="first">Number of the first record; the others follow.</param>
    /// <param name="count">How many.</param>
    public GeneratedRows(OrgStore store, ObjectType type, long first, long count)
    {
        (_store, Type, First, Count) = (store, type, first, count);
        Dice = Dice.For(store.Seed, type.Name);
        _times = new Timeline(Dice, count, store.AsOf);
        _prefix = type.KeyPrefix!;
        _makers = new Func<long, string?>?[type.SlotCount];
        _defaults = new string?[type.SlotCount];
        _derived = new bool[type.SlotCount];
        FieldWriter.Default(type, _defaults, store);
    }

    public ObjectType Type { get; }
    public long First { get; }
    public long Count { get; }
    public long End => First + Count;
    public Dice Dice { get; }

    /// <summary>The field as far as it can be made: a described schema may lack it, or keep it elsewhere than in a slot.</summary>
    public Field? Makeable(string field) => Type.Find(field) is { Source: FieldSource.Slot } found ? found : null;

    public void Set(string field, Func<long, string?> maker)
    {
        if (Makeable(field) is { } found) _makers[found.Slot] = maker;
    }

    public void Set(GeneratedLookup lookup)
    {
        _makers[lookup.Field.Slot] = lookup.Value;
        _lookups[lookup.Field] = lookup;
    }

    /// <summary>A field whose value tells the place, so that a record is found by it.</summary>
    public void Key(string field, Func<string, long?> place)
    {
        if (Makeable(field) is { } found) _keys[found] = place;
    }

    /// <summary>Finds out which fields follow from others. Call it once all makers are set.</summary>
    public void Complete()
    {
        for (long i = 0; i < Math.Min(Count, Samples); i++)
        {
            var plain = Plain(i);
            var whole = (string?[])plain.Clone();
            StandardRules.Derive(Type, whole, _store);
            for (var slot = 0; slot < whole.Length; slot++) _derived[slot] |= whole[slot] != plain[slot];
        }
    }

    public string Id(long number) => SalesforceId.Compose(_prefix, _store.Instance, number);

    public bool Holds(long number) => number >= First && number < End;

    public Row Row(long number)
    {
        var (created, modified) = _times[number - First];
        return new Row(this, number, created, modified, _store.AdminId);
    }

    /// <summary>One value alone; false when it can only be had with the others.</summary>
    public bool TryValue(long number, int slot, out string? value)
    {
        value = null;
        if (slot >= _makers.Length) return true;        // a field that came later: old records have no value
        if (_derived[slot]) return false;
        value = _makers[slot] is { } make ? make(number - First) : _defaults[slot];
        return true;
    }

    public string?[] Values(long number)
    {
        var values = Plain(number - First);
        StandardRules.Derive(Type, values, _store);
        return values;
    }

    /// <summary>Numbers of the records that may have the parent in the lookup; the value itself decides.</summary>
    public IEnumerable<long> Children(Field lookup, string parent)
    {
        if (_lookups.TryGetValue(lookup, out var made)) return made.Children(parent).Select(place => First + place);
        if (lookup.Slot >= _defaults.Length || _makers[lookup.Slot] is null && _defaults[lookup.Slot] != parent) return [];
        return Numbers();
    }

    /// <summary>Numbers of the records that have the value.</summary>
    public IEnumerable<long> Find(Field field, string value)
    {
        if (field.Slot >= _defaults.Length || _makers[field.Slot] is null && _defaults[field.Slot] is null) return [];
        if (_keys.TryGetValue(field, out var place)) return place(value) is { } at && at >= 0 && at < Count ? [First + at] : [];
        var comparison = field.CaseSensitive ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        return Numbers().Where(number => value.Equals(Row(number)[field.Slot], comparison));
    }

    /// <summary>Numbers of the records that may carry a stamp in [since, until); null when a scan is cheaper.</summary>
    public long[]? Stamped(uint since, uint until)
    {
        if (_times.Changed(since, until, Math.Max(1000, Math.Min(2_000_000, Count / 4))) is not { } places) return null;
        for (var i = 0; i < places.Length; i++) places[i] += First;
        return places;
    }

    private IEnumerable<long> Numbers()
    {
        for (var number = First; number < End; number++) yield return number;
    }

    private string?[] Plain(long place)
    {
        var values = (string?[])_defaults.Clone();
        for (var slot = 0; slot < values.Length; slot++)
            if (_makers[slot] is { } make) values[slot] = make(place);
        return values;
    }
}

/// <summary>A lookup of generated records: how often it is set, and to which of its targets.</summary>
/// <param name="Field">The lookup.</param>
/// <param name="Dice">Of the child's object.</param>
/// <param name="Percent">Share of the children that have one.</param>
/// <param name="Targets">Objects it may name, with weights that add up to 100.</param>
public sealed record GeneratedLookup(Field Field, Dice Dice, int Percent, params IReadOnlyList<LookupTarget> Targets)
{
    /// <summary>In a lookup to the own object only an earlier record may be named, so that no record is its own ancestor.</summary>
    public bool OnlyEarlier { get; init; }

    public string? Value(long child)
    {
        if (!Dice.Chance(Field.Slot, child, Percent)) return null;
        var choice = Targets.Count == 1 ? 0 : Dice.Roll(Field.Slot + 128, child, 100);
        foreach (var target in Targets)
        {
            if (choice < target.Weight || Targets.Count == 1)
            {
                var parent = target.Assignment.Parent(child);
                return parent < 0 || OnlyEarlier && parent >= child ? null : target.Rows.Id(target.Rows.First + parent);
            }
            choice -= target.Weight;
        }
        return null;
    }

    public IEnumerable<long> Children(string parent)
    {
        foreach (var target in Targets)
            if (parent.AsSpan(0, 3).SequenceEqual(target.Rows.Type.KeyPrefix))
                return target.Assignment.Children(SalesforceId.Number(parent) - target.Rows.First);
        return [];
    }
}

public sealed record LookupTarget(GeneratedRows Rows, int Weight, Assignment Assignment);
