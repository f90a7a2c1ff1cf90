using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Appliance.Salesforce;

public sealed partial class Org
{
    private static readonly TimeSpan FileWithin = TimeSpan.FromHours(2);   // two gigabytes over a slow line

    /// <summary>
    /// Creates a record with its file (ContentVersion.VersionData, Attachment.Body, Document.Body), streamed: a 2 GB file needs no memory.
    /// Never repeated blindly. The stream stays open.
    /// </summary>
    /// <param name="objectName">ContentVersion, Attachment, Document …</param>
    /// <param name="fields">Its other fields.</param>
    /// <param name="blobField">The field that takes the bytes.</param>
    /// <param name="fileName">For the upload only; the record's own name stands in <paramref name="fields"/>.</param>
    /// <param name="content">Read from its position to its end.</param>
    /// <param name="length">Bytes to come.</param>
    /// <param name="cancellationToken">Breaks the upload off.</param>
    public Task<SaveResult> CreateWithFileAsync(
        string objectName, JsonObject fields, string blobField, string fileName, Stream content, long length, CancellationToken cancellationToken)
    {
        var start = content.CanSeek ? content.Position : 0;
        return SaveOneAsync(new(HttpMethod.Post, $"sobjects/{Uri.EscapeDataString(objectName)}", $"Creating a file of {objectName}")
        {
            Content = _ =>
            {
                var boundary = $"appliance-{Convert.ToHexString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16))}";
                var form = new MultipartFormDataContent(boundary);
                form.Headers.ContentType!.Parameters.Single().Value = boundary;   // unquoted: not every reader takes the quotes off
                var json = Json(writer => fields.WriteTo(writer));
                json.Headers.ContentDisposition = new("form-data") { Name = "\"entity_content\"" };
                form.Add(json);
                var file = StreamPart.Of(content, start, length, "application/octet-stream");
                file.Headers.ContentDisposition = new("form-data") { Name = $"\"{blobField}\"", FileName = $"\"{HeaderSafe(fileName)}\"" };
                form.Add(file);
                return form;
            },
            Upload = true,
            ContentRepeats = content.CanSeek,
            Repeat = Repeat.Never,
            Writes = true,
            AnswerWithin = FileWithin,
        }, cancellationToken);
    }

    /// <summary>The bytes of a file as they arrive; dispose the stream. When it breaks off it throws a transient failure: open it again.</summary>
    public async Task<Stream> OpenBlobAsync(string objectName, string id, string field, CancellationToken cancellationToken)
    {
        var answer = await _channel.OpenAsync(
            new(HttpMethod.Get, $"sobjects/{Uri.EscapeDataString(objectName)}/{id}/{Uri.EscapeDataString(field)}", $"Reading {objectName}.{field}")
            {
                Accept = "*/*",
            }, cancellationToken);
        return answer.Body;
    }

    /// <summary>A header takes ASCII only; the real name travels in the JSON part.</summary>
    private static string HeaderSafe(string fileName) =>
        string.Concat(fileName.Select(c => char.IsAscii(c) && !char.IsControl(c) && c is not ('"' or '\\') ? c : '_'));
}
