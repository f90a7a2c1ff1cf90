using System.Globalization;
using System.Text.Json;
using OrgSimulator.Schema;

namespace OrgSimulator.Loading;

/// <summary>
/// Objects as real orgs described them: every <c>*.describe.json</c> of a folder, and its <c>global.json</c>. The recorded describe becomes the
/// schema of its object; fields that only the built-in schema knows stay for the rules of the platform, but nobody sees them.
/// </summary>
public sealed class RecordedDescribes(OrgSchema schema, TextWriter warnings)
{
    public const string Ending = ".describe.json";
    private readonly Dictionary<string, string> _files = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ObjectType> _recorded = [];

    /// <summary>Record types that the describes name: object, Id, developer name, name, active.</summary>
    public List<(string Object, string Id, string DeveloperName, string Name, bool Active)> RecordTypes { get; } = [];

    /// <param name="path">A folder, or one file of it.</param>
    /// <exception cref="LoadException">The path does not exist or holds no describe.</exception>
    public void Read(string path)
    {
        if (File.Exists(path)) ReadObject(path);
        else if (Directory.Exists(path)) ReadFolder(path);
        else throw new LoadException(path, null, "the folder does not exist", "Check the path given to --describes");
    }

    /// <summary>Lookups learn from the parents' describes how their children are called and what a delete does to them. Call it after the last Read.</summary>
    public void Link()
    {
        foreach (var parent in _recorded)
            foreach (var link in parent.Recorded!.Value.GetProperty("childRelationships").EnumerateArray())
            {
                if (schema.Find(Text(link, "childSObject") ?? "")?.FindAny(Text(link, "field") ?? "") is not { Type: FieldType.Reference } lookup) continue;
                lookup.ChildRelationshipName = Text(link, "relationshipName") ?? lookup.ChildRelationshipName;
                if (Flag(link, "cascadeDelete")) lookup.DeleteRule = DeleteRule.Cascade;
                else if (Flag(link, "restrictedDelete")) lookup.DeleteRule = DeleteRule.Restrict;
                if (!lookup.ReferenceTo.Contains("*") && !lookup.ReferenceTo.Contains(parent.Name, StringComparer.OrdinalIgnoreCase)) lookup.ReferenceTo.Add(parent.Name);
            }
    }

    private void ReadFolder(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*" + Ending).Order(StringComparer.Ordinal).ToList();
        var global = Path.Combine(folder, "global.json");
        if (files.Count == 0 && !File.Exists(global))
            throw new LoadException(folder, null, $"it holds neither *{Ending} nor global.json", "Give a folder of recorded describes");
        foreach (var file in files) ReadObject(file);
        if (File.Exists(global)) ReadGlobal(global);
    }

    private static JsonElement Parse(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            return json.RootElement.Clone();
        }
        catch (JsonException problem)
        {
            throw new LoadException(path, (int?)problem.LineNumber + 1, "it is not valid JSON", "Record the describe again");
        }
    }

    private void ReadObject(string path)
    {
        var json = Parse(path);
        if (json.ValueKind != JsonValueKind.Object || Text(json, "name") is not { } name || !json.TryGetProperty("fields", out var fields) || fields.ValueKind != JsonValueKind.Array)
            throw new LoadException(path, null, "it is no describe: name or fields are missing", "It must be the body of GET sobjects/<Object>/describe");
        if (_files.TryGetValue(name, out var before))
        {
            // Two orgs described the object: the file that bears its name is meant.
            var keepsBefore = Path.GetFileName(before).Equals(name + Ending, StringComparison.OrdinalIgnoreCase) && Path.GetDirectoryName(before) == Path.GetDirectoryName(path);
            warnings.WriteLine($"warning: {(keepsBefore ? path : before)}: left out, {Path.GetFileName(keepsBefore ? before : path)} describes {name}, too");
            if (keepsBefore) return;
            _recorded.RemoveAll(other => other.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
            RecordTypes.RemoveAll(other => other.Object.Equals(name, StringComparison.OrdinalIgnoreCase));
        }
        _files[name] = path;
        var known = schema.Find(name);
        var type = new ObjectType(name, Text(json, "keyPrefix") ?? known?.KeyPrefix)
        {
            Label = Text(json, "label") ?? name, LabelPlural = Text(json, "labelPlural") ?? name, Recorded = json, Setup = known?.Setup ?? false,
            AssociateEntityType = Text(json, "associateEntityType"), AssociateParentEntity = Text(json, "associateParentEntity"),
            MandatoryFilters = known?.MandatoryFilters ?? [], QueryRefusal = known?.QueryRefusal, BulkRefused = known?.BulkRefused ?? false,
        };
        SetFlags(type, json);
        var people = fields.EnumerateArray().Any(field => Text(field, "compoundFieldName") == "Name" && Text(field, "extraTypeInfo") is "personname");
        foreach (var field in fields.EnumerateArray()) type.Add(ReadField(path, field, known?.FindAny(Text(field, "name") ?? ""), people));
        foreach (var missing in known?.AllFields ?? [])
            if (type.FindAny(missing.Name) is null)
            {
                missing.Slot = -1;
                (missing.Hidden, missing.Nillable) = (true, true);
                type.Add(missing);
            }
        foreach (var info in json.GetProperty("recordTypeInfos").EnumerateArray())
            if (!Flag(info, "master") && SalesforceId.Complete(Text(info, "recordTypeId")) is { } id)
                RecordTypes.Add((name, id, Text(info, "developerName") ?? "", Text(info, "name") ?? "", Flag(info, "active")));
        if (name == "Account" && type.FindAny("IsPersonAccount") is { Hidden: false } && schema["RecordType"].FindAny("IsPersonType") is null)
            schema["RecordType"].Add("IsPersonType", FieldType.Boolean, flag => (flag.Nillable, flag.Createable, flag.Updateable, flag.DefaultedOnCreate, flag.DefaultValue) = (false, false, false, true, "false"));
        schema.Replace(type);
        _recorded.Add(type);
    }

    private static Field ReadField(string path, JsonElement json, Field? known, bool people)
    {
        var (name, typeName) = (Text(json, "name") ?? "", Text(json, "type") ?? "");
        var field = new Field(name, FieldTypes.Parse(typeName) ?? throw new LoadException(path, null, $"the field {name} has the unknown type '{typeName}'", "Record the describe again"))
        {
            Recorded = json, Label = Text(json, "label") ?? name, Precision = Number(json, "precision"), Scale = Number(json, "scale"),
            Nillable = Flag(json, "nillable"), Createable = Flag(json, "createable"), Updateable = Flag(json, "updateable"),
            DefaultedOnCreate = Flag(json, "defaultedOnCreate"), Calculated = Flag(json, "calculated"), Formula = Text(json, "calculatedFormula"),
            Unique = Flag(json, "unique"), CaseSensitive = Flag(json, "caseSensitive"), ExternalId = Flag(json, "externalId"), IdLookup = Flag(json, "idLookup"),
            NameField = Flag(json, "nameField"), Html = Flag(json, "htmlFormatted"), ExtraTypeInfo = Text(json, "extraTypeInfo"), CompoundName = Text(json, "compoundFieldName"),
            HelpText = Text(json, "inlineHelpText"), RestrictedPicklist = Flag(json, "restrictedPicklist"), RelationshipName = Text(json, "relationshipName"),
            ChildRelationshipName = known?.ChildRelationshipName, DeleteRule = known?.DeleteRule ?? DeleteRule.SetNull, RollUp = known?.RollUp,
            WriteRequiresMasterRead = Flag(json, "writeRequiresMasterRead"), MaskType = Text(json, "maskType"), BlanksAreZero = Flag(json, "formulaTreatNullNumberAsZero"),
            RelationshipOrder = json.TryGetProperty("relationshipOrder", out var order) && order.ValueKind == JsonValueKind.Number ? order.GetInt32() : null,
        };
        field.Length = field.Type == FieldType.Int ? Number(json, "digits") : Number(json, "length");
        if (Flag(json, "autoNumber")) field.AutoNumberFormat = known?.AutoNumberFormat ?? "{00000000}";
        if (json.TryGetProperty("picklistValues", out var values))
            foreach (var value in values.EnumerateArray().Where(value => Flag(value, "active")))
            {
                field.PicklistValues.Add(Text(value, "value") ?? "");
                if (Flag(value, "defaultValue") && field.Type == FieldType.Picklist) field.DefaultValue = Text(value, "value");
            }
        if (field.PicklistValues.Count == 0) field.RestrictedPicklist = false;
        if (json.TryGetProperty("referenceTo", out var targets)) field.ReferenceTo.AddRange(targets.EnumerateArray().Select(target => target.GetString()!));
        if (json.TryGetProperty("defaultValue", out var given) && given.ValueKind is JsonValueKind.True or JsonValueKind.False) field.DefaultValue = given.GetRawText();
        else if (given.ValueKind == JsonValueKind.String) field.DefaultValue ??= given.GetString();
        if (field.Type == FieldType.Reference && known?.DefaultValue is null && field.DefaultedOnCreate && name != "OwnerId") field.DefaultValue = null;
        field.Source = SourceOf(field, people);
        return field;
    }

    private static FieldSource SourceOf(Field field, bool people) => field.Name switch
    {
        _ when field.Type == FieldType.Id => FieldSource.Id,
        "IsDeleted" => FieldSource.IsDeleted,
        "CreatedDate" => FieldSource.CreatedDate,
        "CreatedById" => FieldSource.CreatedById,
        "LastModifiedDate" => FieldSource.LastModifiedDate,
        "LastModifiedById" => FieldSource.LastModifiedById,
        "SystemModstamp" => FieldSource.SystemModstamp,
        "Name" when people && !field.Createable => FieldSource.PersonName,
        _ when field.Type.IsCompound() => FieldSource.Compound,
        _ when field is { Calculated: true, Formula: not null } => FieldSource.Formula,
        _ => FieldSource.Slot,
    };

    private void ReadGlobal(string path)
    {
        var json = Parse(path);
        if (json.ValueKind != JsonValueKind.Object || !json.TryGetProperty("sobjects", out var objects))
            throw new LoadException(path, null, "it is no describe global: sobjects is missing", "It must be the body of GET sobjects");
        foreach (var entry in objects.EnumerateArray())
        {
            var name = Text(entry, "name") ?? throw new LoadException(path, null, "an entry has no name", "Record the describe again");
            if (schema.Find(name) is not { } type)
            {
                type = new ObjectType(name, Text(entry, "keyPrefix"))
                {
                    Label = Text(entry, "label") ?? name, LabelPlural = Text(entry, "labelPlural") ?? name,
                    AssociateEntityType = Text(entry, "associateEntityType"), AssociateParentEntity = Text(entry, "associateParentEntity"),
                };
                SystemFields.AddIdentity(type);
                SystemFields.AddModstamp(type);
                schema.Replace(type);
            }
            type.RecordedSummary = entry;
            SetFlags(type, entry);
        }
    }

    private static void SetFlags(ObjectType type, JsonElement json)
    {
        (type.Createable, type.Updateable, type.Deletable, type.Undeletable) = (Flag(json, "createable"), Flag(json, "updateable"), Flag(json, "deletable"), Flag(json, "undeletable"));
        (type.Queryable, type.Retrieveable, type.Replicateable) = (Flag(json, "queryable"), Flag(json, "retrieveable"), Flag(json, "replicateable"));
        (type.CustomSetting, type.DeprecatedAndHidden) = (Flag(json, "customSetting"), Flag(json, "deprecatedAndHidden"));
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    private static bool Flag(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    private static int Number(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && int.TryParse(value.GetRawText(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
