namespace OrgSimulator.Schema;

/// <summary>All objects of the org. Built while loading; afterwards only deployments change it.</summary>
public sealed class OrgSchema
{
    // A deployment replaces these while other calls read them.
    private Dictionary<string, ObjectType> _byName = new(StringComparer.OrdinalIgnoreCase);
    private Dictionary<string, ObjectType> _byPrefix = new(StringComparer.Ordinal);
    private Dictionary<string, List<ChildLink>> _children = new(StringComparer.OrdinalIgnoreCase);
    private List<ObjectType> _objects = [];
    private readonly HashSet<Field> _anything = [];
    private int _customCount;

    public OrgSchema()
    {
        foreach (var type in StandardSchema.Load()) Add(type);
    }

    public IReadOnlyList<ObjectType> Objects => _objects;

    /// <summary>Grows whenever a deployment changes the schema.</summary>
    public int Version { get; private set; }

    /// <summary>When the schema last changed while the org ran; null when never.</summary>
    public DateTimeOffset? ChangedAt { get; set; }

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
        if (type.Name.EndsWith("__x", StringComparison.Ordinal)) type.KeyPrefix ??= NextPrefix('x');
        if (type.Name.EndsWith("__b", StringComparison.Ordinal)) type.KeyPrefix ??= NextPrefix('b');
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

    /// <summary>Adds an object while the org runs.</summary>
    public void Deploy(ObjectType type)
    {
        Detach();
        Add(type);
        Complete();
    }

    /// <summary>Takes an object away while the org runs; lookups to it go with it.</summary>
    public void Withdraw(ObjectType type)
    {
        Detach();
        _byName.Remove(type.Name);
        if (type.KeyPrefix is not null) _byPrefix.Remove(type.KeyPrefix);
        _objects.Remove(type);
        foreach (var other in _objects)
            foreach (var field in other.Fields.Where(field => field.ReferenceTo.Contains(type.Name, StringComparer.OrdinalIgnoreCase)).ToArray())
            {
                if (field is { Custom: true, Polymorphic: false }) other.Withdraw(field);
                else field.ReferenceTo = [.. field.ReferenceTo.Where(name => !name.Equals(type.Name, StringComparison.OrdinalIgnoreCase))];
            }
        Complete();
    }

    private void Detach()
    {
        _byName = new(_byName, StringComparer.OrdinalIgnoreCase);
        _byPrefix = new(_byPrefix, StringComparer.Ordinal);
        _objects = [.. _objects];
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
        var children = new Dictionary<string, List<ChildLink>>(StringComparer.OrdinalIgnoreCase);
        var everything = _objects.Where(type => !type.Setup && type.Createable && type.KeyPrefix is not null
            && type.Name is not ("Attachment" or "Note" or "ContentVersion" or "ContentDocumentLink")
            && !type.Name.EndsWith("__mdt", StringComparison.Ordinal) && !type.Name.EndsWith("__e", StringComparison.Ordinal))
            .Select(type => type.Name).ToArray();
        foreach (var type in _objects)
        {
            QueryRestrictions.Apply(type);
            foreach (var field in type.AllFields)
            {
                if (field.ReferenceTo.Contains("*")) _anything.Add(field);
                if (_anything.Contains(field))
                    field.ReferenceTo = [.. everything.Except(field.ReferenceTo, StringComparer.OrdinalIgnoreCase), .. field.ReferenceTo.Where(name => name != "*")];
                foreach (var target in field.ReferenceTo)
                {
                    if (!children.TryGetValue(target, out var links)) children[target] = links = [];
                    links.Add(new ChildLink(type, field));
                }
            }
        }
        _children = children;
        Version++;
    }
}
