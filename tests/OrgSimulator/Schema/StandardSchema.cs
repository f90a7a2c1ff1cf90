using System.Globalization;

namespace OrgSimulator.Schema;

/// <summary>Reads <c>standard.schema</c>, whose head describes its grammar.</summary>
public static class StandardSchema
{
    private static readonly string[] Geocodes =
        ["Address", "NearAddress", "Block", "Street", "ExtendedZip", "Zip", "Neighborhood", "City", "County", "State", "Unknown"];

    public static IEnumerable<ObjectType> Load()
    {
        using var reader = new StreamReader(typeof(StandardSchema).Assembly.GetManifestResourceStream("standard.schema")!);
        ObjectType? type = null;
        string[] flags = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.Length == 0 || line[0] == '#') continue;
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words[0] == "object")
            {
                if (type is not null) yield return Finish(type, flags);
                flags = words[3..];
                type = Begin(words[1], words[2], flags);
            }
            else AddField(type!, words, line);
        }
        yield return Finish(type!, flags);
    }

    private static ObjectType Begin(string name, string prefix, string[] flags)
    {
        var type = new ObjectType(name, prefix == "-" ? null : prefix);
        foreach (var flag in flags)
        {
            var (key, value) = Split(flag);
            switch (key)
            {
                case "nocreate": type.Createable = false; break;
                case "noupdate": type.Updateable = false; break;
                case "nodelete": type.Deletable = false; break;
                case "noundelete": type.Undeletable = false; break;
                case "noquery": type.Queryable = false; break;
                case "noretrieve": type.Retrieveable = false; break;
                case "norep": type.Replicateable = false; break;
                case "setup": type.Setup = true; break;
                case "nobulk": type.BulkRefused = true; break;
                case "label": type.Label = value; type.LabelPlural = value + "s"; break;
                case "plural": type.LabelPlural = value; break;
                case "history": Associate(type, "History", value); break;
                case "share": Associate(type, "Share", value); break;
                case "feed": Associate(type, "Feed", value); break;
                case "change": Associate(type, "ChangeEvent", value); break;
                case "noaudit" or "nostamp" or "noflag": break;
                default: throw new InvalidDataException($"standard.schema: object {name}: unknown flag '{flag}'");
            }
        }
        SystemFields.AddIdentity(type);
        if (!flags.Contains("noflag")) SystemFields.AddDeletedFlag(type);
        return type;
    }

    private static void Associate(ObjectType type, string kind, string parent)
    {
        type.AssociateEntityType = kind;
        type.AssociateParentEntity = parent;
    }

    private static ObjectType Finish(ObjectType type, string[] flags)
    {
        if (flags.Contains("nostamp")) return type;
        if (flags.Contains("noaudit")) SystemFields.AddModstamp(type);
        else SystemFields.AddAudit(type);
        return type;
    }

    private static void AddField(ObjectType type, string[] words, string line)
    {
        switch (words[0])
        {
            case "owner": SystemFields.AddOwner(type, words[1].Split('|')); return;
            case "person": AddPerson(type); return;
            case "address": AddAddress(type, words[1] == "-" ? "" : words[1]); return;
        }
        var field = new Field(words[0], FieldTypes.Parse(words[1])
            ?? throw new InvalidDataException($"standard.schema: {type.Name}.{words[0]}: unknown type '{words[1]}'"));
        var at = 2;
        if (words.Length > 2 && char.IsAsciiDigit(words[2][0]))
        {
            var size = words[2].Split('.');
            if (size.Length == 2) (field.Precision, field.Scale) = (Int(size[0]), Int(size[1]));
            else field.Length = Int(size[0]);
            at = 3;
        }
        if (field.Type == FieldType.Reference) field.Length = 18;
        for (; at < words.Length && words[at] is not ("->" or "="); at++) Flag(field, words[at], type);
        if (at < words.Length && words[at] == "->")
        {
            field.ReferenceTo.AddRange(words[at + 1].Split('|'));
            field.RelationshipName = field.Name.EndsWith("Id", StringComparison.Ordinal) ? field.Name[..^2] : null;
        }
        if (line.IndexOf(" = ", StringComparison.Ordinal) is var values and > 0) field.PicklistValues.AddRange(line[(values + 3)..].Split(';'));
        type.Add(field);
    }

    private static void Flag(Field field, string flag, ObjectType type)
    {
        var (key, value) = Split(flag);
        switch (key)
        {
            case "required": field.Nillable = false; break;
            case "name": field.NameField = true; break;
            case "idlookup": field.IdLookup = true; break;
            case "unique": field.Unique = true; break;
            case "external": field.ExternalId = true; break;
            case "ro": field.Createable = field.Updateable = false; break;
            case "co": field.Updateable = false; break;
            case "uo": field.Createable = false; break;
            case "default": field.DefaultedOnCreate = true; field.DefaultValue = value.Length == 0 ? null : value; break;
            case "restricted": field.RestrictedPicklist = true; break;
            case "as": field.ChildRelationshipName = value == "none" ? null : value; break;
            case "cascade": field.DeleteRule = DeleteRule.Cascade; break;
            case "restrict": field.DeleteRule = DeleteRule.Restrict; break;
            case "keep": field.DeleteRule = DeleteRule.Keep; break;
            case "auto":
                field.AutoNumberFormat = value;
                field.Createable = field.Updateable = field.Nillable = false;
                field.DefaultedOnCreate = true;
                break;
            default: throw new InvalidDataException($"standard.schema: {type.Name}.{field.Name}: unknown flag '{flag}'");
        }
        if (field.Type == FieldType.Boolean)
        {
            field.Nillable = false;
            field.DefaultedOnCreate = true;
            field.DefaultValue ??= "false";
        }
    }

    private static void AddPerson(ObjectType type)
    {
        var writable = type.Createable;
        Part("LastName", FieldType.String, 80, part => part.Nillable = false);
        Part("FirstName", FieldType.String, 40);
        Part("Salutation", FieldType.Picklist, 40, part => part.PicklistValues.AddRange(["Mr.", "Ms.", "Mrs.", "Dr.", "Prof.", "Mx."]));
        type.Add("Name", FieldType.String, name =>
        {
            (name.Source, name.Label, name.Length, name.NameField) = (FieldSource.PersonName, "Full Name", 121, true);
            name.Nillable = name.Createable = name.Updateable = false;
            name.ExtraTypeInfo = "personname";
        });

        void Part(string name, FieldType fieldType, int length, Action<Field>? shape = null) => type.Add(name, fieldType, part =>
        {
            (part.Length, part.CompoundName, part.ExtraTypeInfo) = (length, "Name", "personname");
            part.Createable = part.Updateable = writable;
            shape?.Invoke(part);
        });
    }

    private static void AddAddress(ObjectType type, string prefix)
    {
        var compound = prefix + "Address";
        var writable = type.Createable;
        foreach (var (suffix, fieldType, length) in ((string, FieldType, int)[])
                 [("Street", FieldType.TextArea, 255), ("City", FieldType.String, 40), ("State", FieldType.String, 80),
                  ("PostalCode", FieldType.String, 20), ("Country", FieldType.String, 80), ("Latitude", FieldType.Double, 0),
                  ("Longitude", FieldType.Double, 0), ("GeocodeAccuracy", FieldType.Picklist, 40)])
        {
            var part = type.Add(prefix + suffix, fieldType);
            (part.Length, part.CompoundName, part.Createable, part.Updateable) = (length, compound, writable, writable);
            if (fieldType == FieldType.Double) (part.Precision, part.Scale) = (18, 15);
            if (fieldType == FieldType.TextArea) part.ExtraTypeInfo = "plaintextarea";
            if (fieldType == FieldType.Picklist)
            {
                part.RestrictedPicklist = true;
                part.PicklistValues.AddRange(Geocodes);
            }
        }
        var whole = type.Add(new Field(compound, FieldType.Address) { Source = FieldSource.Compound });
        whole.Createable = whole.Updateable = false;
    }

    private static (string Key, string Value) Split(string flag) =>
        flag.IndexOf(':', StringComparison.Ordinal) is var at and >= 0 ? (flag[..at], flag[(at + 1)..].Replace('_', ' ')) : (flag, "");

    private static int Int(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
