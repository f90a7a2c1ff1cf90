using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Xml.Linq;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Metadata;

/// <summary>A component as listMetadata tells it.</summary>
public sealed record Listed(string Type, string FullName, string FileName, string Id, uint Created, uint Modified);

/// <summary>
/// The org's metadata: objects and fields stand in the schema and are written from it; everything else is kept as the files that were
/// deployed or loaded. What a deployment said of an object is kept word for word, so that a retrieve gives it back.
/// </summary>
public sealed class OrgMetadata(OrgStore store)
{
    private readonly ConcurrentDictionary<(string Type, string Name), Component> _components = new();
    private readonly ConcurrentDictionary<(string Type, string Name), string> _ids = new();
    private readonly ConcurrentDictionary<(string Object, string Element, string Name), XElement> _parts = new(OfPart.Instance);
    private readonly ConcurrentDictionary<(string Type, string Name), uint> _stamps = new();
    private readonly ConcurrentDictionary<string, XElement> _heads = new(StringComparer.OrdinalIgnoreCase);
    private long _number;

    public OrgStore Store => store;

    public string IdOf(string type, string name) => _ids.GetOrAdd((type, name), _ => SalesforceId.Compose(type switch
    {
        "CustomObject" => "01I",
        "CustomField" => "00N",
        "ApexClass" => "01p",
        "ApexTrigger" => "01q",
        "Layout" => "00h",
        "Profile" => "00e",
        "PermissionSet" => "0PS",
        "Report" => "00O",
        "Flow" => "301",
        "RecordType" => "012",
        "ValidationRule" => "03d",
        _ => "0Xm",
    }, store.Instance, store.FirstNumber + Interlocked.Increment(ref _number)));

    /// <summary>Objects that metadata knows: no history, share or event companions.</summary>
    public IEnumerable<ObjectType> Objects => store.Schema.Objects.Where(type => type.AssociateEntityType is null && type.KeyPrefix is not null && (type.Custom || !type.Setup))
        .OrderBy(type => type.Name, StringComparer.Ordinal);

    public IEnumerable<Listed> List(string type, string? folder = null)
    {
        if (type == "CustomObject") return Objects.Select(one => Of(type, one.Name, $"objects/{one.Name}.object"));
        if (type == "CustomField")
            return Objects.SelectMany(one => one.Fields.Where(ObjectXml.IsShown).Select(field => Of(type, $"{one.Name}.{field.Name}", $"objects/{one.Name}.object")));
        if (MetadataType.ParentOf(type) is var (parent, element))
            return parent.Name == "CustomObject"
                ? Objects.SelectMany(one => Parts(one).Where(part => part.Name.LocalName == element).Select(part => Of(type, $"{one.Name}.{NameOf(part)}", $"objects/{one.Name}.object")))
                : [];
        if (type == "Profile" && Find("Profile", AdminProfile.Name) is null) return ListFiles(type, folder).Prepend(Of(type, AdminProfile.Name, AdminProfile.FileName));
        if (MetadataType.OfFolderType(type) is { } foldered)
            return _components.Values.Where(component => component.Type == foldered.Name && !component.FullName.Contains('/', StringComparison.Ordinal)).OrderBy(component => component.FullName, StringComparer.Ordinal)
                .Select(Of);
        return ListFiles(type, folder);
    }

    private IEnumerable<Listed> ListFiles(string type, string? folder) =>
        _components.Values.Where(component => component.Type == type && (MetadataType.Named(type)?.InFolder != true || folder is not null && component.FullName.StartsWith(folder + "/", StringComparison.Ordinal)))
            .OrderBy(component => component.FullName, StringComparer.Ordinal).Select(Of);

    public Component? Find(string type, string name) => _components.GetValueOrDefault((type, name));

    public void Keep(string type, string name, ImmutableSortedDictionary<string, byte[]> files)
    {
        var created = Find(type, name)?.Created ?? store.Now;
        _components[(type, name)] = new Component(type, name, files, IdOf(type, name), created, store.Now);
    }

    public bool Forget(string type, string name) => _components.TryRemove((type, name), out _);

    /// <summary>What a deployment said of an object itself, without its fields and other parts.</summary>
    public void KeepHead(string objectName, XElement root, IEnumerable<string> partNames)
    {
        _heads[objectName] = new XElement(root.Name, root.Elements().Where(element => !partNames.Contains(element.Name.LocalName)));
        Stamp("CustomObject", objectName);
    }

    public void KeepPart(string objectName, string kind, XElement part)
    {
        _parts[(objectName, part.Name.LocalName, NameOf(part))] = part;
        Stamp(kind, $"{objectName}.{NameOf(part)}");
    }

    public bool HasPart(string objectName, string element, string name) => _parts.ContainsKey((objectName, element, name));

    public bool ForgetPart(string objectName, string element, string name) => _parts.TryRemove((objectName, element, name), out _);

    public void ForgetObject(string objectName)
    {
        _heads.TryRemove(objectName, out _);
        foreach (var key in _parts.Keys.Where(key => key.Object.Equals(objectName, StringComparison.OrdinalIgnoreCase))) _parts.TryRemove(key, out _);
    }

    public static string NameOf(XElement part) => part.Elements().FirstOrDefault(element => element.Name.LocalName == "fullName")?.Value.Trim() ?? "";

    /// <summary>The object's file; with a choice only the parts chosen, without the object's own properties.</summary>
    public XElement ObjectFile(ObjectType type, Func<XElement, bool>? choice)
    {
        var root = choice is null ? new XElement(_heads.GetValueOrDefault(type.Name) ?? ObjectXml.Object(type)) : new XElement(PackageXml.Namespace + "CustomObject");
        foreach (var part in Parts(type).Where(part => choice?.Invoke(part) != false)) root.Add(part);
        if (choice is null && !type.Custom)
            foreach (var field in type.Fields.Where(field => field is { Custom: false, Createable: true, Source: FieldSource.Slot }))
                root.Add(new XElement(PackageXml.Namespace + "fields", new XElement(PackageXml.Namespace + "fullName", field.Name), new XElement(PackageXml.Namespace + "trackFeedHistory", "false")));
        var sorted = root.Elements().OrderBy(element => element.Name.LocalName, StringComparer.Ordinal).ThenBy(NameOf, StringComparer.Ordinal).ToArray();
        root.ReplaceNodes(sorted.Cast<object>().ToArray());
        return root;
    }

    /// <summary>Fields, record types and what else stands in the file of an object.</summary>
    private IEnumerable<XElement> Parts(ObjectType type)
    {
        foreach (var field in type.Fields.Where(ObjectXml.IsShown))
            yield return _parts.GetValueOrDefault((type.Name, "fields", field.Name)) ?? ObjectXml.Field(type, field);
        var recordTypes = store.Table("RecordType");
        foreach (var row in recordTypes.Live().Where(row => type.Name.Equals(Value(row, "SobjectType"), StringComparison.OrdinalIgnoreCase)))
            if (!_parts.ContainsKey((type.Name, "recordTypes", Value(row, "DeveloperName")!)))
                yield return new XElement(PackageXml.Namespace + "recordTypes", new XElement(PackageXml.Namespace + "fullName", Value(row, "DeveloperName")),
                    new XElement(PackageXml.Namespace + "active", Value(row, "IsActive") ?? "true"), new XElement(PackageXml.Namespace + "label", Value(row, "Name")));
        foreach (var (key, part) in _parts)
            if (key.Object.Equals(type.Name, StringComparison.OrdinalIgnoreCase) && key.Element != "fields") yield return part;

        string? Value(Row row, string field) => FieldReader.Text(recordTypes.Type, recordTypes.Type[field], row);
    }

    private void Stamp(string type, string name) => _stamps[(type, name)] = store.Now;

    public Listed Of(string type, string name, string file) => new(type, name, file, IdOf(type, name), (uint)store.Started.ToUnixTimeSeconds(),
        _stamps.GetValueOrDefault((type, name), (uint)store.Started.ToUnixTimeSeconds()));

    public static Listed Of(Component component) => new(component.Type, component.FullName, component.FileName, component.Id, component.Created, component.Modified);

    /// <summary>Names of objects do not mind the case of letters.</summary>
    private sealed class OfPart : IEqualityComparer<(string Object, string Element, string Name)>
    {
        public static readonly OfPart Instance = new();

        public bool Equals((string Object, string Element, string Name) x, (string Object, string Element, string Name) y) =>
            x.Element == y.Element && x.Object.Equals(y.Object, StringComparison.OrdinalIgnoreCase) && x.Name.Equals(y.Name, StringComparison.OrdinalIgnoreCase);

        public int GetHashCode((string Object, string Element, string Name) key) =>
            HashCode.Combine(key.Element, StringComparer.OrdinalIgnoreCase.GetHashCode(key.Object), StringComparer.OrdinalIgnoreCase.GetHashCode(key.Name));
    }
}
