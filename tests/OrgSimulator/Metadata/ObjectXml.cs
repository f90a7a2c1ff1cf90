using System.Globalization;
using System.Xml.Linq;
using OrgSimulator.Schema;

namespace OrgSimulator.Metadata;

/// <summary>Objects and fields of the schema as their metadata would be written; elements stand in the order in which Salesforce sorts them: by name.</summary>
public static class ObjectXml
{
    private static readonly XNamespace Api = PackageXml.Namespace;

    public static XElement Object(ObjectType type)
    {
        var root = new XElement(Api + "CustomObject");
        if (!type.Custom)
        {
            root.Add(Element("enableFeeds", "false"), Element("enableHistory", "false"), Element("sharingModel", "ReadWrite"));
            return root;
        }
        if (type.CustomSetting) root.Add(Element("customSettingsType", "List"));
        else if (!type.Name.EndsWith("__mdt", StringComparison.Ordinal)) root.Add(Element("deploymentStatus", "Deployed"));
        root.Add(Element("label", type.Label));
        if (type.NameField is { Name: "Name" } name && !type.CustomSetting)
            root.Add(new XElement(Api + "nameField", name.AutoNumberFormat is { } format ? Element("displayFormat", format) : null, Element("label", name.Label),
                Element("type", name.AutoNumber ? "AutoNumber" : "Text")));
        root.Add(Element("pluralLabel", type.LabelPlural));
        if (type.Name.EndsWith("__c", StringComparison.Ordinal) && !type.CustomSetting)
            root.Add(Element("sharingModel", type.Fields.Any(field => field.MasterDetail) ? "ControlledByParent" : "ReadWrite"));
        else root.Add(Element("visibility", "Public"));
        return root;
    }

    public static bool IsShown(Field field) => field.Custom;

    public static XElement Field(ObjectType type, Field field)
    {
        var parts = new SortedDictionary<string, object?>(StringComparer.Ordinal);
        var kind = Kind(field);
        if (kind == "AutoNumber") parts["displayFormat"] = field.AutoNumberFormat;
        if (kind == "Checkbox") parts["defaultValue"] = field.DefaultValue ?? "false";
        else if (field.DefaultValue is { } given && field.PicklistValues.Count == 0) parts["defaultValue"] = field.Type.IsNumber() ? given : $"\"{given}\"";
        if (kind is "Text" or "Number" or "Email" or "AutoNumber") parts["externalId"] = field.ExternalId ? "true" : "false";
        if (field.Formula is { } formula) parts["formula"] = formula;
        if (field.HelpText is { } help) parts["inlineHelpText"] = help;
        parts["label"] = field.Label;
        if (kind is "Text" or "LongTextArea" or "Html" or "EncryptedText" && field.Length > 0 && field.Formula is null) parts["length"] = Number(field.Length);
        if (field.Type is FieldType.Double or FieldType.Currency or FieldType.Percent && kind != "Summary")
            (parts["precision"], parts["scale"]) = (Number(field.Precision == 0 ? 18 : field.Precision), Number(field.Scale));
        if (kind == "Location") (parts["displayLocationInDecimal"], parts["scale"]) = ("true", "5");
        if (field.Required && kind is not ("MasterDetail" or "Checkbox" or "AutoNumber")) parts["required"] = "true";
        if (kind is "Lookup" or "MasterDetail")
        {
            parts["referenceTo"] = field.ReferenceTo[0];
            parts["relationshipLabel"] = type.LabelPlural;
            parts["relationshipName"] = field.ChildRelationshipName;
            if (kind == "MasterDetail") (parts["relationshipOrder"], parts["reparentableMasterDetail"]) = (Number(field.RelationshipOrder ?? 0), field.Updateable ? "true" : "false");
            else parts["deleteConstraint"] = field.DeleteRule switch { DeleteRule.Cascade => "Cascade", DeleteRule.Restrict => "Restrict", _ => "SetNull" };
        }
        if (field.RollUp is { } rollUp)
        {
            (parts["summaryForeignKey"], parts["summaryOperation"]) = ($"{rollUp.ChildObject}.{rollUp.ChildLookup}", rollUp.Operation);
            if (rollUp.ChildField is { } over) parts["summarizedField"] = $"{rollUp.ChildObject}.{over}";
        }
        parts["type"] = kind;
        if (kind is "Text" or "Number" or "Email") parts["unique"] = field.Unique ? "true" : "false";
        if (field.Unique && kind == "Text") parts["caseSensitive"] = field.CaseSensitive ? "true" : "false";
        if (kind is "Picklist" or "MultiselectPicklist") parts["valueSet"] = ValueSet(field);
        if (kind is "LongTextArea" or "Html" or "MultiselectPicklist") parts["visibleLines"] = "4";
        return new XElement(Api + "fields", Element("fullName", field.Name), parts.Where(part => part.Value is not null)
            .Select(part => part.Value as XElement ?? Element(part.Key, (string)part.Value!)));
    }

    private static string Kind(Field field)
    {
        if (field.AutoNumber) return "AutoNumber";
        if (field.RollUp is not null) return "Summary";
        return field.Type switch
        {
            FieldType.Boolean => "Checkbox",
            FieldType.Int or FieldType.Long or FieldType.Double => "Number",
            FieldType.Currency => "Currency",
            FieldType.Percent => "Percent",
            FieldType.Date => "Date",
            FieldType.DateTime => "DateTime",
            FieldType.Time => "Time",
            FieldType.Email => "Email",
            FieldType.Phone => "Phone",
            FieldType.Url => "Url",
            FieldType.Picklist => "Picklist",
            FieldType.MultiPicklist => "MultiselectPicklist",
            FieldType.EncryptedString => "EncryptedText",
            FieldType.Location => "Location",
            FieldType.Reference => field.MasterDetail ? "MasterDetail" : "Lookup",
            FieldType.TextArea => field.Html ? "Html" : field.LongText ? "LongTextArea" : "TextArea",
            _ => "Text",
        };
    }

    private static XElement ValueSet(Field field) => new(Api + "valueSet", Element("restricted", field.RestrictedPicklist ? "true" : "false"),
        new XElement(Api + "valueSetDefinition", Element("sorted", "false"), field.PicklistValues.Select(value =>
            new XElement(Api + "value", Element("fullName", value), Element("default", value == field.DefaultValue ? "true" : "false"), Element("label", value)))));

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static XElement Element(string name, string value) => new(Api + name, value);
}
