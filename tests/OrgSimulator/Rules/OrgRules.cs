using System.Text.Json;
using System.Text.Json.Serialization;
using OrgSimulator.Schema;

namespace OrgSimulator.Rules;

/// <summary>
/// What an admin set up in this org beyond its schema: permissions, field-level security, encryption, validation rules, triggers, duplicate rules.
/// The same shape is read from the file of <c>--rules</c> and from <c>POST /__rules</c>, with names in camel case.
/// </summary>
public sealed record OrgRules
{
    /// <summary>"Set Audit Fields upon Record Creation": inserts may bring created and last-modified stamps.</summary>
    public bool SetAuditFields { get; init; }

    /// <summary>"Update Records with Inactive Owners": an inactive user may be named as owner.</summary>
    public bool UpdateInactiveOwners { get; init; }

    /// <summary>"Query All Files": ContentDocumentLink may be queried without a filter.</summary>
    public bool QueryAllFiles { get; init; } = true;

    /// <summary>"View Encrypted Data": encrypted text of the classic kind is shown as it is instead of masked.</summary>
    public bool ViewEncryptedData { get; init; } = true;

    /// <summary>"Modify Metadata Through Metadata API Functions": without it the Metadata API answers nothing but a refusal.</summary>
    public bool ModifyMetadata { get; init; } = true;

    /// <summary>Types of metadata that cannot be listed, as it happens with features that are half switched on.</summary>
    public IReadOnlyList<string> UnlistedMetadata { get; init; } = [];

    /// <summary>Components, as Type:FullName, that are listed and cannot be given: a retrieve that names one tells so and gives the others.</summary>
    public IReadOnlyList<string> ForbiddenMetadata { get; init; } = [];

    /// <summary>Components, as Type:FullName, at which a whole retrieve fails.</summary>
    public IReadOnlyList<string> RottenMetadata { get; init; } = [];

    /// <summary>Accounts may be people; fixed once the org runs.</summary>
    public bool PersonAccounts { get; init; }

    /// <summary>Users beside the admin; fixed once the org runs.</summary>
    public IReadOnlyList<OrgUser> Users { get; init; } = [];

    /// <summary>Fields that nobody may see, as Object.Field.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>Fields that everybody may see and nobody may write, as Object.Field.</summary>
    public IReadOnlyList<string> ReadOnly { get; init; } = [];

    /// <summary>Fields under Shield Platform Encryption, as Object.Field, and their scheme.</summary>
    public IReadOnlyDictionary<string, Shield> Encrypted { get; init; } = new Dictionary<string, Shield>();
    public IReadOnlyList<ValidationRule> Validations { get; init; } = [];
    public IReadOnlyList<TriggerStub> Triggers { get; init; } = [];
    public IReadOnlyList<DuplicateRule> Duplicates { get; init; } = [];

    private static readonly JsonSerializerOptions Shape = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <exception cref="JsonException">It is not the JSON of rules; the message says where.</exception>
    public static OrgRules Parse(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize<OrgRules>(json, Shape) ?? new OrgRules();

    public void Write(Utf8JsonWriter json) => JsonSerializer.Serialize(json, this, Shape);
}

/// <param name="Username">Sign-in name.</param>
/// <param name="LastName">Family name; the part of the sign-in name before the @ when left out.</param>
/// <param name="Active">Whether the user may own new records.</param>
public sealed record OrgUser(string Username, string? LastName = null, bool Active = true);

/// <summary>Refuses a record that meets the condition.</summary>
/// <param name="Object">Object of the record.</param>
/// <param name="Condition">What a wrong record looks like, as the WHERE of a query.</param>
/// <param name="Message">What the refusal says.</param>
/// <param name="Field">Field that the message stands at; none for the top of the page.</param>
public sealed record ValidationRule(string Object, string Condition, string Message, string? Field = null);

public enum TriggerEvent { Insert, Update, Delete }

/// <summary>Stands for Apex: refuses a record or changes one of its fields before it is saved.</summary>
/// <param name="Object">Object of the record.</param>
/// <param name="Name">Name of the trigger, which refusals tell.</param>
/// <param name="Events">When it runs; always when empty.</param>
/// <param name="Condition">Records that it heeds, as the WHERE of a query; all when left out.</param>
/// <param name="Message">With a message the record is refused.</param>
/// <param name="Field">With a field the record gets <paramref name="Value"/> there.</param>
/// <param name="Value">Value as a client would send it; null clears the field.</param>
public sealed record TriggerStub(string Object, string Name, IReadOnlyList<TriggerEvent>? Events = null, string? Condition = null, string? Message = null, string? Field = null,
    string? Value = null)
{
    public bool RunsOn(TriggerEvent moment) => Events is null or { Count: 0 } || Events.Contains(moment);
}

/// <summary>Refuses a new record that equals another in all of the fields.</summary>
/// <param name="Object">Object of the records.</param>
/// <param name="Name">Name of the rule.</param>
/// <param name="Fields">Fields to compare, regardless of letter case; a record without a value in one of them has no duplicate.</param>
/// <param name="AllowSave">Whether <c>Sforce-Duplicate-Rule-Header: allowSave=true</c> lifts it.</param>
/// <param name="OnUpdate">Whether updates are judged, too.</param>
public sealed record DuplicateRule(string Object, string Name, IReadOnlyList<string> Fields, bool AllowSave = true, bool OnUpdate = false);
