using System.Globalization;
using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>Parents whose children changed in a call.</summary>
public sealed class TouchedParents
{
    private readonly Dictionary<(ObjectType Child, Field Lookup), HashSet<string>> _parents = [];

    public IEnumerable<((ObjectType Child, Field Lookup) Link, HashSet<string> Parents)> All => _parents.Select(pair => (pair.Key, pair.Value));

    public void Note(ObjectType type, Row row)
    {
        foreach (var field in type.AllFields)
        {
            if (field.MasterDetail && row[field.Slot] is { } parent) Note(type, field, parent);
        }
    }

    /// <summary>A master that came back: details may have come or gone while it lay in the bin, where nothing brings it up to date.</summary>
    public void NoteBack(OrgSchema schema, ObjectType type, Row row)
    {
        foreach (var (child, lookup) in schema.ChildrenOf(type))
            if (lookup.MasterDetail) Note(child, lookup, row.Id);
    }

    private void Note(ObjectType child, Field lookup, string parent)
    {
        if (!_parents.TryGetValue((child, lookup), out var ids)) _parents[(child, lookup)] = ids = new(StringComparer.Ordinal);
        ids.Add(parent);
    }
}

/// <summary>Roll-up summary fields: stored on the master and brought up to date, with a new stamp, when details change.</summary>
public sealed class RollUps(OrgStore store)
{
    public void Recalculate(TouchedParents touched, Journal journal)
    {
        foreach (var ((child, lookup), parents) in touched.All)
            foreach (var target in lookup.ReferenceTo)
                if (store.Schema.Find(target) is { } master && FieldsOver(master, child, lookup).Any()) Update(master, child, lookup, parents, journal);
    }

    /// <summary>Sets every roll-up of freshly loaded records without stamping them.</summary>
    public void RecalculateAll()
    {
        foreach (var master in store.Schema.Objects)
            foreach (var link in store.Schema.ChildrenOf(master).Where(link => FieldsOver(master, link.Child, link.Lookup).Any()))
                if (store.Table(master).Snapshot().Made is null) Update(master, link.Child, link.Lookup, null, null);
    }

    /// <summary>A master begins with the roll-ups of no details: a count or sum of zero, no minimum or maximum.</summary>
    public void Begin(ObjectType master, string?[] values)
    {
        foreach (var field in master.AllFields)
            if (field.RollUp is { } rollUp && store.Schema.Find(rollUp.ChildObject) is { } child) values[field.Slot] = Value(field, child, []);
    }

    private static IEnumerable<Field> FieldsOver(ObjectType master, ObjectType child, Field lookup) => master.AllFields.Where(field =>
        field.RollUp is { } rollUp && rollUp.ChildObject.Equals(child.Name, StringComparison.OrdinalIgnoreCase)
        && rollUp.ChildLookup.Equals(lookup.Name, StringComparison.OrdinalIgnoreCase));

    private void Update(ObjectType master, ObjectType child, Field lookup, HashSet<string>? parents, Journal? journal)
    {
        // Generated masters are made with the right roll-ups: of those only the touched ones are worked out again.
        var details = (parents is null ? store.Table(child).Live().Where(row => row[lookup.Slot] is not null) : store.Table(child).Children(lookup, parents))
            .ToLookup(row => row[lookup.Slot]!, StringComparer.Ordinal);
        var table = store.Table(master);
        foreach (var row in parents is null ? table.Live() : parents.Select(table.FindLive).OfType<Row>())
        {
            var values = new string?[Math.Max(master.SlotCount, row.Values.Length)];       // the roll-up may be younger than the record
            row.Values.CopyTo(values, 0);
            foreach (var field in FieldsOver(master, child, lookup)) values[field.Slot] = Value(field, child, [.. details[row.Id]]);
            if (values.AsSpan(0, row.Values.Length).SequenceEqual(row.Values) && !values.AsSpan(row.Values.Length).ContainsAnyExcept((string?)null)) continue;
            if (journal is null) table.Replace(row, row with { Values = values });
            else journal.Replace(table, row, row with { Values = values, Modified = store.Now, Modstamp = store.Now, ModifiedBy = store.AdminId });
        }
    }

    private static string? Value(Field field, ObjectType child, Row[] rows)
    {
        var rollUp = field.RollUp!;
        if (rollUp.Filters.Count > 0) rows = Array.FindAll(rows, row => rollUp.Filters.All(filter => RollUpTest.Passes(child, filter, row)));
        if (rollUp.Operation == "count") return Coercion.Number(rows.Length.ToString(CultureInfo.InvariantCulture));
        if (rollUp.ChildField is null || child.Find(rollUp.ChildField) is not { } over) return null;
        var texts = rows.Select(row => FieldReader.Text(child, over, row)).OfType<string>().ToArray();
        if (!over.Type.IsNumber())
            return texts.Length == 0 ? null : rollUp.Operation == "min" ? texts.Min(StringComparer.Ordinal) : texts.Max(StringComparer.Ordinal);
        var numbers = texts.Select(text => decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)).ToArray();
        if (numbers.Length == 0) return rollUp.Operation == "sum" ? "0.0" : null;
        var result = rollUp.Operation switch { "min" => numbers.Min(), "max" => numbers.Max(), _ => numbers.Sum() };
        return Coercion.Number(result.ToString(CultureInfo.InvariantCulture));
    }
}
