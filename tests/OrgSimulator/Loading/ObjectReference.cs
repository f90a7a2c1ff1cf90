using System.IO.Compression;
using System.Text.Json;
using OrgSimulator.Schema;

namespace OrgSimulator.Loading;

/// <summary>
/// Standard objects and fields from a public reference, one JSON object a line, plain or gzip. What the built-in schema knows it knows better;
/// the reference adds objects, and to known objects the fields that they lack. It tells no precision and often no capabilities: an object of which
/// none is told can be queried but not written.
/// </summary>
public static class ObjectReference
{
    /// <exception cref="LoadException">The file is missing or no such list.</exception>
    public static void Read(string path, OrgSchema schema)
    {
        if (!File.Exists(path)) throw new LoadException(path, null, "the file does not exist", "Check the path given to --object-reference");
        using var file = File.OpenRead(path);
        using var text = new StreamReader(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionMode.Decompress) : file);
        for (var line = 1; text.ReadLine() is { } written; line++)
        {
            if (written.Length == 0) continue;
            try
            {
                using var json = JsonDocument.Parse(written);
                Add(schema, json.RootElement);
            }
            catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException)
            {
                throw new LoadException(path, line, "it is no object with name and properties", "Give the packed object reference, one JSON object a line");
            }
        }
    }

    private static void Add(OrgSchema schema, JsonElement json)
    {
        var name = json.GetProperty("name").GetString()!;
        if (!IsName(name)) name = string.Concat(name.Where(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_'));     // "Business Process", "ApiFault Element"
        if (name.Length == 0) return;
        var properties = json.GetProperty("properties");
        var type = schema.Find(name);
        var added = type is null;
        type ??= New(name, json);
        if (added) SystemFields.AddIdentity(type);
        foreach (var property in properties.EnumerateObject())
            if (IsName(property.Name) && type.FindAny(property.Name) is null && !property.Name.StartsWith("Person", StringComparison.Ordinal) && AField(property.Value, property.Name, type, added) is { } field)
                type.Add(field);
        if (!added) return;
        if (type.NameField is null && type.FindAny("Name") is { Type: FieldType.String } called) called.NameField = true;
        schema.Replace(type);
    }

    private static ObjectType New(string name, JsonElement json)
    {
        var told = json.TryGetProperty("queryable", out _);
        var metadata = json.TryGetProperty("module", out var module) && module.GetString() is "Tooling API" or "Metadata API";
        var type = new ObjectType(name, json.TryGetProperty("keyPrefix", out var prefix) && prefix.GetString() is { Length: 3 } given ? given : null)
        {
            Createable = Flag(json, "createable"), Updateable = Flag(json, "updateable"), Deletable = Flag(json, "deletable"),
            Undeletable = Flag(json, "deletable") && Flag(json, "createable"), Queryable = told ? Flag(json, "queryable") : !metadata, Setup = metadata || !Flag(json, "createable"),
        };
        type.Retrieveable = type.Queryable;
        type.Replicateable = type.Queryable && Flag(json, "createable");
        if (json.TryGetProperty("label", out var label)) (type.Label, type.LabelPlural) = (label.GetString()!, label.GetString()! + "s");
        foreach (var (kind, ending) in ((string, string)[])[("ChangeEvent", "ChangeEvent"), ("History", "History"), ("Share", "Share"), ("Feed", "Feed")])
            if (name.EndsWith(ending, StringComparison.Ordinal) && name.Length > ending.Length && !metadata)
                (type.AssociateEntityType, type.AssociateParentEntity) = (kind, name[..^ending.Length]);
        if (type.AssociateEntityType == "ChangeEvent" || name.EndsWith("EventStream", StringComparison.Ordinal)) type.Queryable = type.Retrieveable = type.Replicateable = false;
        return type;
    }

    private static Field? AField(JsonElement json, string name, ObjectType type, bool added)
    {
        var kind = json.TryGetProperty("type", out var told) ? Kind(told.GetString() ?? "", name) : FieldType.String;
        var readOnly = Flag(json, "readOnly");
        var field = new Field(name, kind)
        {
            Nillable = !added || !json.TryGetProperty("nullable", out var nullable) || nullable.ValueKind != JsonValueKind.False || kind == FieldType.Boolean,
            Createable = !readOnly && type.Createable, Updateable = !readOnly && type.Updateable,
            Length = json.TryGetProperty("maxLength", out var length) && length.TryGetInt32(out var characters) ? characters : kind.IsText() ? 255 : 0,
            Source = name switch
            {
                "IsDeleted" => FieldSource.IsDeleted, "CreatedDate" => FieldSource.CreatedDate, "CreatedById" => FieldSource.CreatedById,
                "LastModifiedDate" => FieldSource.LastModifiedDate, "LastModifiedById" => FieldSource.LastModifiedById, "SystemModstamp" => FieldSource.SystemModstamp,
                _ when kind.IsCompound() => FieldSource.Compound,
                _ => FieldSource.Slot,
            },
        };
        switch (kind)
        {
            case FieldType.Boolean: (field.Nillable, field.DefaultedOnCreate, field.DefaultValue) = (false, true, "false"); break;
            case FieldType.Int: field.Length = 9; break;
            case FieldType.Double or FieldType.Currency or FieldType.Percent:
                (field.Precision, field.Scale, field.Length) = (18, Digits(json), 0);
                break;
            case FieldType.Reference:
                field.Length = 18;
                if (json.TryGetProperty("x-objects", out var targets) && targets.ValueKind == JsonValueKind.Array)
                    field.ReferenceTo.AddRange(targets.EnumerateArray().Select(target => target.GetString()).OfType<string>().Distinct(StringComparer.Ordinal));
                else if (json.TryGetProperty("x-object", out var target) && target.ValueKind == JsonValueKind.String) field.ReferenceTo.Add(target.GetString()!);
                field.RelationshipName = name.EndsWith("Id", StringComparison.Ordinal) ? name[..^2] : null;
                if (name == "OwnerId") (field.DefaultedOnCreate, field.DeleteRule) = (true, DeleteRule.Keep);
                break;
        }
        if (field.Source is not (FieldSource.Slot or FieldSource.Compound))
            (field.Createable, field.Updateable, field.Nillable, field.DefaultedOnCreate, field.DeleteRule) = (false, false, false, true, DeleteRule.Keep);
        if (field.Source == FieldSource.Compound) field.Createable = field.Updateable = false;
        if (json.TryGetProperty("enum", out var values) && values.ValueKind == JsonValueKind.Array)
            field.PicklistValues.AddRange(values.EnumerateArray().Where(value => value.ValueKind == JsonValueKind.String).Select(value => value.GetString()!).Distinct(StringComparer.Ordinal));
        return field;
    }

    /// <summary>The reference spells types in many ways; what it calls nothing known is text.</summary>
    private static FieldType Kind(string told, string name) => told.ToLowerInvariant() switch
    {
        "id" or "entityid" when name == "Id" => FieldType.Id,
        "number" => FieldType.Double,
        "integer" => FieldType.Int,
        "text" => FieldType.String,
        "enum" or "pick list" or "restricted picklist" or "dynamic picklist" => FieldType.Picklist,
        "timeonly" => FieldType.Time,
        "id" or "entityid" => FieldType.Reference,
        "any type" => FieldType.AnyType,
        "long text area" => FieldType.TextArea,
        var words when words.Contains("lookup", StringComparison.Ordinal) || words.Contains("master", StringComparison.Ordinal) || words.Contains("reference", StringComparison.Ordinal)
            && words != "datacategorygroupreference" => FieldType.Reference,
        var word => Enum.GetValues<FieldType>().Where(type => type.Name().Equals(word, StringComparison.OrdinalIgnoreCase) && type != FieldType.Id).Cast<FieldType?>().FirstOrDefault() ?? FieldType.String,
    };

    /// <summary>"multipleOf" 0.01 means two digits behind the point.</summary>
    private static int Digits(JsonElement json) => json.TryGetProperty("multipleOf", out var step) && step.TryGetDouble(out var size) && size is > 0 and < 1 ? (int)Math.Round(-Math.Log10(size)) : 2;

    private static bool IsName(string text) => text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_');

    private static bool Flag(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;
}
