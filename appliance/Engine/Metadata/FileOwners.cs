using System.Collections.Immutable;
using Appliance.Salesforce;

namespace Appliance.Engine.Metadata;

/// <summary>Tells the component that a file of a retrieve belongs to.</summary>
internal sealed class FileOwners
{
    private const string MetaFile = "-meta.xml";

    private readonly Dictionary<string, MetadataComponent> _byPath = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Type, string FullName), MetadataComponent> _byName = [];
    private readonly ImmutableArray<MetadataType> _types;

    public FileOwners(MetadataPart part, RetrievedMetadata retrieved, ImmutableArray<MetadataType> types)
    {
        _types = types;
        // What was asked for counts: the answer also names what stands inside a file, such as the fields of an object.
        foreach (var component in retrieved.Components)
        {
            _byPath.TryAdd(component.FileName, component);
            _byName.TryAdd((component.Type, component.FullName), component);
        }
        foreach (var planned in part.All)
        {
            var component = _byName.GetValueOrDefault(planned.Key) ?? new MetadataComponent(planned.Type, planned.FullName, planned.FileName, planned.Id, planned.LastModifiedDate, false);
            _byName[planned.Key] = component;
            _byPath[component.FileName] = component;
            if (planned.FileName.Length > 0) _byPath[planned.FileName] = component;
        }
    }

    public MetadataComponent Of(string path)
    {
        if (Find(path) is { } owner) return owner;
        if (path.EndsWith(MetaFile, StringComparison.Ordinal) && Find(path[..^MetaFile.Length]) is { } beside) return beside;
        for (var cut = path.LastIndexOf('/'); cut > 0; cut = path.LastIndexOf('/', cut - 1))
            if (Find(path[..cut]) is { } bundle) return bundle;
        return ByFolder(path);

        MetadataComponent? Find(string file) => _byPath.GetValueOrDefault(file);
    }

    /// <summary>A file that nobody announced: the directory tells its type, its name the component.</summary>
    private MetadataComponent ByFolder(string path)
    {
        var cut = path.IndexOf('/', StringComparison.Ordinal);
        var (folder, rest) = cut < 0 ? ("", path) : (path[..cut], path[(cut + 1)..]);
        var type = _types.FirstOrDefault(t => t.Folder == folder);
        var name = rest.EndsWith(MetaFile, StringComparison.Ordinal) ? rest[..^MetaFile.Length] : rest;
        if (type is { Suffix: null }) name = name.Split('/')[0];
        else if (type is not null && name.EndsWith("." + type.Suffix, StringComparison.Ordinal)) name = name[..^(type.Suffix!.Length + 1)];
        return _byName.GetValueOrDefault((type?.Name ?? folder, name)) ?? new MetadataComponent(type?.Name ?? folder, name, path, "", "", false);
    }
}
