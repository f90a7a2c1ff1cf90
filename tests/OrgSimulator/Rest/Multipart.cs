using System.Text;
using System.Text.Json;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>multipart/form-data with one JSON part and one binary part, in any order, under any names.</summary>
public static class Multipart
{
    public sealed record Part(string? Name, string? FileName, string? ContentType, ReadOnlyMemory<byte> Content);

    public static RecordInput Record(ApiRequest request, ObjectType type)
    {
        var parts = Parts(request);
        var entity = parts.Find(part => part.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true && part.FileName is null)
            ?? parts.Find(part => part.Name?.StartsWith("entity_", StringComparison.Ordinal) == true)
            ?? throw new ApiException(400, "INVALID_MULTIPART_REQUEST", "The multipart request has no JSON part");
        RecordInput record;
        try
        {
            using var document = JsonDocument.Parse(entity.Content);
            record = RecordInputJson.Read(document.RootElement);
        }
        catch (JsonException)
        {
            throw new ApiException(400, "JSON_PARSER_ERROR", "The JSON part of the multipart request cannot be read");
        }
        if (parts.Find(part => part != entity) is { } blob)
        {
            record.BlobField = type.Find(blob.Name ?? "") is { Type: FieldType.Base64 } named ? named.Name
                : type.Fields.FirstOrDefault(field => field.Type == FieldType.Base64)?.Name
                ?? throw new ApiException(400, "INVALID_MULTIPART_REQUEST", $"{type.Name} has no field for binary data");
            record.Blob = blob.Content.ToArray();
        }
        return record;
    }

    public static List<Part> Parts(ApiRequest request)
    {
        var boundary = request.ContentType!.Split(';').Select(part => part.Trim()).FirstOrDefault(part => part.StartsWith("boundary=", StringComparison.OrdinalIgnoreCase))?[9..].Trim('"')
            ?? throw new ApiException(400, "INVALID_MULTIPART_REQUEST", "The multipart request names no boundary");
        var body = request.Body;
        var marker = Encoding.ASCII.GetBytes("--" + boundary);
        var parts = new List<Part>();
        var at = body.Span.IndexOf(marker);
        while (at >= 0)
        {
            var start = at + marker.Length;
            if (body.Span[start..].StartsWith("--"u8)) break;
            start += body.Span[start..].IndexOf("\n"u8) + 1;
            var length = body.Span[start..].IndexOf([.. "\r\n"u8, .. marker]);
            if (length < 0) break;
            parts.Add(Read(body.Slice(start, length)));
            at = start + length + 2;
        }
        return parts;
    }

    private static Part Read(ReadOnlyMemory<byte> part)
    {
        var end = part.Span.StartsWith("\r\n"u8) ? 0 : part.Span.IndexOf("\r\n\r\n"u8);
        if (end < 0) throw new ApiException(400, "INVALID_MULTIPART_REQUEST", "A part of the multipart request has no end of headers");
        string? name = null, fileName = null, contentType = null;
        foreach (var line in Encoding.UTF8.GetString(part.Span[..end]).Split("\r\n"))
        {
            if (line.StartsWith("Content-Type:", StringComparison.OrdinalIgnoreCase)) contentType = line[13..].Trim();
            if (!line.StartsWith("Content-Disposition:", StringComparison.OrdinalIgnoreCase)) continue;
            foreach (var item in line.Split(';').Select(item => item.Trim()))
            {
                if (item.StartsWith("name=", StringComparison.OrdinalIgnoreCase)) name = item[5..].Trim('"');
                if (item.StartsWith("filename", StringComparison.OrdinalIgnoreCase)) fileName = item[(item.IndexOf('=', StringComparison.Ordinal) + 1)..].Trim('"');
            }
        }
        return new Part(name, fileName, contentType, part[(end == 0 ? 2 : end + 4)..]);
    }
}
