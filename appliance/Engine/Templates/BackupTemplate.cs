using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Appliance.Engine.Templates;

/// <summary>A saved choice of what to back up: trees of objects over their relationships, with fields and filters. Kept in the catalog as JSON.</summary>
public sealed record BackupTemplate
{
    public const int MostObjects = 500;

    public ImmutableArray<TemplateObject> Objects { get; init => field = value.IsDefault ? [] : value; } = [];

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, MaxDepth = 32,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <exception cref="EngineException">It is no template.</exception>
    public static BackupTemplate Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<BackupTemplate>(json, Options) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new EngineException($"This is no template: {e.Message}", "Compare it with API.md.");
        }
    }
}

/// <summary>One object of a tree. Of a child only the records are taken that hang on records taken of its parent.</summary>
public sealed record TemplateObject
{
    /// <summary>API name.</summary>
    public required string Object { get; init; }

    /// <summary>For a child: its reference field to the parent.</summary>
    public string? ParentField { get; init; }

    /// <summary>Empty for all.</summary>
    public ImmutableArray<string> Fields { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Numbered from 1, as <see cref="Logic"/> names them.</summary>
    public ImmutableArray<TemplateFilter> Filters { get; init => field = value.IsDefault ? [] : value; } = [];

    /// <summary>Such as <c>1 AND (2 OR 3)</c>; all filters must hold when it is not given.</summary>
    public string? Logic { get; init; }

    /// <summary>A condition in SOQL, as it would stand behind WHERE; must hold beside the filters.</summary>
    public string? Soql { get; init; }

    public ImmutableArray<TemplateObject> Children { get; init => field = value.IsDefault ? [] : value; } = [];
}

/// <summary>One condition.</summary>
/// <param name="Operator">One of <see cref="Operators"/>.</param>
/// <param name="Value">For in, includes and excludes several, parted by semicolons; a date may be a word such as LAST_N_DAYS:30. Empty means null.</param>
public sealed record TemplateFilter(string Field, string Operator, string? Value)
{
    public static readonly ImmutableArray<string> Operators =
        ["=", "!=", "<", ">", "<=", ">=", "contains", "not contains", "starts with", "includes", "excludes", "in", "not in"];
}
