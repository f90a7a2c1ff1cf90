using System.Globalization;
using System.Security.Cryptography;
using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>What the platform does of its own for some standard objects: files, stages, closed flags.</summary>
public static class StandardRules
{
    private static readonly Dictionary<string, (string Probability, string Category)> Stages = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Prospecting"] = ("10.0", "Pipeline"), ["Qualification"] = ("10.0", "Pipeline"),
        ["Needs Analysis"] = ("20.0", "Pipeline"), ["Value Proposition"] = ("50.0", "Pipeline"),
        ["Id. Decision Makers"] = ("60.0", "Pipeline"), ["Perception Analysis"] = ("70.0", "Pipeline"),
        ["Proposal/Price Quote"] = ("75.0", "Pipeline"), ["Negotiation/Review"] = ("90.0", "Pipeline"),
        ["Closed Won"] = ("100.0", "Closed"), ["Closed Lost"] = ("0.0", "Omitted"),
    };

    /// <param name="store">The org.</param>
    /// <param name="type">Object of the new record.</param>
    /// <param name="values">Its values, filled further here.</param>
    /// <param name="record">What the client sent.</param>
    /// <param name="rowsBefore">Records that must stand before it: the document of a first version.</param>
    public static SaveError? BeforeInsert(OrgStore store, ObjectType type, string?[] values, RecordInput record, out IReadOnlyList<(ObjectType, string?[])> rowsBefore)
    {
        rowsBefore = [];
        switch (type.Name)
        {
            case "ContentVersion":
                if (NewVersion(store, type, values, out var document) is { } refused) return refused;
                if (document is not null) rowsBefore = [(store.Schema["ContentDocument"], document)];
                break;
            case "Attachment":
                if (values[type["Body"].Slot] is { } body)
                    values[type["BodyLength"].Slot] = store.Blob(body).Length.ToString(CultureInfo.InvariantCulture);
                break;
            case "ContentDocumentLink":
                var (linked, documentId) = (values[type["LinkedEntityId"].Slot], values[type["ContentDocumentId"].Slot]);
                if (linked is not null && documentId is not null
                    && store.Table(type).Children(type["ContentDocumentId"], [documentId]).Exists(row => row[type["LinkedEntityId"].Slot] == linked))
                    return new SaveError("DUPLICATE_VALUE", "Document is already linked with the entity: ContentDocumentLink duplicates value on record", "ContentDocumentId", "LinkedEntityId");
                break;
        }
        Derive(type, values, store);
        return null;
    }

    /// <summary>Read only fields that follow from others.</summary>
    public static void Derive(ObjectType type, string?[] values, OrgStore store)
    {
        switch (type.Name)
        {
            case "Opportunity": DeriveOpportunity(type, values); break;
            case "Case": Set("IsClosed", values[type["Status"].Slot] == "Closed"); break;
            case "Task":
                Set("IsClosed", values[type["Status"].Slot] == "Completed");
                Set("IsHighPriority", values[type["Priority"].Slot] == "High");
                break;
            case "CampaignMember": Set("HasResponded", values[type["Status"].Slot] == "Responded"); break;
        }

        void Set(string field, bool value) => values[type[field].Slot] = value ? "true" : "false";
    }

    public static void AfterInsert(OrgStore store, ObjectType type, Row row, Journal journal, Func<Table, string?[], Row> newRow)
    {
        if (type.Name != "ContentVersion") return;
        var documents = store.Table("ContentDocument");
        var documentType = documents.Type;
        var document = documents.Find(row[type["ContentDocumentId"].Slot]!)!;
        var first = document[documentType["LatestPublishedVersionId"].Slot] is null;
        var versions = store.Table(type);
        if (!first)
            foreach (var older in versions.Children(type["ContentDocumentId"], [document.Id]).Where(other => other.Number != row.Number
                         && other[type["IsLatest"].Slot] == "true").ToArray())
                journal.Replace(versions, older, older with { Values = With(older.Values, type["IsLatest"], "false"), Modstamp = store.Now });
        var values = (string?[])document.Values.Clone();
        values[documentType["LatestPublishedVersionId"].Slot] = row.Id;
        foreach (var name in (string[])["Title", "ContentSize", "FileType", "FileExtension", "ContentModifiedDate", "Description"])
            values[documentType[name].Slot] = row[type[name].Slot];
        journal.Replace(documents, document, document with { Values = values, Modified = store.Now, Modstamp = store.Now });
        if (!first) return;
        Link(row[type["OwnerId"].Slot], "I");
        Link(row[type["FirstPublishLocationId"].Slot], "V");

        void Link(string? entity, string share)
        {
            if (entity is null) return;
            var links = store.Table("ContentDocumentLink");
            var linked = new string?[links.Type.SlotCount];
            linked[links.Type["LinkedEntityId"].Slot] = entity;
            linked[links.Type["ContentDocumentId"].Slot] = document.Id;
            linked[links.Type["ShareType"].Slot] = share;
            linked[links.Type["Visibility"].Slot] = "AllUsers";
            journal.Append(links, newRow(links, linked));
        }
    }

    private static SaveError? NewVersion(OrgStore store, ObjectType type, string?[] values, out string?[]? document)
    {
        document = null;
        var path = values[type["PathOnClient"].Slot];
        if (values[type["VersionData"].Slot] is not { } data)
        {
            if (values[type["ContentUrl"].Slot] is null)
                return new SaveError("REQUIRED_FIELD_MISSING", "Required fields are missing: [VersionData]", "VersionData");
        }
        else
        {
            if (path is null) return new SaveError("REQUIRED_FIELD_MISSING", "Required fields are missing: [PathOnClient]", "PathOnClient");
            var content = store.Blob(data);
            values[type["ContentSize"].Slot] = content.Length.ToString(CultureInfo.InvariantCulture);
#pragma warning disable CA5351 // Salesforce's Checksum is an MD5; it guards nothing here
            values[type["Checksum"].Slot] = Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351
        }
        var extension = Path.GetExtension(path ?? "").TrimStart('.');
        values[type["FileExtension"].Slot] = extension.Length == 0 ? null : extension;
        values[type["FileType"].Slot] = extension.Length == 0 ? "UNKNOWN" : extension.ToUpperInvariant() is "TXT" ? "TEXT" : extension.ToUpperInvariant();
        values[type["Title"].Slot] ??= Path.GetFileNameWithoutExtension(path) is { Length: > 0 } title ? title : path;
        values[type["ContentModifiedDate"].Slot] = FieldReader.Stamp(store.Now);
        values[type["ContentModifiedById"].Slot] = store.AdminId;
        values[type["PublishStatus"].Slot] = "P";
        values[type["IsLatest"].Slot] = "true";
        var documentId = values[type["ContentDocumentId"].Slot];
        values[type["VersionNumber"].Slot] = documentId is null ? "1"
            : (1 + store.Table(type).Children(type["ContentDocumentId"], [documentId]).Count + store.Table(type).Deleted().Count(row => row[type["ContentDocumentId"].Slot] == documentId)).ToString(CultureInfo.InvariantCulture);
        if (documentId is not null) return null;
        var documentType = store.Schema["ContentDocument"];
        document = new string?[documentType.SlotCount];
        FieldWriter.Default(documentType, document, store);
        document[documentType["OwnerId"].Slot] = values[type["OwnerId"].Slot];
        document[documentType["PublishStatus"].Slot] = "P";
        return null;
    }

    private static void DeriveOpportunity(ObjectType type, string?[] values)
    {
        if (values[type["StageName"].Slot] is not { } stage) return;
        var known = Stages.GetValueOrDefault(stage, ("10.0", "Pipeline"));
        values[type["Probability"].Slot] ??= known.Item1;
        var category = values[type["ForecastCategoryName"].Slot] ??= known.Item2;
        values[type["ForecastCategory"].Slot] = category switch { "Best Case" => "BestCase", "Commit" => "Forecast", _ => category };
        values[type["IsClosed"].Slot] = stage.StartsWith("Closed", StringComparison.OrdinalIgnoreCase) ? "true" : "false";
        values[type["IsWon"].Slot] = stage.Equals("Closed Won", StringComparison.OrdinalIgnoreCase) ? "true" : "false";
        if (DateOnly.TryParseExact(values[type["CloseDate"].Slot], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var close))
        {
            var quarter = (close.Month + 2) / 3;
            values[type["FiscalYear"].Slot] = close.Year.ToString(CultureInfo.InvariantCulture);
            values[type["FiscalQuarter"].Slot] = quarter.ToString(CultureInfo.InvariantCulture);
            values[type["Fiscal"].Slot] = $"{close.Year} {quarter}";
        }
        values[type["ExpectedRevenue"].Slot] = decimal.TryParse(values[type["Amount"].Slot], NumberStyles.Float, CultureInfo.InvariantCulture, out var amount)
            && decimal.TryParse(values[type["Probability"].Slot], NumberStyles.Float, CultureInfo.InvariantCulture, out var probability)
            && Math.Abs(amount) < 1e20m
                ? (amount * probability / 100).ToString("0.0#", CultureInfo.InvariantCulture) : null;
    }

    private static string?[] With(string?[] values, Field field, string? value)
    {
        var copy = (string?[])values.Clone();
        copy[field.Slot] = value;
        return copy;
    }
}
