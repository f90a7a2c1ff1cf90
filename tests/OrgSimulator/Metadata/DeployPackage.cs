using System.Collections.Immutable;
using System.IO.Compression;
using System.Xml;
using System.Xml.Linq;

namespace OrgSimulator.Metadata;

/// <summary>The zip of a deployment, taken apart: its package.xml, its destructive changes and the components of its files.</summary>
public sealed class DeployPackage
{
    private DeployPackage(PackageXml package) => Package = package;

    public PackageXml Package { get; }
    public PackageXml? DestroyFirst { get; private set; }
    public PackageXml? DestroyLast { get; private set; }

    /// <summary>Files by component, those of objects too.</summary>
    public Dictionary<(string Type, string Name), ImmutableSortedDictionary<string, byte[]>> Components { get; } = [];

    /// <summary>Files of no kind of component.</summary>
    public List<string> Strangers { get; } = [];

    /// <exception cref="DeployException">It is no zip, or holds no package.xml that can be read.</exception>
    public static DeployPackage Read(byte[] zipped)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        try
        {
            using var zip = new ZipArchive(new MemoryStream(zipped));
            foreach (var entry in zip.Entries.Where(entry => !entry.FullName.EndsWith('/')))
            {
                using var stream = entry.Open();
                using var bytes = new MemoryStream();
                stream.CopyTo(bytes);
                files[entry.FullName] = bytes.ToArray();
            }
        }
        catch (InvalidDataException)
        {
            throw new DeployException("INVALID_ZIP_FILE", "The file is not a zip file");
        }
        if (files.Count > Retrieval.MostFiles) throw new DeployException("LIMIT_EXCEEDED", $"Too many files in deploy call, limit is: {Retrieval.MostFiles}");
        // package.xml stands at the top, or in the one directory that is there.
        var root = files.ContainsKey("package.xml") ? "" : files.Keys.Where(path => path.EndsWith("/package.xml", StringComparison.Ordinal)).Select(path => path[..^"package.xml".Length])
            .OrderBy(path => path.Length).FirstOrDefault() ?? throw new DeployException("INVALID_PACKAGE", "No package.xml found");
        var package = new DeployPackage(Parse(root + "package.xml")!);
        package.DestroyFirst = Parse(root + "destructiveChangesPre.xml");
        package.DestroyLast = Merge(Parse(root + "destructiveChanges.xml"), Parse(root + "destructiveChangesPost.xml"));
        foreach (var (path, content) in files.Where(file => file.Key.StartsWith(root, StringComparison.Ordinal) && file.Key.Contains('/', StringComparison.Ordinal)))
            if (path.Length > root.Length && path[root.Length..].Contains('/', StringComparison.Ordinal)) package.Add(path[root.Length..], content);
        return package;

        PackageXml? Parse(string path)
        {
            if (!files.TryGetValue(path, out var content)) return null;
            try
            {
                return PackageXml.Read(XDocument.Load(new MemoryStream(content)).Root!);
            }
            catch (XmlException problem)
            {
                throw new DeployException("INVALID_PACKAGE", $"Error parsing file: {problem.Message}");
            }
        }
    }

    private static PackageXml? Merge(PackageXml? one, PackageXml? other) =>
        one is null ? other : other is null ? one : one with { Members = [.. one.Members, .. other.Members] };

    private void Add(string path, byte[] content)
    {
        var folder = path[..path.IndexOf('/', StringComparison.Ordinal)];
        var rest = path[(folder.Length + 1)..];
        if (MetadataType.All.FirstOrDefault(type => type.Folder == folder) is not { } type)
        {
            Strangers.Add(path);
            return;
        }
        var name = NameOf(type, rest);
        var key = (type.Name, name);
        Components[key] = Components.GetValueOrDefault(key, ImmutableSortedDictionary<string, byte[]>.Empty).SetItem(path, content);
    }

    /// <summary>Full name of the component that a file belongs to; the file's path goes on from the directory of its kind.</summary>
    public static string NameOf(MetadataType type, string path)
    {
        if (type.Bundle) return path.Split('/')[0];
        if (path.EndsWith("-meta.xml", StringComparison.Ordinal)) path = path[..^"-meta.xml".Length];
        return type.Suffix != "*" && path.EndsWith("." + type.Suffix, StringComparison.Ordinal) ? path[..^(type.Suffix.Length + 1)] : path;
    }
}

/// <summary>A deployment that fails as a whole.</summary>
public sealed class DeployException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;
}
