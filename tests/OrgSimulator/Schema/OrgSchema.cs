namespace OrgSimulator.Schema;

/// <summary>All objects of the org. Built once while loading; read only afterwards.</summary>
public sealed class OrgSchema
{
    private readonly Dictionary<string, ObjectType> _byName = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, ObjectType> _byPrefix = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<ChildLink>> _children = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<ObjectType> _objects = [];
    private int _customCount;

    public OrgSchema()
    {
        foreach (var type in StandardSchema.Load()) Add(type);
    }

    public IReadOnlyList<ObjectType> Objects => _objects;

    public ObjectType this[string name] => _byName[name];

    public ObjectType? Find(string name) => _byName.GetValueOrDefault(name);

    public ObjectType? OfId(ReadOnlySpan<char> id) =>
        id.Length < 3 ? null : _byPrefix.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(id[..3], out var type) ? type : null;

    /// <summary>Lookups that name the object, in the order of the schema. Known after <see cref="Complete"/>.</summary>
    public IReadOnlyList<ChildLink> ChildrenOf(ObjectType type) => _children.TryGetValue(type.Name, out var links) ? links : [];

    public void Add(ObjectType type)
    {
        if (type.Custom && type.KeyPrefix is null && type.Name.EndsWith("__c", StringComparison.Ordinal)) type.KeyPrefix = NextPrefix('a');
        if (type.Name.EndsWith("__mdt", StringComparison.Ordinal)) type.KeyPrefix ??= NextPrefix('m');
        if (type.Name.EndsWith("__e", StringComparison.Ordinal)) type.KeyPrefix ??= NextPrefix('e');
        _byName.Add(type.Name, type);
        _objects.Add(type);
        if (type.KeyPrefix is not null) _byPrefix.Add(type.KeyPrefix, type);
    }

    /// <summary>Puts an object in the place of the one that has its name, or adds it. A prefix that another object has stays with that one.</summary>
    public void Replace(ObjectType type)
    {
        if (_byName.TryGetValue(type.Name, out var old))
        {
            if (old.KeyPrefix is { } prefix && _byPrefix.GetValueOrDefault(prefix) == old) _byPrefix.Remove(prefix);
            _objects[_objects.IndexOf(old)] = type;
        }
        else _objects.Add(type);
        _byName[type.Name] = type;
        if (type.KeyPrefix is not null && !_byPrefix.TryAdd(type.KeyPrefix, type)) type.KeyPrefix = NextPrefix('z');
        if (type.KeyPrefix is not null) _byPrefix[type.KeyPrefix] = type;
    }

    /// <summary>An unknown standard object met in the data gets a prefix of its own.</summary>
    public string NextPrefix(char first)
    {
        const string digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        string prefix;
        do prefix = $"{first}{digits[_customCount / 62 % 62]}{digits[_customCount++ % 62]}";
        while (_byPrefix.ContainsKey(prefix));
        return prefix;
    }

    /// <summary>Turns the "*" of lookups into names and links children to parents. Call it once all objects are known.</summary>
    public void Complete()
    {
        _children.Clear();
        var everything = _objects.Where(type => !type.Setup && type.Createable && type.KeyPrefix is not null
            && type.Name is not ("Attachment" or "Note" or "ContentVersion" or "ContentDocumentLink")
            && !type.Name.EndsWith("__mdt", StringComparison.Ordinal) && !type.Name.EndsWith("__e", StringComparison.Ordinal))
            .Select(type => type.Name).ToArray();
        foreach (var type in _objects)
        {
            foreach (var field in type.AllFields)
            {
                if (field.ReferenceTo.Remove("*"))
                    field.ReferenceTo.InsertRange(0, everything.Except(field.ReferenceTo, StringComparer.OrdinalIgnoreCase));
                foreach (var target in field.ReferenceTo)
                {
                    if (!_children.TryGetValue(target, out var links)) _children[target] = links = [];
                    links.Add(new ChildLink(type, field));
                }
            }
        }
    }
}
