using OrgSimulator.Schema;

namespace OrgSimulator.Loading;

/// <summary>Objects and lookups that are not in the standard schema.</summary>
public static class CustomObjects
{
    public static ObjectType New(string name, string? autoNumberName = null, bool hasOwner = true)
    {
        var type = new ObjectType(name, null);
        SystemFields.AddIdentity(type);
        if (hasOwner) SystemFields.AddOwner(type, "Group", "User");
        SystemFields.AddDeletedFlag(type);
        type.Add("Name", FieldType.String, field =>
        {
            (field.Length, field.NameField, field.IdLookup, field.DefaultedOnCreate) = (80, true, true, true);
            if (autoNumberName is null) return;
            field.AutoNumberFormat = autoNumberName;
            field.Createable = field.Updateable = field.Nillable = false;
        });
        SystemFields.AddAudit(type);
        return type;
    }

    public static Field Lookup(OrgSchema schema, ObjectType type, string name, string target)
    {
        var field = new Field(name, FieldType.Reference)
        {
            Length = 18,
            RelationshipName = name.EndsWith("__c", StringComparison.Ordinal) ? name[..^1] + "r"
                : name.EndsWith("Id", StringComparison.Ordinal) ? name[..^2] : name,
        };
        field.ReferenceTo.Add(target);
        field.ChildRelationshipName = FreeChildName(schema, type, name, target);
        return field;
    }

    /// <summary>A name for the children of the target that no other lookup to it has.</summary>
    public static string FreeChildName(OrgSchema schema, ObjectType child, string lookup, string target)
    {
        var plain = child.Name.Replace("__c", "", StringComparison.Ordinal);
        plain = plain[(plain.IndexOf("__", StringComparison.Ordinal) is var at and >= 0 ? at + 2 : 0)..] + "s";
        var taken = schema.Objects.Append(child).SelectMany(type => type.Fields).Where(field => field.ReferenceTo.Contains(target, StringComparer.OrdinalIgnoreCase))
            .Select(field => field.ChildRelationshipName).OfType<string>().ToHashSet(StringComparer.OrdinalIgnoreCase);
        return taken.Contains(plain) ? $"{plain}_{lookup.Replace("__c", "", StringComparison.Ordinal).Replace("__", "_", StringComparison.Ordinal)}" : plain;
    }
}
