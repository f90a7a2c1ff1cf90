using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Soql;

/// <summary>A path such as <c>Account.Owner.Name</c>, checked against the schema: lookups to follow and the field at the end.</summary>
public sealed class BoundPath(ObjectType root, IReadOnlyList<Field> hops, ObjectType? leafType, Field leaf, string text)
{
    public ObjectType Root { get; } = root;
    public IReadOnlyList<Field> Hops { get; } = hops;

    /// <summary>Object of the last field; null behind a polymorphic lookup, where it differs by record.</summary>
    public ObjectType? LeafType { get; } = leafType;
    public Field Leaf { get; } = leaf;

    /// <summary>The path in the spelling of the describe.</summary>
    public string Text { get; } = text;

    public string? Read(OrgStore store, Row row)
    {
        if (Hops.Count == 0) return FieldReader.Text(Root, Leaf, row);
        if (Follow(store, Root, row, Hops) is not var (type, parent)) return null;
        return LeafType is null ? ReadLeaf(type, parent, Leaf.Name) : FieldReader.Text(type, Leaf, parent);
    }

    /// <summary>The record at the end of the lookups, deleted or not; null when one of them is empty.</summary>
    public static (ObjectType Type, Row Row)? Follow(OrgStore store, ObjectType type, Row row, IReadOnlyList<Field> hops)
    {
        foreach (var hop in hops)
        {
            if (FieldReader.Text(type, hop, row) is not { } id || store.Schema.OfId(id) is not { } next || store.Table(next).Find(id) is not { } parent) return null;
            (type, row) = (next, parent);
        }
        return (type, row);
    }

    /// <summary>Reads by name, because behind a polymorphic lookup the object is known only from the Id. "Type" is the object's name.</summary>
    public static string? ReadLeaf(ObjectType type, Row row, string name)
    {
        if (name == "Type") return type.Name;
        if (name == "Name" && type.Find("Name") is null) return type.NameField is { } stand ? FieldReader.Text(type, stand, row) : null;
        return type.Find(name) is { } field ? FieldReader.Text(type, field, row) : null;
    }
}

/// <summary>The fields that the pseudo-object "Name" offers behind polymorphic lookups.</summary>
public static class NameEntity
{
    public static ObjectType Type { get; } = Build();

    private static ObjectType Build()
    {
        var type = new ObjectType("Name", null);
        SystemFields.AddIdentity(type);
        foreach (var name in (string[])["Name", "Type", "FirstName", "LastName", "Title", "Email", "Phone", "Username", "Alias"])
            type.Add(name, FieldType.String, field => field.Length = 255);
        type.Add("IsActive", FieldType.Boolean);
        return type;
    }
}
