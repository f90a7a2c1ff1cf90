using System.Text.Json;

namespace OrgSimulator.Schema;

/// <summary>An object of the org: its fields and what may be done with it.</summary>
public sealed class ObjectType(string name, string? keyPrefix)
{
    // Replaced, never changed, once the org runs: a deployment may add fields while other calls read them.
    private Dictionary<string, Field> _byName = new(StringComparer.OrdinalIgnoreCase);
    private List<Field> _fields = [];
    private Field[]? _visible;

    public string Name { get; } = name;

    /// <summary>First three characters of its Ids; null for objects that have none.</summary>
    public string? KeyPrefix { get; set; } = keyPrefix;
    public string Label { get; set; } = Labels.For(name);
    public string LabelPlural { get; set; } = Labels.For(name) + "s";
    public bool Createable { get; set; } = true;
    public bool Updateable { get; set; } = true;
    public bool Deletable { get; set; } = true;
    public bool Undeletable { get; set; } = true;
    public bool Queryable { get; set; } = true;
    public bool Retrieveable { get; set; } = true;
    public bool Replicateable { get; set; } = true;
    public bool CustomSetting { get; set; }
    public bool DeprecatedAndHidden { get; set; }

    /// <summary>Part of the org's set-up rather than of its data; never named by the "*" lookups.</summary>
    public bool Setup { get; set; }
    public string? AssociateEntityType { get; set; }
    public string? AssociateParentEntity { get; set; }

    /// <summary>Message with which a query without the right filter is refused; code and text.</summary>
    public (string Code, string Message)? QueryRefusal { get; set; }

    /// <summary>Fields one of which must be filtered by = or IN before a query is allowed.</summary>
    public string[] MandatoryFilters { get; set; } = [];

    /// <summary>Index of a big object: queries may filter by its fields only, from the first on. Empty for other objects.</summary>
    public IReadOnlyList<string> Index { get; set; } = [];

    /// <summary>Whether that filter must name a single value.</summary>
    public bool SingleFilter { get; set; }

    /// <summary>True for objects that only REST reads.</summary>
    public bool BulkRefused { get; set; }

    /// <summary>The object as a real describe gave it, without its fields; null when the simulator describes it itself.</summary>
    public JsonElement? Recorded { get; set; }

    /// <summary>Its entry in a recorded describe global.</summary>
    public JsonElement? RecordedSummary { get; set; }

    /// <summary>Fields that clients may see. <see cref="AllFields"/> has the hidden ones, too.</summary>
    public IReadOnlyList<Field> Fields => _visible ??= [.. _fields.Where(known => !known.Hidden)];
    public IReadOnlyList<Field> AllFields => _fields;
    public int SlotCount { get; private set; }
    public Field? NameField => _fields.Find(candidate => candidate.NameField);
    public bool Custom => Name.EndsWith("__c", StringComparison.Ordinal) || Name.EndsWith("__e", StringComparison.Ordinal)
        || Name.EndsWith("__mdt", StringComparison.Ordinal) || Name.EndsWith("__b", StringComparison.Ordinal) || Name.EndsWith("__x", StringComparison.Ordinal);

    /// <summary>A field that clients may see.</summary>
    public Field? Find(string field) => _byName.GetValueOrDefault(field) is { Hidden: false } found ? found : null;

    /// <summary>A field, hidden or not.</summary>
    public Field? FindAny(string field) => _byName.GetValueOrDefault(field);
    public Field this[string field] => _byName[field];

    public Field Add(Field field)
    {
        _byName.Add(field.Name, field);
        _fields.Add(field);
        _visible = null;
        if (field.Source == FieldSource.Slot) field.Slot = SlotCount++;
        return field;
    }

    public Field Add(string name, FieldType type, Action<Field>? shape = null)
    {
        var field = new Field(name, type);
        shape?.Invoke(field);
        return Add(field);
    }

    /// <summary>Field-level security: takes a field out of everybody's sight, or brings it back.</summary>
    public void Hide(Field field, bool hidden = true)
    {
        field.Hidden = hidden;
        _visible = null;
    }

    /// <summary>Adds a field, or puts it in the place of the custom one of that name, whose values it takes over, while the org runs.</summary>
    public void Deploy(Field field)
    {
        var old = FindAny(field.Name);
        if (field.Source == FieldSource.Slot) field.Slot = old is { Source: FieldSource.Slot } ? old.Slot : SlotCount++;
        _byName = new Dictionary<string, Field>(_byName, StringComparer.OrdinalIgnoreCase) { [field.Name] = field };
        _fields = old is null ? [.. _fields, field] : _fields.ConvertAll(other => other == old ? field : other);
        _visible = null;
    }

    /// <summary>Takes a field away while the org runs; its values stay unseen in their slots.</summary>
    public void Withdraw(Field field)
    {
        var names = new Dictionary<string, Field>(_byName, StringComparer.OrdinalIgnoreCase);
        names.Remove(field.Name);
        _byName = names;
        _fields = [.. _fields.Where(other => other != field)];
        _visible = null;
    }

    /// <summary>The same custom object made once more: another prefix, and fields that hold nothing.</summary>
    public ObjectType Again()
    {
        var again = new ObjectType(Name, null) { Label = Label, LabelPlural = LabelPlural, CustomSetting = CustomSetting };
        foreach (var field in _fields) again.Add(field.Again());
        return again;
    }

    public override string ToString() => Name;
}

/// <summary>A lookup seen from the object that it names.</summary>
public sealed record ChildLink(ObjectType Child, Field Lookup);
