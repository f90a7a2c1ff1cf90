using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Appliance.Engine.Metadata;

/// <summary>
/// Joins what several retrieves gave of one profile, permission set or translation: each told only of what stood beside it. The result holds every entry once, in an order that
/// depends on nothing but the entries, so that an unchanged profile is the same file again.
/// </summary>
public static class JoinedXml
{
    /// <summary>Child that names the thing an entry is about, by the entry's element.</summary>
    private static readonly Dictionary<string, string[]> s_keys = new(StringComparer.Ordinal)
    {
        ["applicationVisibilities"] = ["application"], ["classAccesses"] = ["apexClass"], ["customMetadataTypeAccesses"] = ["name"], ["customPermissions"] = ["name"],
        ["customSettingAccesses"] = ["name"], ["externalDataSourceAccesses"] = ["externalDataSource"], ["fieldLevelSecurities"] = ["field"], ["fieldPermissions"] = ["field"],
        ["flowAccesses"] = ["flow"], ["layoutAssignments"] = ["layout", "recordType"], ["objectPermissions"] = ["object"], ["pageAccesses"] = ["apexPage"],
        ["recordTypeVisibilities"] = ["recordType"], ["tabVisibilities"] = ["tab"], ["tabSettings"] = ["tab"], ["userPermissions"] = ["name"],
    };

    /// <param name="texts">Of one file; of entries about the same thing the last counts.</param>
    /// <returns>The one text as it is when there is only one; the longest when they are not XML of one kind.</returns>
    public static byte[] Of(IReadOnlyList<byte[]> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return texts.Count == 1 || texts.All(t => t.AsSpan().SequenceEqual(texts[0])) ? texts[0] : Sorted(texts) ?? texts.MaxBy(t => t.Length)!;
    }

    /// <summary>The same entries, in whatever order: Salesforce sorts a file otherwise than a joined one is.</summary>
    public static bool TellTheSame(byte[] one, byte[] other) => Sorted([one]) is { } a && Sorted([other]) is { } b && a.AsSpan().SequenceEqual(b);

    /// <summary>Null for what is not XML of one kind.</summary>
    private static byte[]? Sorted(IReadOnlyList<byte[]> texts)
    {
        try
        {
            var roots = texts.Select(Root).ToList();
            if (roots.Any(r => r.Name != roots[0].Name)) return null;
            var entries = new Dictionary<string, XElement>(StringComparer.Ordinal);
            foreach (var entry in roots.SelectMany(r => r.Elements())) entries[KeyOf(entry)] = entry;
            return Write(new XElement(roots[0].Name, roots[0].Attributes(), entries.OrderBy(e => e.Value.Name.LocalName, StringComparer.Ordinal).ThenBy(e => e.Key, StringComparer.Ordinal).Select(e => e.Value)));
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static string KeyOf(XElement entry)
    {
        var name = entry.Name.LocalName;
        if (!entry.HasElements) return name;
        return s_keys.TryGetValue(name, out var keys)
            ? name + "\n" + string.Join('\n', keys.Select(k => entry.Elements().FirstOrDefault(e => e.Name.LocalName == k)?.Value))
            : name + "\n" + entry.ToString(SaveOptions.DisableFormatting);
    }

    private static XElement Root(byte[] text)
    {
        using var reader = XmlReader.Create(new MemoryStream(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreWhitespace = true });
        return XDocument.Load(reader).Root!;
    }

    private static byte[] Write(XElement root)
    {
        using var bytes = new MemoryStream();
        using (var xml = XmlWriter.Create(bytes, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, IndentChars = "    ", NewLineChars = "\n" })) root.Save(xml);
        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }
}
