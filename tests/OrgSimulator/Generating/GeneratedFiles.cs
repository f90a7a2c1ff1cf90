using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OrgSimulator.Loading;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Generating;

/// <summary>Files of some kilobytes: every other one text that compresses well, the rest random bytes; some contents stand twice.</summary>
public sealed class GeneratedFiles(OrgStore store, Random random)
{
    /// <summary>Version, document, link to the owner, link to a record.</summary>
    public const int RecordsPerDocument = 4;

    public void Generate(int documents, int attachments, string[] owners)
    {
        if (owners.Length == 0) return;
        var versionAges = new Ages(store, "ContentVersion", documents);
        for (var i = 0; i < documents; i++)
        {
            var times = versionAges.Next(i);
            var content = Content(i);
            var (name, extension) = i % 2 == 0 ? ($"Notes {i}", "txt") : ($"Scan {i}", "bin");
            var version = store.Table("ContentVersion");
            var document = store.Table("ContentDocument");
            var (versionId, documentId) = (store.NewId(version), store.NewId(document));
            var size = content.Length.ToString(CultureInfo.InvariantCulture);
            var modified = FieldReader.Stamp(times.Modified);
            Append(document, documentId, times, ("Title", name), ("LatestPublishedVersionId", versionId), ("ContentSize", size), ("FileExtension", extension),
                ("FileType", FileType(extension)), ("PublishStatus", "P"), ("ContentModifiedDate", modified));
#pragma warning disable CA5351 // Salesforce's Checksum is an MD5; it guards nothing here
            var checksum = Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351
            Append(version, versionId, times, ("Title", name), ("PathOnClient", $"{name}.{extension}"), ("ContentDocumentId", documentId), ("VersionData", store.KeepBlob(content)),
                ("ContentSize", size), ("FileExtension", extension), ("FileType", FileType(extension)), ("PublishStatus", "P"), ("IsLatest", "true"), ("VersionNumber", "1"),
                ("Checksum", checksum), ("ContentModifiedDate", modified), ("ContentModifiedById", store.AdminId));
            Link(documentId, store.AdminId, "I", times);
            Link(documentId, owners[random.Next(owners.Length)], "V", times);
        }
        var attachmentAges = new Ages(store, "Attachment", attachments);
        for (var i = 0; i < attachments; i++)
        {
            var content = Content(i + 10_000);
            var table = store.Table("Attachment");
            Append(table, store.NewId(table), attachmentAges.Next(i), ("ParentId", owners[random.Next(owners.Length)]), ("Name", $"attachment \"{i}\", v1.dat"),
                ("Body", store.KeepBlob(content)), ("BodyLength", content.Length.ToString(CultureInfo.InvariantCulture)), ("ContentType", "application/octet-stream"));
        }
    }

    private static string FileType(string extension) => extension == "txt" ? "TEXT" : extension.ToUpperInvariant();

    private byte[] Content(int i)
    {
        if (i % 50 == 49) return Encoding.UTF8.GetBytes("The same text in many files.\n");
        if (i % 2 == 0) return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(20, 200)).Select(line => $"Line {line} of file {i}: naïve café, \"quoted\".\n")));
        var bytes = new byte[random.Next(500, 8000)];
        random.NextBytes(bytes);
        return bytes;
    }

    private void Link(string documentId, string entity, string share, (uint, uint) times)
    {
        var table = store.Table("ContentDocumentLink");
        Append(table, store.NewId(table), times, ("ContentDocumentId", documentId), ("LinkedEntityId", entity), ("ShareType", share), ("Visibility", "AllUsers"));
    }

    private void Append(Table table, string id, (uint Created, uint Modified) times, params (string Field, string Value)[] fields)
    {
        var values = new string?[table.Type.SlotCount];
        foreach (var (field, value) in fields) values[table.Type[field].Slot] = value;
        FieldWriter.Default(table.Type, values, store);
        table.Append(new Row
        {
            Id = id, Number = SalesforceId.Number(id), Values = values, Created = times.Created, Modified = times.Modified, Modstamp = times.Modified,
            CreatedBy = store.AdminId, ModifiedBy = store.AdminId,
        });
    }
}
