using System.Collections.Immutable;

namespace OrgSimulator.Metadata;

/// <summary>
/// Components of a project in source format, brought into the form of a package: classes/A.cls with classes/A.cls-meta.xml stays as it is,
/// layouts/L.layout-meta.xml becomes layouts/L.layout. Objects are none of these: they make the schema.
/// </summary>
public static class SourceFolder
{
    public static void Load(OrgMetadata metadata, string folder)
    {
        var files = new Dictionary<(string Type, string Name), ImmutableSortedDictionary<string, byte[]>>();
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(path => !path.Contains("node_modules", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var parts = Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar);
            for (var i = 0; i < parts.Length - 1; i++)
            {
                if (MetadataType.All.FirstOrDefault(type => type.Folder == parts[i] && type.Name != "CustomObject") is not { } type || !Belongs(type, parts[^1], parts.Length - i)) continue;
                var rest = string.Join('/', parts[(i + 1)..]);
                var inner = FolderName(type, rest);
                var stored = inner is not null ? inner + "-meta.xml"
                    : type is { MetaFile: false, Bundle: false } && rest.EndsWith("-meta.xml", StringComparison.Ordinal) ? rest[..^"-meta.xml".Length] : rest;
                var key = (type.Name, inner ?? DeployPackage.NameOf(type, rest));
                files[key] = files.GetValueOrDefault(key, ImmutableSortedDictionary<string, byte[]>.Empty).SetItem($"{type.Folder}/{stored}", File.ReadAllBytes(path));
                break;
            }
        }
        foreach (var ((type, name), content) in files)
            if (content.Keys.Any(path => MetadataType.Named(type)!.Bundle || path.EndsWith("-meta.xml", StringComparison.Ordinal) || !MetadataType.Named(type)!.MetaFile)) metadata.Keep(type, name, content);
    }

    /// <summary>A file that only lies in a directory of that name is none of its components.</summary>
    private static bool Belongs(MetadataType type, string file, int depth) => type.Bundle ? depth > 2
        : file.EndsWith("-meta.xml", StringComparison.Ordinal) || type.MetaFile && (type.Suffix == "*" || file.EndsWith("." + type.Suffix, StringComparison.Ordinal) || type.Name == "StaticResource");

    /// <summary>reports/Sales.reportFolder-meta.xml is the folder Sales.</summary>
    private static string? FolderName(MetadataType type, string path) =>
        type.InFolder && path.EndsWith("Folder-meta.xml", StringComparison.Ordinal) ? path[..path.LastIndexOf('.', path.Length - "-meta.xml".Length - 1)] : null;
}
