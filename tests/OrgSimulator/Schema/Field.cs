using System.Text.Json;
using OrgSimulator.Store;

namespace OrgSimulator.Schema;

/// <summary>Where the value of a field comes from when a record is read.</summary>
public enum FieldSource
{
    /// <summary>A slot of the record.</summary>
    Slot,
    Id, IsDeleted, CreatedDate, CreatedById, LastModifiedDate, LastModifiedById, SystemModstamp,
    /// <summary>Name of a person: salutation left out, first and last name joined.</summary>
    PersonName,
    /// <summary>An address or location put together from its components.</summary>
    Compound,
    /// <summary>Computed whenever it is read; <see cref="Field.Compute"/> says how, and without it the field is empty.</summary>
    Formula,
}

/// <summary>Shield Platform Encryption: probabilistic values cannot be searched at all, deterministic ones only for equality.</summary>
public enum Shield { None, Probabilistic, Deterministic }

/// <summary>What happens to a child when the record that its lookup names is deleted.</summary>
public enum DeleteRule { SetNull, Cascade, Restrict, Keep }

public sealed record RollUp(string Operation, string ChildObject, string ChildLookup, string? ChildField)
{
    /// <summary>What a detail must satisfy to be counted; all of them.</summary>
    public IReadOnlyList<RollUpFilter> Filters { get; init; } = [];
}

/// <param name="Field">Field of the detail.</param>
/// <param name="Operation">As the metadata spells it: equals, notEqual, lessThan …</param>
/// <param name="Values">Any of these.</param>
public sealed record RollUpFilter(string Field, string Operation, IReadOnlyList<string> Values);

/// <summary>One field as the schema knows it. Mutable only while the schema is being put together.</summary>
public sealed class Field(string name, FieldType type)
{
    public string Name { get; } = name;
    public FieldType Type { get; set; } = type;
    public string Label { get; set; } = Labels.For(name);
    public int Length { get; set; }
    public int Precision { get; set; }
    public int Scale { get; set; }
    public bool Nillable { get; set; } = true;
    public bool Createable { get; set; } = true;
    public bool Updateable { get; set; } = true;
    public bool DefaultedOnCreate { get; set; }
    public string? DefaultValue { get; set; }
    public bool Calculated { get; set; }
    public string? Formula { get; set; }

    /// <summary>Reads a formula field; set once the whole schema is known.</summary>
    public Func<Row, string?>? Compute { get; set; }
    public bool BlanksAreZero { get; set; }

    /// <summary>Formula for the value of a new record that brings none, and what works it out.</summary>
    public string? DefaultFormula { get; set; }
    public Func<Row, string?>? ComputeDefault { get; set; }
    public RollUp? RollUp { get; set; }

    /// <summary>Display format such as <c>J-{00000}</c>; null when the field does not number itself.</summary>
    public string? AutoNumberFormat { get; set; }
    public bool Unique { get; set; }
    public bool CaseSensitive { get; set; }
    public bool ExternalId { get; set; }
    public bool IdLookup { get; set; }
    public bool NameField { get; set; }
    public bool Html { get; set; }
    public string? ExtraTypeInfo { get; set; }
    public string? CompoundName { get; set; }
    public string? HelpText { get; set; }
    public List<string> PicklistValues { get; } = [];
    public bool RestrictedPicklist { get; set; }

    /// <summary>Objects that the lookup may name; "*" stands for every business object until the schema is completed.</summary>
    public List<string> ReferenceTo { get; set; } = [];
    public string? RelationshipName { get; set; }
    public string? ChildRelationshipName { get; set; }
    public DeleteRule DeleteRule { get; set; } = DeleteRule.SetNull;
    public int? RelationshipOrder { get; set; }
    public bool WriteRequiresMasterRead { get; set; }
    public bool MasterDetail => RelationshipOrder is not null;

    public FieldSource Source { get; set; } = FieldSource.Slot;

    /// <summary>Index into the values of a record; only for <see cref="FieldSource.Slot"/>.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>The field as a real describe gave it; describe repeats it word for word.</summary>
    public JsonElement? Recorded { get; set; }

    /// <summary>Field-level security keeps it from everybody: describe, queries and writes know nothing of it.</summary>
    public bool Hidden { get; set; }
    public Shield Shield { get; set; }

    /// <summary>How text of classic encryption is masked: all, lastFour and the like.</summary>
    public string? MaskType { get; set; }

    /// <summary>Whether clients see the mask instead of the text.</summary>
    public bool Masked { get; set; }

    /// <summary>First number of a field that numbers itself.</summary>
    public long StartingNumber { get; set; } = 1;

    public bool Custom => Name.EndsWith("__c", StringComparison.Ordinal) || Name.EndsWith("__pc", StringComparison.Ordinal);
    public bool AutoNumber => AutoNumberFormat is not null;
    public bool Required => Createable && !Nillable && !DefaultedOnCreate && Type != FieldType.Boolean;
    public bool LongText => Type == FieldType.TextArea && Length > 255;
    public bool Filterable => Shield != Shield.Probabilistic && (Told("filterable") ?? !LongText && Type is not FieldType.Base64 and not FieldType.EncryptedString);
    public bool Sortable => Shield == Shield.None && (Told("sortable") ?? Filterable && !Type.IsCompound() && Type != FieldType.MultiPicklist);
    public bool Groupable => Shield == Shield.None && (Told("groupable")
        ?? Sortable && Type is not (FieldType.Double or FieldType.Currency or FieldType.Percent or FieldType.DateTime or FieldType.Time));
    public bool Aggregatable => Filterable && !Type.IsCompound() && Type is not (FieldType.Boolean or FieldType.MultiPicklist);
    public bool Polymorphic => ReferenceTo.Count > 1;

    /// <summary>The same field made once more: it holds nothing yet.</summary>
    public Field Again()
    {
        var again = (Field)MemberwiseClone();
        again.Slot = -1;
        return again;
    }

    private bool? Told(string key) => Recorded is { } told && told.TryGetProperty(key, out var value) ? value.ValueKind == JsonValueKind.True : null;

    public override string ToString() => Name;
}

public static class Labels
{
    /// <summary>A readable label for an API name: <c>Household_Account__c</c> becomes "Household Account".</summary>
    public static string For(string name)
    {
        var bare = name.EndsWith("__c", StringComparison.Ordinal) ? name[..^3] : name;
        bare = bare[(bare.IndexOf("__", StringComparison.Ordinal) is var at and >= 0 ? at + 2 : 0)..].Replace('_', ' ');
        var text = new System.Text.StringBuilder();
        for (var i = 0; i < bare.Length; i++)
        {
            if (i > 0 && char.IsUpper(bare[i]) && char.IsLower(bare[i - 1])) text.Append(' ');
            text.Append(bare[i]);
        }
        return text.ToString().Replace(" Id", " ID", StringComparison.Ordinal);
    }
}
