using System.Collections.Immutable;
using System.Security.Cryptography;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>One object as a run will read it: the columns that are stored, and how they are asked for.</summary>
public sealed record ObjectScope
{
    public required ObjectDescribe Describe { get; init; }

    /// <summary>Columns in stored order; the first is always Id. Contains the file fields, which no query returns as bytes.</summary>
    public required ImmutableArray<string> Columns { get; init; }

    /// <summary>Columns that SOQL asks for.</summary>
    public required ImmutableArray<string> QueriedColumns { get; init; }

    /// <summary>Field that holds a file's bytes (Attachment.Body, ContentVersion.VersionData, …), or null.</summary>
    public required string? FileField { get; init; }

    /// <summary>Field by which changed rows are found, or null when the object has none and is read whole each time.</summary>
    public required string? ChangeField { get; init; }

    /// <summary>SHA-256 of the describe document, lower-case hexadecimal; names the schema that is stored beside the snapshot.</summary>
    public required string SchemaHash { get; init; }

    /// <summary>Only rows for which this SOQL condition holds belong to the choice; null for all.</summary>
    public string? Where { get; init; }

    /// <summary>Fields that are not stored, and why.</summary>
    public ImmutableArray<SkippedField> LeftOut { get; init; } = [];

    public string Name => Describe.Name;

    /// <summary>A live row of this object that holds no content although there should be some.</summary>
    public bool LacksFile(StoredRecord row) => FileField is not null && !row.Deleted && row.Utf8(FileField).IsEmpty
        && (row["ContentLocation"] ?? "S") == "S" && (Name != "Document" || row["Url"] is null);   // others have their content elsewhere

    /// <summary>Formula and roll-up fields among the stored columns: they change without a stamp.</summary>
    public bool HasFormulas => Describe.Fields.Any(f => f.Calculated && Columns.Contains(f.Name));

    public bool HasIsDeleted => Columns.Contains("IsDeleted");

    public static ObjectScope For(ObjectDescribe describe)
    {
        // Compound fields (address, location) come as their components; complex values have no text form.
        var fields = describe.Fields.Where(f => f.Type is not ("address" or "location" or "complexvalue")).ToList();
        var file = fields.FirstOrDefault(f => f.Type == "base64" && FileBearing(describe.Name))?.Name;
        var stored = fields.Where(f => f.Type != "base64" || f.Name == file).Select(f => f.Name).Where(n => n != "Id").Prepend("Id");
        return new ObjectScope
        {
            Describe = describe,
            Columns = [.. stored],
            QueriedColumns = [.. stored.Where(n => n != file)],
            FileField = file,
            ChangeField = ChangeFields.FirstOrDefault(name => fields.Any(f => f.Name == name && f.Filterable)),
            LeftOut =
            [
                .. describe.Fields.Where(f => f.Type is "address" or "location").Select(f => new SkippedField(f.Name, "a compound; its parts are held as fields of their own")),
                .. describe.Fields.Where(f => f.Type == "complexvalue").Select(f => new SkippedField(f.Name, "a complex value; it has no text form")),
                .. fields.Where(f => f.Type == "base64" && f.Name != file).Select(f => new SkippedField(f.Name, "binary content of an object that is not backed up with its files")),
            ],
            SchemaHash = Convert.ToHexStringLower(SHA256.HashData(describe.Json)),
        };
    }

    // SystemModstamp is indexed and cannot be set from outside; the others serve objects that lack it (History rows are only ever created).
    private static readonly string[] ChangeFields = ["SystemModstamp", "LastModifiedDate", "CreatedDate", "LoginTime"];

    private static bool FileBearing(string name) => name is "Attachment" or "ContentVersion" or "Document" or "StaticResource" or "ContentNote";
}
