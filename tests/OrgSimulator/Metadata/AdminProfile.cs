using System.Xml.Linq;

namespace OrgSimulator.Metadata;

/// <summary>The administrator's profile. Like every profile it tells of nothing but what stands in the same package.</summary>
public static class AdminProfile
{
    public const string Name = "Admin";
    public const string FileName = "profiles/Admin.profile";

    public static byte[] Write(IEnumerable<(string Type, string Name)> held)
    {
        XNamespace api = PackageXml.Namespace;
        var root = new XElement(api + "Profile", Element("custom", "false"), Element("userLicense", "Salesforce"));
        foreach (var (type, name) in held.OrderBy(one => one.Type, StringComparer.Ordinal).ThenBy(one => one.Name, StringComparer.Ordinal))
            root.Add(type switch
            {
                "ApexClass" => new XElement(api + "classAccesses", Element("apexClass", name), Element("enabled", "true")),
                "CustomField" => new XElement(api + "fieldPermissions", Element("editable", "true"), Element("field", name), Element("readable", "true")),
                "CustomObject" => new XElement(api + "objectPermissions", ((string[])["allowCreate", "allowDelete", "allowEdit", "allowRead", "modifyAllRecords", "viewAllRecords"]).Select(right => Element(right, "true")), Element("object", name)),
                "Layout" => new XElement(api + "layoutAssignments", Element("layout", name)),
                _ => null,
            });
        return PackageXml.Bytes(root);

        XElement Element(string element, string value) => new(api + element, value);
    }
}
