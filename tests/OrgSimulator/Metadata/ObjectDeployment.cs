using System.Globalization;
using System.Xml.Linq;
using OrgSimulator.Formulas;
using OrgSimulator.Loading;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Metadata;

/// <summary>The objects of a deployment: what is wrong with them and their fields, and the deeds that bring them into the schema.</summary>
public sealed class ObjectDeployment(OrgMetadata metadata)
{
    private static readonly HashSet<string> FieldKinds = ["AutoNumber", "Checkbox", "Currency", "Date", "DateTime", "Email", "EncryptedText", "Hierarchy", "Html", "Location", "LongTextArea", "Lookup",
        "MasterDetail", "MetadataRelationship", "MultiselectPicklist", "Number", "Percent", "Phone", "Picklist", "Summary", "Text", "TextArea", "Time", "Url", "Address", "ExternalLookup", "IndirectLookup"];

    private readonly OrgSchema _schema = metadata.Store.Schema;
    private readonly Dictionary<string, ObjectType> _planned = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<(string Object, string File, XElement Field, DeployMessage Message)> _fields = [];
    private readonly List<(DeployMessage Message, Action Deed)> _heads = [];
    private readonly List<(DeployMessage Message, Action Deed)> _parts = [];
    private readonly HashSet<(string, string)> _held = [];

    public bool Holds(string kind, string name) => _held.Contains((kind, name.ToUpperInvariant()));

    /// <returns>What is wrong already; lookups are judged last, when all objects of the package are known.</returns>
    public List<DeployMessage> Judge(string name, string file, XElement root, bool wholeObject, Func<string, string, bool> named)
    {
        var failures = new List<DeployMessage>();
        var children = MetadataType.Named("CustomObject")!.Children;
        var known = _schema.Find(name);
        if (wholeObject)
        {
            var message = new DeployMessage("CustomObject", name, file) { Created = known is null, Id = metadata.IdOf("CustomObject", name) };
            if (known is null && Problem(name, root) is { } problem) return [message.Failed(problem)];
            if (known is null) _planned[name] = ObjectMetadata.NewObject(_schema, name, root);
            _heads.Add((message, () =>
            {
                if (_schema.Find(name) is not { } there) _schema.Deploy(_planned[name]);
                else if (there.Custom) (there.Label, there.LabelPlural) = (Text(root, "label") ?? there.Label, Text(root, "pluralLabel") ?? there.LabelPlural);
                metadata.KeepHead(name, root, children.Select(child => child.Element));
            }));
        }
        else if (known is null)
            return [new DeployMessage("CustomObject", name, file).Failed($"Entity Enumeration Or ID: bad value for restricted picklist field: {name}")];
        foreach (var (kind, element) in children)
            foreach (var part in root.Elements().Where(one => one.Name.LocalName == element))
            {
                var partName = OrgMetadata.NameOf(part);
                if (!wholeObject && !named(kind, partName)) continue;
                _held.Add((kind, $"{name}.{partName}".ToUpperInvariant()));
                var message = new DeployMessage(kind, $"{name}.{partName}", file) { Id = metadata.IdOf(kind, $"{name}.{partName}") };
                if (kind == "CustomField")
                {
                    if (known?.Find(partName) is { Custom: false }) continue;      // tracking flags of a standard field
                    _fields.Add((name, file, part, message with { Created = known?.Find(partName) is null }));
                }
                else if (partName.Length == 0) failures.Add(message.Failed("Required field is missing: fullName"));
                else
                    _parts.Add((message with { Created = !metadata.HasPart(name, element, partName) }, () =>
                    {
                        metadata.KeepPart(name, kind, part);
                        if (kind == "RecordType") AddRecordType(name, partName, part);
                    }));
            }
        return failures;
    }

    /// <summary>Objects before fields, roll-ups after the fields that they sum, everything else last.</summary>
    public IEnumerable<(DeployMessage Message, Action Deed)> Deeds()
    {
        foreach (var head in _heads) yield return head;
        foreach (var (objectName, _, xml, message) in _fields.OrderBy(field => Text(field.Field, "type") == "Summary"))
        {
            if (FieldProblem(objectName, xml) is { } problem) yield return (message.Failed(problem), () => { });
            else
                yield return (message, () =>
                {
                    if (_schema.Find(objectName) is not { } type) return;       // its object failed
                    foreach (var field in ObjectMetadata.NewFields(_schema, objectName, xml)) type.Deploy(field);
                    metadata.KeepPart(objectName, "CustomField", xml);
                    _schema.Complete();
                    FormulaFields.Compile(metadata.Store, TextWriter.Null);
                    // A new roll-up is worked out for the records that are there, without a new stamp, as the platform does it.
                    if (Text(xml, "type") == "Summary") new RollUps(metadata.Store).RecalculateAll();
                });
        }
        foreach (var part in _parts) yield return part;
    }

    private static string? Problem(string name, XElement root)
    {
        if (!name.EndsWith("__c", StringComparison.Ordinal) && !name.EndsWith("__mdt", StringComparison.Ordinal) && !name.EndsWith("__e", StringComparison.Ordinal))
            return $"Entity Enumeration Or ID: bad value for restricted picklist field: {name}";
        if (Text(root, "label") is null) return "Must specify a non-empty label for the CustomObject";
        if (Text(root, "pluralLabel") is null) return "Must specify a non-empty pluralLabel for the CustomObject";
        if (!name.EndsWith("__c", StringComparison.Ordinal) || Text(root, "customSettingsType") is not null) return null;
        if (!root.Elements().Any(element => element.Name.LocalName == "nameField")) return "Must specify a nameField of type Text or AutoNumber";
        return Text(root, "sharingModel") is null ? "Required field is missing: sharingModel" : null;
    }

    private string? FieldProblem(string objectName, XElement xml)
    {
        var name = OrgMetadata.NameOf(xml);
        if (name.Length == 0) return "Required field is missing: fullName";
        if (!name.EndsWith("__c", StringComparison.Ordinal)) return $"Cannot find standard field: {objectName}.{name}";
        if (_schema.Find(objectName) is null && !_planned.ContainsKey(objectName)) return $"Entity Enumeration Or ID: bad value for restricted picklist field: {objectName}";
        if (Text(xml, "type") is not { } kind) return "Required field is missing: type";
        if (!FieldKinds.Contains(kind)) return $"'{kind}' is not a valid value for the enum 'FieldType'";
        if (Text(xml, "label") is null) return "Required field is missing: label";
        if (kind is "Text" or "LongTextArea" or "Html" or "EncryptedText" && Text(xml, "formula") is null && Number(xml, "length") is null) return $"Must specify 'length' for a CustomField of type {kind}";
        if (kind == "Text" && Number(xml, "length") is > 255) return "Field Length: value outside of valid range on numeric field: max 255";
        if (kind is "Number" or "Currency" or "Percent" && Text(xml, "formula") is null && (Number(xml, "precision") is null || Number(xml, "scale") is null))
            return $"Must specify 'precision' and 'scale' for a CustomField of type {kind}";
        if (kind is "Picklist" or "MultiselectPicklist" && !xml.Elements().Any(element => element.Name.LocalName is "valueSet" or "picklist")) return $"Must specify 'valueSet' for a CustomField of type {kind}";
        if (kind is "Lookup" or "MasterDetail")
        {
            if (Text(xml, "referenceTo") is not { } target) return $"Must specify 'referenceTo' for a CustomField of type {kind}";
            if (_schema.Find(target) is null && !_planned.ContainsKey(target)) return $"referenceTo value of '{target}' does not resolve to a valid sObject type";
        }
        return kind == "Summary" && Text(xml, "summaryForeignKey") is null ? "Must specify 'summaryForeignKey' for a CustomField of type Summary" : null;
    }

    private void AddRecordType(string objectName, string developerName, XElement xml)
    {
        var store = metadata.Store;
        var table = store.Table("RecordType");
        var type = table.Type;
        if (table.Live().Any(row => row[type["DeveloperName"].Slot] == developerName && row[type["SobjectType"].Slot] == objectName)) return;
        var values = new string?[type.SlotCount];
        foreach (var (field, value) in ((string, string)[])[("Name", Text(xml, "label") ?? developerName), ("DeveloperName", developerName), ("SobjectType", objectName), ("IsActive", Text(xml, "active") ?? "true")])
            values[type[field].Slot] = value;
        var id = store.NewId(table);
        table.Append(new Row
        {
            Id = id, Number = SalesforceId.Number(id), Values = values, Created = store.Now, Modified = store.Now, Modstamp = store.Now, CreatedBy = store.AdminId, ModifiedBy = store.AdminId,
        });
    }

    private static string? Text(XElement xml, string name) => xml.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value.Trim() is { Length: > 0 } text ? text : null;

    private static int? Number(XElement xml, string name) => int.TryParse(Text(xml, name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
