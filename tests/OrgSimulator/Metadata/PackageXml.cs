using System.Text;
using System.Xml.Linq;

namespace OrgSimulator.Metadata;

/// <summary>The list of what a package holds or what a retrieve wants.</summary>
public sealed record PackageXml(IReadOnlyList<(string Type, string Member)> Members, string Version)
{
    public static readonly XNamespace Namespace = "http://soap.sforce.com/2006/04/metadata";

    public static PackageXml Read(XElement package) => new(
        [.. package.Elements().Where(element => element.Name.LocalName == "types").SelectMany(types =>
        {
            var name = types.Elements().FirstOrDefault(element => element.Name.LocalName == "name")?.Value.Trim() ?? "";
            return types.Elements().Where(element => element.Name.LocalName == "members").Select(member => (name, member.Value.Trim()));
        })],
        package.Elements().FirstOrDefault(element => element.Name.LocalName == "version")?.Value.Trim() ?? "");

    public byte[] Write()
    {
        var root = new XElement(Namespace + "Package");
        foreach (var group in Members.Distinct().GroupBy(member => member.Type).OrderBy(group => group.Key, StringComparer.Ordinal))
            root.Add(new XElement(Namespace + "types", group.Select(member => member.Member).Order(StringComparer.Ordinal).Select(member => new XElement(Namespace + "members", member)),
                new XElement(Namespace + "name", group.Key)));
        root.Add(new XElement(Namespace + "version", Version));
        return Bytes(root);
    }

    public static byte[] Bytes(XElement root) => Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + root.ToString() + "\n");
}
