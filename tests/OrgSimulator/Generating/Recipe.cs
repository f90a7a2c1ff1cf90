using System.Globalization;
using OrgSimulator.Store;

namespace OrgSimulator.Generating;

/// <summary>Words in which <see cref="Generator"/> describes an object: each sets the function of one field.</summary>
public sealed class Recipe(GeneratedRows rows, IReadOnlyDictionary<string, GeneratedRows> all)
{
    /// <summary>27,000 characters, one in 5,003 records.</summary>
    private static readonly string VeryLong = string.Concat(Enumerable.Repeat("Lorem ipsum \"dolor\", sit amet;\n", 900)).TrimEnd();
    private static readonly string[] Counts = [.. Enumerable.Range(0, 400).Select(i => i.ToString(CultureInfo.InvariantCulture))];
    private static readonly string[] RolledUp = [.. Counts.Select(count => count + ".0")];

    public int Roll(int field, long i, int sides) => rows.Dice.Roll(200 + field, i, sides);

    public string Pick(string[] from, int field, long i) => from[Roll(field, i, from.Length)];

    public string Small(int field, long i) => Counts[1 + Roll(field, i, 399)];

    public string Phone(long i) => $"+44 20 {1000 + Roll(6, i, 8999)} {1000 + Roll(7, i, 8999)}";

    /// <summary>Always set; now and then a text that breaks careless software.</summary>
    public void Text(string field, Func<long, string> make) => rows.Set(field, i => i % 97 == 5 ? Words.Nasty[i / 97 % Words.Nasty.Length] : make(i));

    public void Some(string field, int percent, Func<long, string?> make)
    {
        if (rows.Makeable(field)?.Slot is not { } slot) return;
        rows.Set(field, percent >= 100 ? make : i => rows.Dice.Chance(slot, i, percent) ? make(i) : null);
    }

    public void Choice(string field, int percent, string[] from)
    {
        if (rows.Makeable(field)?.Slot is not { } slot || from.Length == 0) return;
        rows.Set(field, i => rows.Dice.Chance(slot, i, percent) ? from[rows.Dice.Roll(slot + 64, i, from.Length)] : null);
    }

    public void Picklist(string field, int percent, int? first = null) => Choice(field, percent, [.. rows.Makeable(field)?.PicklistValues.Take(first ?? int.MaxValue) ?? []]);

    /// <summary>Sparse, but long where it is set.</summary>
    public void Long(string field) => rows.Set(field, i => i % 5003 == 7 ? VeryLong : i % 41 == 3 ? Words.NastyLong[i / 41 % Words.NastyLong.Length] : null);

    public void Lookup(string field, int percent, params (string Name, int Weight)[] targets)
    {
        if (rows.Makeable(field) is not { } lookup) return;
        rows.Set(new GeneratedLookup(lookup, rows.Dice, percent, [.. targets.Select((target, at) =>
            new LookupTarget(all[target.Name], target.Weight, new Assignment(rows.Count, all[target.Name].Count, rows.Dice.Roll(lookup.Slot, at + 1), skewed: true)))]));
    }

    public void Lookup(string field, int percent, string target) => Lookup(field, percent, (target, 100));

    /// <summary>A lookup to the own object, never to a later record.</summary>
    public void Self(string field, int percent, bool skewed)
    {
        if (rows.Makeable(field) is not { } lookup) return;
        rows.Set(new GeneratedLookup(lookup, rows.Dice, percent, new LookupTarget(rows, 100, new Assignment(rows.Count, rows.Count, rows.Dice.Roll(lookup.Slot, 1), skewed))) { OnlyEarlier = true });
    }

    /// <summary>Fields that follow from this one alone, for each of its values: looked up, where the rules of the object would be asked for each record.</summary>
    public void Follows(OrgStore store, string field, string[] from, params string[] followers)
    {
        var type = rows.Type;
        if (rows.Makeable(field)?.Slot is not { } source) return;
        var known = new Dictionary<string, string?[]>(StringComparer.Ordinal);
        foreach (var value in from)
        {
            var values = new string?[type.SlotCount];
            values[source] = value;
            StandardRules.Derive(type, values, store);
            known[value] = values;
        }
        foreach (var follower in followers)
        {
            if (rows.Makeable(follower)?.Slot is not { } slot) continue;
            rows.Set(follower, i => rows.TryValue(rows.First + i, source, out var value) && value is not null ? known[value][slot] : null);
        }
    }

    /// <summary>A roll-up that counts children which are always set.</summary>
    public void Count(string field, string child, string childLookup)
    {
        var children = all[child];
        var assignment = new Assignment(children.Count, rows.Count, children.Dice.Roll(children.Type[childLookup].Slot, 1), skewed: true);
        rows.Set(field, i => assignment.Count(i) is var count && count < RolledUp.Length ? RolledUp[count] : count.ToString(CultureInfo.InvariantCulture) + ".0");
    }

    /// <summary>The field tells the place: prefix, number, suffix.</summary>
    public void Key(string field, string prefix, string suffix) => rows.Key(field, value =>
    {
        var at = value.AsSpan();
        if (!at.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) || !at.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) || at.Length <= prefix.Length + suffix.Length) return null;
        return long.TryParse(at[prefix.Length..^suffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < rows.Count
            && rows.Row(rows.First + place)[rows.Type[field].Slot] is { } text && at.Equals(text, StringComparison.OrdinalIgnoreCase) ? place : null;
    });
}
