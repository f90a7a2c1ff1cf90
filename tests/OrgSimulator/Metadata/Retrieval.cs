using System.IO.Compression;
using System.Xml.Linq;
using OrgSimulator.Schema;

namespace OrgSimulator.Metadata;

/// <summary>What one retrieve gives: the zip, the properties of its files, and what could not be found.</summary>
public sealed record Retrieved(byte[] Zip, IReadOnlyList<Listed> Properties, IReadOnlyList<(string File, string Problem)> Messages, string? Failure);

/// <summary>Puts the components that a package.xml names into a zip, within the limits of the API.</summary>
public sealed class Retrieval(OrgMetadata metadata, SimulatorOptions options)
{
    public const int MostFiles = 10_000;
    public const int MostZippedBytes = 39 * 1024 * 1024;
    public const int MostPlainBytes = 600 * 1024 * 1024;

    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly List<Listed> _properties = [];
    private readonly List<(string, string)> _messages = [];

    /// <param name="package">What is wanted.</param>
    /// <param name="root">Directory in the zip, with its slash; empty for a single package.</param>
    public Retrieved Run(PackageXml package, string root)
    {
        var held = new List<(string, string)>();
        var withProfile = false;
        foreach (var group in package.Members.GroupBy(member => member.Type))
        {
            if (group.Key == "CustomObject" || MetadataType.ParentOf(group.Key) is { Parent.Name: "CustomObject" }) continue;
            if (MetadataType.Named(group.Key) is not { } type)
            {
                _messages.Add((root + "package.xml", $"Entity type: '{group.Key}' is unknown"));
                continue;
            }
            foreach (var (_, name) in group)
            {
                var found = name == "*" ? type.InFolder ? [] : metadata.List(type.Name).Select(listed => listed.FullName).ToArray() : [name];
                foreach (var one in found)
                {
                    if (Rules.ForbiddenMetadata.Contains($"{type.Name}:{one}"))
                    {
                        _messages.Add((root + "package.xml", $"You do not have the proper permissions to access {one}."));
                        continue;
                    }
                    if (metadata.Find(type.Name, one) is not { } component)
                    {
                        if (type.Name == "Profile" && one == AdminProfile.Name)
                        {
                            withProfile = true;
                            continue;
                        }
                        Missing(type.Name, one, root);
                        continue;
                    }
                    foreach (var (path, content) in component.Files) _files[root + path] = content;
                    _properties.Add(OrgMetadata.Of(component) with { FileName = root + component.FileName });
                    held.Add((type.Name, one));
                }
            }
        }
        held.AddRange(AddObjects(package, root));
        if (withProfile)
        {
            _files[root + AdminProfile.FileName] = AdminProfile.Write(held);
            _properties.Add(metadata.Of("Profile", AdminProfile.Name, root + AdminProfile.FileName));
            held.Add(("Profile", AdminProfile.Name));
        }
        if (package.Members.Any(member => Rules.RottenMetadata.Contains($"{member.Type}:{member.Member}")))
            return Failed("UNKNOWN_EXCEPTION: An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)");
        _files[root + "package.xml"] = new PackageXml(held, package.Version).Write();
        _properties.Add(new Listed("Package", "package.xml", root + "package.xml", "", 0, 0));
        if (_files.Count > options.RetrieveFileLimit) return Failed($"LIMIT_EXCEEDED: Too many files in retrieve call, limit is: {options.RetrieveFileLimit}");
        if (_files.Values.Sum(content => (long)content.Length) > MostPlainBytes) return Failed($"LIMIT_EXCEEDED: Maximum size of request reached. Maximum size of request is {MostPlainBytes} bytes");
        var zip = Zip();
        return zip.Length > options.RetrieveZipLimit ? Failed($"LIMIT_EXCEEDED: Maximum size of request reached. Maximum size of request is {options.RetrieveZipLimit} bytes")
            : new Retrieved(zip, _properties, _messages, null);
    }

    private Rules.OrgRules Rules => metadata.Store.Rules.Rules;

    private Retrieved Failed(string why) => new([], [], _messages, why);

    /// <summary>One file for each object, whole when the object itself is asked for, else with the parts that are.</summary>
    private List<(string, string)> AddObjects(PackageXml package, string root)
    {
        var held = new List<(string, string)>();
        var whole = new HashSet<ObjectType>();
        var parts = new Dictionary<ObjectType, List<(string Element, string Kind, string Name)>>();
        foreach (var (kind, name) in package.Members)
        {
            if (kind == "CustomObject")
            {
                // The star stands for custom objects only.
                if (name == "*") whole.UnionWith(metadata.Objects.Where(type => type.Custom));
                else if (Object(name) is { } type) whole.Add(type);
                else Missing(kind, name, root);
            }
            else if (MetadataType.ParentOf(kind) is (var parent, { } element) && parent.Name == "CustomObject")
            {
                foreach (var listed in name == "*" ? metadata.List(kind).ToArray() : metadata.List(kind).Where(one => one.FullName.Equals(name, StringComparison.OrdinalIgnoreCase)).ToArray())
                {
                    var dot = listed.FullName.IndexOf('.', StringComparison.Ordinal);
                    var type = Object(listed.FullName[..dot])!;
                    if (!parts.TryGetValue(type, out var list)) parts[type] = list = [];
                    list.Add((element, kind, listed.FullName[(dot + 1)..]));
                }
                if (name != "*" && !metadata.List(kind).Any(one => one.FullName.Equals(name, StringComparison.OrdinalIgnoreCase))) Missing(kind, name, root);
            }
        }
        foreach (var type in whole.Union(parts.Keys))
        {
            var path = $"objects/{type.Name}.object";
            var chosen = parts.GetValueOrDefault(type, []);
            var file = metadata.ObjectFile(type, whole.Contains(type) ? null : part => chosen.Any(one => one.Element == part.Name.LocalName && one.Name == OrgMetadata.NameOf(part)));
            _files[root + path] = PackageXml.Bytes(file);
            if (whole.Contains(type)) held.Add(("CustomObject", type.Name));
            if (whole.Contains(type)) _properties.Add(metadata.Of("CustomObject", type.Name, root + path));
            foreach (var (_, kind, name) in chosen)
            {
                held.Add((kind, $"{type.Name}.{name}"));
                _properties.Add(metadata.Of(kind, $"{type.Name}.{name}", root + path));
            }
        }
        return held;
    }

    private ObjectType? Object(string name) => metadata.Objects.FirstOrDefault(type => type.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private void Missing(string type, string name, string root) => _messages.Add((root + "package.xml", $"Entity of type '{type}' named '{name}' cannot be found"));

    private byte[] Zip()
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (path, content) in _files)
            {
                using var entry = zip.CreateEntry(path, CompressionLevel.Fastest).Open();
                entry.Write(content);
            }
        return bytes.ToArray();
    }
}
