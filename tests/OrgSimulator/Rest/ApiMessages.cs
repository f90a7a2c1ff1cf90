using System.Text.Json;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>One call of the REST API, whether it came over HTTP or inside a composite request.</summary>
/// <param name="Method">GET, POST …</param>
/// <param name="Version">Two digits, such as 66.</param>
/// <param name="Path">Decoded segments after the version.</param>
/// <param name="Query">Decoded query parameters; names ignore case.</param>
/// <param name="Body">The body, unzipped.</param>
/// <param name="ContentType">Content-Type header.</param>
/// <param name="Header">Any other request header.</param>
public sealed record ApiRequest(string Method, int Version, IReadOnlyList<string> Path, IReadOnlyDictionary<string, string> Query, ReadOnlyMemory<byte> Body,
    string? ContentType, Func<string, string?> Header)
{
    public string Base => $"/services/data/v{Version}.0";

    public JsonElement Json()
    {
        try
        {
            using var document = JsonDocument.Parse(Body.Span.StartsWith("\uFEFF"u8) ? Body[3..] : Body);
            return document.RootElement.Clone();
        }
        catch (JsonException problem)
        {
            throw new ApiException(400, "JSON_PARSER_ERROR", $"Unexpected character or end of input at [line:{(problem.LineNumber ?? 0) + 1}, column:{(problem.BytePositionInLine ?? 0) + 1}]");
        }
    }
}

/// <summary>What is answered: JSON, bytes, or a stream that is written row by row.</summary>
public sealed class ApiAnswer(int status)
{
    public int Status { get; } = status;
    public Action<Utf8JsonWriter>? Json { get; init; }
    public Func<Stream, CancellationToken, Task>? Stream { get; init; }
    public string ContentType { get; init; } = "application/json;charset=UTF-8";
    public Dictionary<string, string> Headers { get; } = [];

    /// <summary>What a refusal says, for faces that write it in another form.</summary>
    public (string Code, string Message)? Error { get; private init; }

    public static ApiAnswer Of(Action<Utf8JsonWriter> json, int status = 200) => new(status) { Json = json };
    public static ApiAnswer Nothing { get; } = new(204);

    public static ApiAnswer Failure(int status, string code, string message, IReadOnlyList<string>? fields = null) => new(status)
    {
        Error = (code, message),
        Json = json =>
        {
            json.WriteStartArray();
            WriteError(json, "errorCode", code, message, fields);
            json.WriteEndArray();
        },
    };

    public static void WriteError(Utf8JsonWriter json, string codeName, string code, string message, IReadOnlyList<string>? fields)
    {
        json.WriteStartObject();
        if (codeName == "statusCode") json.WriteString(codeName, code);
        json.WriteString("message", message);
        if (codeName != "statusCode") json.WriteString(codeName, code);
        if (fields is not null)
        {
            json.WriteStartArray("fields");
            foreach (var field in fields) json.WriteStringValue(field);
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }
}

/// <summary>A refusal in the envelope of the REST API.</summary>
public sealed class ApiException(int status, string code, string message, IReadOnlyList<string>? fields = null) : Exception(message)
{
    public int Status { get; } = status;
    public string Code { get; } = code;

    public ApiAnswer Answer() => ApiAnswer.Failure(Status, Code, Message, fields);

    public static ApiException NotFound { get; } = new(404, "NOT_FOUND", "The requested resource does not exist");

    public static ApiException NotAllowed(string method, string allowed) =>
        new(405, "METHOD_NOT_ALLOWED", $"HTTP Method '{method}' not allowed. Allowed are {allowed}");

    public static ApiException Of(SaveError error) => new(error.Code is "ENTITY_IS_DELETED" or "INVALID_CROSS_REFERENCE_KEY" && error.Fields.Count == 0 ? 404 : 400,
        error.Code, error.Message, error is { Code: "INVALID_FIELD", Fields.Count: 0 } ? null : error.Fields);
}
