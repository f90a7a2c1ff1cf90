using System.Text.Json;
using OrgSimulator.Schema;
using OrgSimulator.Soql;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>Writes records as the REST API writes them.</summary>
public sealed class RecordJson(OrgStore store, string basePath)
{
    /// <summary>Most children of one record that stand in the answer at once; the others follow by an address of their own.</summary>
    public int MostChildren { get; init; } = int.MaxValue;

    /// <summary>Gives children that have no room a cursor, and its Id back.</summary>
    public Func<QueryPlan, List<Row>, string>? Open { get; init; }

    public void Record(Utf8JsonWriter json, ObjectType type, Row row, IReadOnlyList<Field> fields)
    {
        json.WriteStartObject();
        Attributes(json, type.Name, row.Id);
        foreach (var field in fields) Field(json, field.Name, type, field, row);
        json.WriteEndObject();
    }

    public void Records(Utf8JsonWriter json, QueryPlan plan, IReadOnlyList<Row> rows, bool includeDeleted)
    {
        var children = Kin(plan, rows, includeDeleted);
        foreach (var row in rows)
        {
            json.WriteStartObject();
            Attributes(json, plan.Type.Name, row.Id);
            foreach (var column in plan.Columns)
            {
                if (column is ChildrenColumn kids) WriteChildren(json, kids, [.. children[kids][row.Id]], includeDeleted);
                else WriteColumn(json, column, plan.Type, row);
            }
            json.WriteEndObject();
        }
    }

    /// <summary>How many of the rows fill a page: children count like records, and at least one record is given.</summary>
    public int Fitting(QueryPlan plan, IReadOnlyList<Row> rows, int size, bool includeDeleted)
    {
        if (!plan.Columns.Any(column => column is ChildrenColumn)) return rows.Count;
        var (taken, room) = (0, size);
        // Children are read for a few records at a time: those of records that find no room would be read in vain.
        foreach (var some in rows.Chunk(200))
        {
            var children = Kin(plan, some, includeDeleted);
            foreach (var row in some)
            {
                if (room <= 0) return taken;
                room -= 1 + children.Sum(kin => Math.Min(kin.Key.Plan.Window([.. kin.Value[row.Id]]).Count, MostChildren));
                taken++;
            }
        }
        return taken;
    }

    private Dictionary<ChildrenColumn, ILookup<string, Row>> Kin(QueryPlan plan, IReadOnlyList<Row> rows, bool includeDeleted) =>
        plan.Columns.OfType<ChildrenColumn>().ToDictionary(column => column, column => Children(column, rows, includeDeleted));

    public static void Aggregate(Utf8JsonWriter json, QueryPlan plan, AggregateRow row)
    {
        json.WriteStartObject();
        json.WriteStartObject("attributes");
        json.WriteString("type", "AggregateResult");
        json.WriteEndObject();
        foreach (var column in plan.Columns.Cast<AggregateColumn>())
        {
            json.WritePropertyName(column.Name);
            Value(json, Aggregates.TypeOf(column), row.Values[column.Name]);
        }
        json.WriteEndObject();
    }

    public void Field(Utf8JsonWriter json, string name, ObjectType type, Field field, Row row)
    {
        json.WritePropertyName(name);
        if (field.Type == FieldType.Base64)
        {
            if (row[field.Slot] is null) json.WriteNullValue();
            else json.WriteStringValue($"{basePath}/sobjects/{type.Name}/{row.Id}/{field.Name}");
        }
        else if (field.Type.IsCompound()) Compound(json, type, field, row);
        else Value(json, field.Type, FieldReader.Text(type, field, row));
    }

    public static void Value(Utf8JsonWriter json, FieldType type, string? text)
    {
        if (text is null) json.WriteNullValue();
        else if (type == FieldType.Boolean) json.WriteBooleanValue(text == "true");
        else if (type.IsNumber()) json.WriteRawValue(text);
        else if (type == FieldType.DateTime) json.WriteStringValue(FieldReader.RestDateTime(text));
        else json.WriteStringValue(text);
    }

    private void Attributes(Utf8JsonWriter json, string type, string id)
    {
        json.WriteStartObject("attributes");
        json.WriteString("type", type);
        json.WriteString("url", $"{basePath}/sobjects/{type}/{id}");
        json.WriteEndObject();
    }

    private void WriteColumn(Utf8JsonWriter json, Column column, ObjectType type, Row row)
    {
        switch (column)
        {
            case FieldColumn(var name, var field):
                Field(json, name, type, field, row);
                break;
            case ComputedColumn computed:
                json.WritePropertyName(computed.Name);
                Value(json, computed.Type, computed.Read(row));
                break;
            case ParentColumn parent:
                json.WritePropertyName(parent.Name);
                if (BoundPath.Follow(store, type, row, [parent.Lookup]) is var (parentType, parentRow)) WriteParent(json, parent, parentType, parentRow);
                else json.WriteNullValue();
                break;
            case TypeOfColumn choice:
                json.WritePropertyName(choice.Name);
                if (BoundPath.Follow(store, type, row, [choice.Lookup]) is var (chosenType, chosen)) WriteChosen(json, choice, chosenType, chosen);
                else json.WriteNullValue();
                break;
        }
    }

    private void WriteChosen(Utf8JsonWriter json, TypeOfColumn choice, ObjectType type, Row row)
    {
        json.WriteStartObject();
        Attributes(json, type.Name, row.Id);
        if (choice.Cases.TryGetValue(type.Name, out var columns))
            foreach (var column in columns) WriteColumn(json, column, type, row);
        else
            foreach (var name in choice.Otherwise)
            {
                json.WritePropertyName(name);
                Value(json, NameEntity.Type[name].Type, BoundPath.ReadLeaf(type, row, name));
            }
        json.WriteEndObject();
    }

    private void WriteParent(Utf8JsonWriter json, ParentColumn parent, ObjectType type, Row row)
    {
        json.WriteStartObject();
        json.WriteStartObject("attributes");
        json.WriteString("type", parent.Parent is null ? "Name" : type.Name);
        json.WriteString("url", $"{basePath}/sobjects/{type.Name}/{row.Id}");
        json.WriteEndObject();
        foreach (var column in parent.Columns)
        {
            // Behind a polymorphic lookup the field is found by name in whatever object stands there.
            if (parent.Parent is null && column is FieldColumn(var name, var field)) Value2(name, field);
            else WriteColumn(json, column, type, row);
        }
        json.WriteEndObject();

        void Value2(string name, Field field)
        {
            json.WritePropertyName(name);
            Value(json, field.Type, BoundPath.ReadLeaf(type, row, name));
        }
    }

    private ILookup<string, Row> Children(ChildrenColumn column, IReadOnlyList<Row> parents, bool includeDeleted)
    {
        var ids = parents.Select(parent => parent.Id).ToHashSet(StringComparer.Ordinal);
        var plan = column.Plan;
        // LIMIT of a child query counts per parent, so it is applied after grouping.
        var all = new QueryPlan
        {
            Soql = plan.Soql, Type = plan.Type, Columns = plan.Columns, Groups = [], Having = null, FlatPaths = null, Order = plan.Order,
            Reach = plan.Reach.Ids is not null || column.Link.Lookup.Source != FieldSource.Slot ? plan.Reach : plan.Reach with { IsWhole = false, Children = (column.Link.Lookup, ids) },
            Filter = row => FieldReader.Text(plan.Type, column.Link.Lookup, row) is { } parent && ids.Contains(parent) && plan.Filter?.Invoke(row) != false,
        };
        return new QueryResult(all, store, includeDeleted).From(0).ToLookup(row => FieldReader.Text(plan.Type, column.Link.Lookup, row)!, StringComparer.Ordinal);
    }

    private void WriteChildren(Utf8JsonWriter json, ChildrenColumn column, List<Row> rows, bool includeDeleted)
    {
        json.WritePropertyName(column.Name);
        rows = column.Plan.Window(rows);
        if (rows.Count == 0)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        json.WriteNumber("totalSize", rows.Count);
        var done = Open is null || rows.Count <= MostChildren;
        json.WriteBoolean("done", done);
        if (!done) json.WriteString("nextRecordsUrl", $"{basePath}/query/{Open!(column.Plan, rows)}-{MostChildren}");
        json.WriteStartArray("records");
        Records(json, column.Plan, done ? rows : rows[..MostChildren], includeDeleted);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Compound(Utf8JsonWriter json, ObjectType type, Field compound, Row row)
    {
        var parts = type.AllFields.Where(field => field.CompoundName == compound.Name).ToArray();
        if (Array.TrueForAll(parts, part => row[part.Slot] is null))
        {
            json.WriteNullValue();
            return;
        }
        var prefix = compound.Name.EndsWith("__c", StringComparison.Ordinal) ? compound.Name[..^3] + "__"
            : compound.Name.EndsWith("Address", StringComparison.Ordinal) ? compound.Name[..^7] : "";
        json.WriteStartObject();
        foreach (var (key, part) in parts.Select(part => (Key(part.Name, prefix), part)).OrderBy(pair => pair.Item1, StringComparer.Ordinal))
        {
            json.WritePropertyName(key);
            Value(json, part.Type, row[part.Slot]);
        }
        json.WriteEndObject();
    }

    private static string Key(string name, string prefix)
    {
        var bare = name[prefix.Length..];
        if (bare.EndsWith("__s", StringComparison.Ordinal)) bare = bare[..^3];
        return char.ToLowerInvariant(bare[0]) + bare[1..];
    }
}
