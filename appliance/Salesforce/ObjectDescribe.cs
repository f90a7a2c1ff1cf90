using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Appliance.Salesforce;

/// <summary>One object of describe global. The names are Salesforce's own spelling.</summary>
public record ObjectSummary
{
    public required string Name { get; init; }
    public string Label { get; init; } = "";
    public string LabelPlural { get; init; } = "";

    /// <summary>Null for history, share, feed, change event and view objects.</summary>
    public string? KeyPrefix { get; init; }
    public bool Custom { get; init; }
    public bool CustomSetting { get; init; }
    public bool Queryable { get; init; }
    public bool Retrieveable { get; init; }
    public bool Createable { get; init; }
    public bool Updateable { get; init; }
    public bool Deletable { get; init; }
    public bool Undeletable { get; init; }
    public bool Replicateable { get; init; }
    public bool Searchable { get; init; }
    public bool Mergeable { get; init; }
    public bool Triggerable { get; init; }
    public bool FeedEnabled { get; init; }
    public bool DeprecatedAndHidden { get; init; }

    /// <summary><c>History</c>, <c>Share</c>, <c>Feed</c>, <c>ChangeEvent</c>… when the object belongs to <see cref="AssociateParentEntity"/>.</summary>
    public string? AssociateEntityType { get; init; }
    public string? AssociateParentEntity { get; init; }
}

/// <summary>One object with its fields.</summary>
public sealed record ObjectDescribe : ObjectSummary
{
    public ImmutableArray<FieldDescribe> Fields { get; init; } = [];
    public ImmutableArray<ChildRelationship> ChildRelationships { get; init; } = [];

    /// <summary>The object has custom fields whose ids the user could not see. See <see cref="WithFieldIds"/>.</summary>
    public bool FieldIdsUnseen { get; init; }

    /// <summary>The answer as it came, UTF-8; with the ids of custom fields once they were put in.</summary>
    [JsonIgnore]
    public byte[] Json { get; init; } = [];

    public FieldDescribe? Field(string name) =>
        Fields.FirstOrDefault(f => string.Equals(f.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The same with the id of each custom field as its member <c>durableId</c>, or with the member <c>fieldIdsUnseen</c>.</summary>
    /// <param name="ids">By <c>Object.Field</c>; null: the user may not see them.</param>
    public ObjectDescribe WithFieldIds(IReadOnlyDictionary<string, string>? ids)
    {
        if (!Fields.Any(f => f.Custom)) return this;
        var json = JsonNode.Parse(Json)!;
        if (ids is null) json["fieldIdsUnseen"] = true;
        else
            foreach (var field in json["fields"]!.AsArray())
            {
                var name = (string)field!["name"]!;
                // A person account shows the fields of Contact under names of its own; those of tasks and events belong to Activity.
                var home = name.EndsWith("__pc", StringComparison.OrdinalIgnoreCase) ? $"Contact.{name[..^2]}c" : $"{Name}.{name}";
                if (ids.TryGetValue(home, out var id) || (Name is "Task" or "Event" && ids.TryGetValue($"Activity.{name}", out id))) field["durableId"] = id;
            }
        return Parse(JsonSerializer.SerializeToUtf8Bytes(json));
    }

    /// <summary>Reads a describe answer, fresh or kept.</summary>
    /// <exception cref="JsonException">It is not one.</exception>
    public static ObjectDescribe Parse(ReadOnlySpan<byte> json) =>
        (JsonSerializer.Deserialize<ObjectDescribe>(json, OrgAnswer.Json) ?? throw new JsonException("The describe is null.")) with { Json = json.ToArray() };
}

public sealed record FieldDescribe
{
    public required string Name { get; init; }
    public string Label { get; init; } = "";

    /// <summary>Of a custom field that this very field keeps and another of its name has not; null when it is not known. See <see cref="ObjectDescribe.WithFieldIds"/>.</summary>
    public string? DurableId { get; init; }

    /// <summary><c>id string textarea boolean int double currency date datetime reference base64 address location</c> …</summary>
    public required string Type { get; init; }

    /// <summary>In characters; 0 for types without a length.</summary>
    public int Length { get; init; }
    public int Precision { get; init; }
    public int Scale { get; init; }
    public int Digits { get; init; }
    public bool Nillable { get; init; }
    public bool Createable { get; init; }
    public bool Updateable { get; init; }
    public bool DefaultedOnCreate { get; init; }

    /// <summary>Formula or roll-up: never writable, and it changes without a stamp.</summary>
    public bool Calculated { get; init; }
    public bool AutoNumber { get; init; }
    public bool Custom { get; init; }
    public bool NameField { get; init; }
    public bool IdLookup { get; init; }
    public bool Unique { get; init; }
    public bool ExternalId { get; init; }
    public bool Encrypted { get; init; }
    public bool Filterable { get; init; }
    public bool Sortable { get; init; }
    public bool HtmlFormatted { get; init; }
    public bool RestrictedPicklist { get; init; }
    public bool CascadeDelete { get; init; }
    public bool RestrictedDelete { get; init; }
    public bool WriteRequiresMasterRead { get; init; }
    public bool PolymorphicForeignKey { get; init; }

    /// <summary>Objects a reference may point to; empty for other types.</summary>
    public ImmutableArray<string> ReferenceTo { get; init; } = [];
    public string? RelationshipName { get; init; }

    /// <summary>0 or 1 for a master-detail field, null otherwise.</summary>
    public int? RelationshipOrder { get; init; }

    /// <summary>The address, location or name this field is a part of.</summary>
    public string? CompoundFieldName { get; init; }
    public string? ExtraTypeInfo { get; init; }
}

public sealed record ChildRelationship
{
    public required string ChildSObject { get; init; }
    public required string Field { get; init; }
    public string? RelationshipName { get; init; }
    public bool CascadeDelete { get; init; }
    public bool RestrictedDelete { get; init; }
    public bool DeprecatedAndHidden { get; init; }
}
