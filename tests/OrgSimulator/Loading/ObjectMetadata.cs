using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using OrgSimulator.Schema;

namespace OrgSimulator.Loading;

/// <summary>Objects and fields from <c>*.object-meta.xml</c> and <c>*.field-meta.xml</c> files in source format.</summary>
public sealed class ObjectMetadata(OrgSchema schema)
{
    public void Read(string folder)
    {
        var files = Directory.EnumerateFiles(folder, "*-meta.xml", SearchOption.AllDirectories).Where(path => !path.Contains("node_modules", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToList();
        var fields = files.Where(path => path.EndsWith(".field-meta.xml", StringComparison.Ordinal)).Select(path => (Path: path, Object: ObjectOf(path), Xml: Parse(path))).ToList();
        var details = fields.Where(field => Text(field.Xml, "type") == "MasterDetail").Select(field => field.Object).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var path in files.Where(path => path.EndsWith(".object-meta.xml", StringComparison.Ordinal)))
            AddObject(Path.GetFileName(path)[..^".object-meta.xml".Length], Parse(path), details);
        foreach (var path in files.Where(path => path.EndsWith(".recordType-meta.xml", StringComparison.Ordinal))) AddRecordType(ObjectOf(path), Parse(path), path);
        foreach (var (path, name, xml) in fields.OrderBy(field => Text(field.Xml, "type") == "Summary"))   // roll-ups name fields of their children
        {
            if (schema.Find(name) is null) AddObject(name, null, details);
            AddField(schema[name], xml, path);
        }
        Count = files.Count;
    }

    /// <summary>A new object as its metadata describes it, in no schema yet.</summary>
    /// <exception cref="LoadException">The metadata describes no field that can be.</exception>
    public static ObjectType NewObject(OrgSchema schema, string name, XElement xml) => new ObjectMetadata(schema).Build(name, xml, isDetail: Fields(xml).Any(field => Text(field, "type") == "MasterDetail"));

    /// <summary>Fields that the metadata of one field makes: the field, and before it the components of a location.</summary>
    public static IReadOnlyList<Field> NewFields(OrgSchema schema, string objectName, XElement xml)
    {
        var scratch = new ObjectType(objectName, null);
        new ObjectMetadata(schema).AddField(scratch, xml, objectName);
        return scratch.Fields;
    }

    private static IEnumerable<XElement> Fields(XElement xml) => xml.Elements().Where(element => element.Name.LocalName == "fields");

    /// <summary>Metadata files found; a folder of these alone is an org without records.</summary>
    public int Count { get; private set; }

    /// <summary>Record types of the folder: object, developer name, label, active.</summary>
    public List<(string Object, string DeveloperName, string Name, bool Active)> RecordTypes { get; } = [];

    private void AddRecordType(string objectName, XElement xml, string path)
    {
        var name = Text(xml, "fullName") ?? throw new LoadException(path, null, "fullName is missing", "Retrieve the file from the org again");
        RecordTypes.Add((objectName, name, Text(xml, "label") ?? name, Text(xml, "active") != "false"));
        if (schema.Find(objectName) is { } type && type.FindAny("RecordTypeId") is null) AddRecordTypeField(type);
    }

    private static void AddRecordTypeField(ObjectType type) => type.Add("RecordTypeId", FieldType.Reference, field =>
    {
        (field.Length, field.RelationshipName, field.DeleteRule, field.Label) = (18, "RecordType", DeleteRule.Keep, "Record Type ID");
        field.ReferenceTo.Add("RecordType");
    });

    private static string ObjectOf(string fieldPath) => Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(fieldPath)))!;

    private static XElement Parse(string path)
    {
        try
        {
            return XDocument.Load(path).Root!;
        }
        catch (XmlException problem)
        {
            throw new LoadException(path, problem.LineNumber, $"it is not valid XML: {problem.Message}", "Retrieve the file from the org again");
        }
    }

    private void AddObject(string name, XElement? xml, HashSet<string> details)
    {
        if (schema.Find(name) is not null) return;      // a standard object: its own fields are built in
        schema.Add(Build(name, xml, details.Contains(name)));
    }

    private ObjectType Build(string name, XElement? xml, bool isDetail)
    {
        var nameField = xml is null ? null : Child(xml, "nameField");
        var autoNumber = nameField is not null && Text(nameField, "type") == "AutoNumber" ? Text(nameField, "displayFormat") ?? "{0}" : null;
        var type = name switch
        {
            _ when name.EndsWith("__mdt", StringComparison.Ordinal) => MetadataType(name),
            _ when name.EndsWith("__e", StringComparison.Ordinal) => PlatformEvent(name),
            _ when name.EndsWith("__b", StringComparison.Ordinal) => BigObject(name, xml),
            _ => CustomObjects.New(name, autoNumber, hasOwner: !isDetail && (xml is null || Text(xml, "customSettingsType") is null)),
        };
        if (xml is not null && Text(xml, "customSettingsType") is { } setting) CustomSetting(type, setting);
        if (name.EndsWith("__x", StringComparison.Ordinal)) type.Replicateable = type.Undeletable = false;
        if (!type.Custom) type.KeyPrefix = schema.NextPrefix('z');
        if (xml is not null)
        {
            type.Label = Text(xml, "label") ?? type.Label;
            type.LabelPlural = Text(xml, "pluralLabel") ?? type.LabelPlural;
            type.CustomSetting = Text(xml, "customSettingsType") is not null;
            if (nameField is not null && type.NameField is { } stand) (stand.Label, stand.StartingNumber) = (Text(nameField, "label") ?? stand.Label, Number(nameField, "startingNumber") ?? 1);
        }
        return type;
    }

    /// <summary>A list is found by its name; a hierarchy has one record for each organization, profile or user.</summary>
    private static void CustomSetting(ObjectType type, string kind)
    {
        (type.CustomSetting, type.Undeletable) = (true, false);
        if (kind == "List" && type.NameField is { } name) (name.Unique, name.Nillable, name.DefaultedOnCreate, name.Length) = (true, false, false, 38);
        if (kind != "Hierarchy") return;
        type.Add("SetupOwnerId", FieldType.Reference, field =>
        {
            (field.Length, field.Label, field.RelationshipName, field.Unique, field.DeleteRule) = (18, "Location", "SetupOwner", true, DeleteRule.Keep);
            (field.DefaultedOnCreate, field.Updateable) = (true, false);
            field.ReferenceTo.AddRange(["Organization", "Profile", "User"]);
        });
    }

    private static ObjectType MetadataType(string name)
    {
        var type = new ObjectType(name, null) { Createable = false, Updateable = false, Deletable = false, Undeletable = false, Replicateable = false, Setup = true };
        SystemFields.AddIdentity(type);
        foreach (var field in (string[])["DeveloperName", "MasterLabel", "Language", "NamespacePrefix", "Label", "QualifiedApiName"])
            type.Add(field, FieldType.String, shape => (shape.Length, shape.Createable, shape.Updateable, shape.NameField) = (80, false, false, shape.Name == "MasterLabel"));
        SystemFields.AddModstamp(type);
        return type;
    }

    /// <summary>No name, no stamps, no recycle bin; written once and read by its index.</summary>
    private static ObjectType BigObject(string name, XElement? xml)
    {
        var type = new ObjectType(name, null)
        {
            Updateable = false, Deletable = false, Undeletable = false, Replicateable = false,
            Index = [.. (xml is null ? null : Child(xml, "indexes"))?.Elements().Where(element => element.Name.LocalName == "fields").Select(field => Text(field, "name")).OfType<string>() ?? []],
        };
        SystemFields.AddIdentity(type);
        return type;
    }

    private static ObjectType PlatformEvent(string name)
    {
        var type = new ObjectType(name, null)
        {
            Updateable = false, Deletable = false, Undeletable = false, Queryable = false, Retrieveable = false, Replicateable = false, Setup = true,
        };
        foreach (var field in (string[])["ReplayId", "EventUuid"])
            type.Add(field, FieldType.String, shape => (shape.Length, shape.Createable, shape.Updateable) = (255, false, false));
        return type;
    }

    private void AddField(ObjectType type, XElement xml, string path)
    {
        var name = Text(xml, "fullName") ?? throw new LoadException(path, null, "fullName is missing", "Retrieve the file from the org again");
        if (type.Find(name) is not null || Text(xml, "type") is not { } kind) return;       // the standard schema knows its own fields better
        var field = new Field(name, FieldKind(kind, xml))
        {
            Label = Text(xml, "label") ?? Labels.For(name),
            Nillable = !Flag(xml, "required") && kind is not "Checkbox",
            Unique = Flag(xml, "unique"),
            ExternalId = Flag(xml, "externalId"),
            CaseSensitive = Flag(xml, "caseSensitive"),
            HelpText = Text(xml, "inlineHelpText"),
            Length = Number(xml, "length") ?? DefaultLength(kind),
            Precision = Number(xml, "precision") ?? 0,
            Scale = Number(xml, "scale") ?? 0,
            Html = kind == "Html",
            MaskType = Text(xml, "maskType"),
            ExtraTypeInfo = kind switch { "Html" => "richtextarea", "LongTextArea" or "TextArea" => "plaintextarea", _ => null },
        };
        switch (kind)
        {
            case "Checkbox":
                (field.DefaultedOnCreate, field.DefaultValue) = (true, Text(xml, "defaultValue") == "true" ? "true" : "false");
                break;
            case "Lookup" or "MasterDetail" or "Hierarchy" or "MetadataRelationship":
                Reference(field, type, kind, xml);
                break;
            case "Picklist" or "MultiselectPicklist":
                Picklist(field, xml);
                break;
            case "AutoNumber":
                field.AutoNumberFormat = Text(xml, "displayFormat") ?? "{0}";
                field.StartingNumber = Number(xml, "startingNumber") ?? 1;
                field.Createable = field.Updateable = false;
                break;
            case "Location":
                Location(type, field);
                break;
        }
        if (Text(xml, "formula") is { } formula)
        {
            (field.Calculated, field.Formula, field.Createable, field.Updateable, field.Nillable, field.Source) = (true, formula, false, false, true, FieldSource.Formula);
            field.BlanksAreZero = Text(xml, "formulaTreatBlanksAs") == "BlankAsZero" && field.Type.IsNumber();
            if (field.Type == FieldType.Boolean) field.Nillable = false;
            if (field.Type == FieldType.String && field.Length == 255) field.Length = 1300;
        }
        else if (kind == "Summary") Summary(field, xml);
        else if (Text(xml, "defaultValue") is { } given && kind is not "Checkbox") Default(field, given);
        type.Add(field);
    }

    private static FieldType FieldKind(string kind, XElement xml) => kind switch
    {
        "Number" => FieldType.Double,
        "Currency" => FieldType.Currency,
        "Percent" => FieldType.Percent,
        "Checkbox" => FieldType.Boolean,
        "Date" => FieldType.Date,
        "DateTime" => FieldType.DateTime,
        "Time" => FieldType.Time,
        "Email" => FieldType.Email,
        "Phone" => FieldType.Phone,
        "Url" => FieldType.Url,
        "TextArea" or "LongTextArea" or "Html" => FieldType.TextArea,
        "EncryptedText" => FieldType.EncryptedString,
        "Picklist" => FieldType.Picklist,
        "MultiselectPicklist" => FieldType.MultiPicklist,
        "Lookup" or "MasterDetail" or "Hierarchy" => FieldType.Reference,
        "MetadataRelationship" => Text(xml, "referenceTo") is "EntityDefinition" or "FieldDefinition" or "EntityParticle" ? FieldType.String : FieldType.Reference,
        "Location" => FieldType.Location,
        "Summary" => FieldType.Double,
        _ => FieldType.String,
    };

    private static int DefaultLength(string kind) => kind switch
    {
        "Text" or "TextArea" or "Url" or "Picklist" or "MetadataRelationship" => 255,
        "MultiselectPicklist" => 4099,
        "Email" => 80,
        "Phone" => 40,
        "AutoNumber" => 30,
        "LongTextArea" or "Html" => 32_768,
        "Lookup" or "MasterDetail" or "Hierarchy" => 18,
        _ => 0,
    };

    private void Reference(Field field, ObjectType type, string kind, XElement xml)
    {
        if (field.Type != FieldType.Reference) return;
        var target = Text(xml, "referenceTo") ?? type.Name;
        field.ReferenceTo.Add(target);
        field.Length = 18;
        field.RelationshipName = field.Name.EndsWith("__c", StringComparison.Ordinal) ? field.Name[..^1] + "r" : field.Name;
        field.ChildRelationshipName = Text(xml, "relationshipName") ?? CustomObjects.FreeChildName(schema, type, field.Name, target);
        field.DeleteRule = Text(xml, "deleteConstraint") switch
        {
            "Cascade" => DeleteRule.Cascade,
            "Restrict" => DeleteRule.Restrict,
            _ => field.Nillable ? DeleteRule.SetNull : DeleteRule.Restrict,
        };
        if (kind != "MasterDetail") return;
        field.DeleteRule = DeleteRule.Cascade;
        field.RelationshipOrder = Number(xml, "relationshipOrder") ?? 0;
        field.Nillable = false;
        field.Updateable = Flag(xml, "reparentableMasterDetail");
        field.WriteRequiresMasterRead = Flag(xml, "writeRequiresMasterRead");
    }

    private static void Picklist(Field field, XElement xml)
    {
        var set = Child(xml, "valueSet") ?? Child(xml, "picklist");
        if (set is null) return;
        field.RestrictedPicklist = Flag(set, "restricted");
        foreach (var value in (Child(set, "valueSetDefinition") ?? set).Elements().Where(element => element.Name.LocalName is "value" or "picklistValues"))
            if (Text(value, "fullName") is { } name)
            {
                field.PicklistValues.Add(name);
                if (Flag(value, "default")) (field.DefaultedOnCreate, field.DefaultValue) = (true, name);
            }
        if (field.PicklistValues.Count == 0) field.RestrictedPicklist = false;      // a global value set that is not in the folder
    }

    private static void Location(ObjectType type, Field field)
    {
        (field.Source, field.Createable, field.Updateable) = (FieldSource.Compound, false, false);
        foreach (var part in (string[])["Latitude", "Longitude"])
            type.Add($"{field.Name[..^3]}__{part}__s", FieldType.Double, component => (component.Precision, component.Scale, component.CompoundName) = (18, 15, field.Name));
    }

    /// <summary><c>summarizedField</c> and <c>summaryForeignKey</c> are written Child.Field.</summary>
    private void Summary(Field field, XElement xml)
    {
        (field.Calculated, field.Createable, field.Updateable, field.Precision, field.Scale, field.Nillable) = (true, false, false, 18, 2, true);
        if (Text(xml, "summaryForeignKey")?.Split('.') is not [var child, var lookup]) return;
        var over = Text(xml, "summarizedField")?.Split('.') is [_, var name] ? name : null;
        field.RollUp = new RollUp((Text(xml, "summaryOperation") ?? "count").ToLowerInvariant(), child, lookup, over)
        {
            Filters = [.. xml.Elements().Where(element => element.Name.LocalName == "summaryFilterItems").Select(item => new RollUpFilter((Text(item, "field") ?? "").Split('.')[^1],
                Text(item, "operation") ?? "equals", (Text(item, "value") ?? "").Split(',', StringSplitOptions.TrimEntries)))],
        };
        if (over is not null && schema.Find(child)?.Find(over) is { } summed) (field.Type, field.Length) = (summed.Type, summed.Length);
    }

    /// <summary>A literal, or a formula that is worked out for each new record.</summary>
    private static void Default(Field field, string formula)
    {
        field.DefaultedOnCreate = true;
        if (formula.Length > 1 && formula[0] is '"' or '\'' && formula[^1] == formula[0]) field.DefaultValue = formula[1..^1];
        else if (field.Type.IsNumber() && Store.Coercion.Number(formula) is { } number) field.DefaultValue = number;
        else field.DefaultFormula = formula;
    }

    private static XElement? Child(XElement xml, string name) => xml.Elements().FirstOrDefault(element => element.Name.LocalName == name);
    private static string? Text(XElement xml, string name) => Child(xml, name)?.Value;
    private static bool Flag(XElement xml, string name) => Text(xml, name) == "true";
    private static int? Number(XElement xml, string name) => int.TryParse(Text(xml, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
