using System.Globalization;
using System.Security.Cryptography;
using OrgSimulator.Store;

namespace OrgSimulator.Generating;

/// <summary>Files: a document, its version, two links each; and attachments, which stand alone.</summary>
public sealed class GeneratedFiles(OrgStore store, int seed)
{
    /// <summary>Document, version, link to the owner, link to a record.</summary>
    public const int RecordsPerDocument = 4;

    public void Describe(GeneratedRows documents, GeneratedRows versions, GeneratedRows links, GeneratedRows attachments, GeneratedRows owners, GeneratedRows attachedTo)
    {
        Document(documents, versions);
        Version(versions, documents);
        Link(links, documents, owners);
        Attachment(attachments, attachedTo);
    }

    private static string Name(long i) => i % 2 == 0 ? $"Notes {i}" : $"Scan {i}";
    private static string Extension(long i) => i % 2 == 0 ? "txt" : "bin";
    private static string FileType(long i) => i % 2 == 0 ? "TEXT" : "BIN";
    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
    private GeneratedContent Content(string kind, long i) => new(seed, kind, i);

    private void Document(GeneratedRows rows, GeneratedRows versions)
    {
        rows.Set("Title", Name);
        rows.Set(OneToOne(rows, "LatestPublishedVersionId", versions));
        rows.Set("ContentSize", i => Number(Content("version", i).Size));
        rows.Set("FileExtension", Extension);
        rows.Set("FileType", FileType);
        rows.Set("PublishStatus", _ => "P");
        rows.Set("ContentModifiedDate", i => FieldReader.Stamp(rows.Row(rows.First + i).Modified));
    }

    private void Version(GeneratedRows rows, GeneratedRows documents)
    {
        rows.Set("Title", Name);
        rows.Set("PathOnClient", i => $"{Name(i)}.{Extension(i)}");
        rows.Set(OneToOne(rows, "ContentDocumentId", documents));
        rows.Set("VersionData", i => Content("version", i).Name);
        rows.Set("ContentSize", i => Number(Content("version", i).Size));
        rows.Set("FileExtension", Extension);
        rows.Set("FileType", FileType);
        rows.Set("PublishStatus", _ => "P");
        rows.Set("IsLatest", _ => "true");
        rows.Set("VersionNumber", _ => "1");
#pragma warning disable CA5351 // Salesforce's Checksum is an MD5; it guards nothing here
        rows.Set("Checksum", i => Convert.ToHexStringLower(MD5.HashData(Content("version", i).Bytes())));
#pragma warning restore CA5351
        rows.Set("ContentModifiedDate", i => FieldReader.Stamp(rows.Row(rows.First + i).Modified));
        rows.Set("ContentModifiedById", _ => store.AdminId);
    }

    /// <summary>Even places link a document to its owner, odd ones the same document to a record.</summary>
    private void Link(GeneratedRows rows, GeneratedRows documents, GeneratedRows owners)
    {
        rows.Set(new GeneratedLookup(rows.Type["ContentDocumentId"], rows.Dice, 100, new LookupTarget(documents, 100, Assignment.InOrder(rows.Count, documents.Count))));
        var records = new GeneratedLookup(rows.Type["LinkedEntityId"], rows.Dice, 100, new LookupTarget(owners, 100, new Assignment(rows.Count, owners.Count, rows.Dice.Roll(9, 0), skewed: true)));
        rows.Set(records);
        rows.Set("LinkedEntityId", i => i % 2 == 0 ? store.AdminId : records.Value(i));
        rows.Set("ShareType", i => i % 2 == 0 ? "I" : "V");
        rows.Set("Visibility", _ => "AllUsers");
    }

    private void Attachment(GeneratedRows rows, GeneratedRows owners)
    {
        rows.Set(new GeneratedLookup(rows.Type["ParentId"], rows.Dice, 100, new LookupTarget(owners, 100, new Assignment(rows.Count, owners.Count, rows.Dice.Roll(9, 0), skewed: true))));
        rows.Set("Name", i => $"attachment \"{i}\", v1.dat");
        rows.Set("Body", i => Content("attachment", i).Name);
        rows.Set("BodyLength", i => Number(Content("attachment", i).Size));
        rows.Set("ContentType", _ => "application/octet-stream");
    }

    private static GeneratedLookup OneToOne(GeneratedRows rows, string field, GeneratedRows to) =>
        new(rows.Type[field], rows.Dice, 100, new LookupTarget(to, 100, Assignment.InOrder(rows.Count, to.Count)));
}
