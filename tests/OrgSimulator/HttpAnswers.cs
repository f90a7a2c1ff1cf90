using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrgSimulator.Rest;

namespace OrgSimulator;

/// <summary>Puts an answer on the wire.</summary>
public static class HttpAnswers
{
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(HttpContext context, ApiAnswer answer)
    {
        context.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers) context.Response.Headers[name] = value;
        if (answer.Json is { } write)
        {
            var buffer = new ArrayBufferWriter<byte>(4096);
            await using (var json = new Utf8JsonWriter(buffer, Json)) write(json);
            context.Response.ContentType = answer.ContentType;
            await context.Response.Body.WriteAsync(buffer.WrittenMemory, context.RequestAborted);
        }
        else if (answer.Stream is { } stream)
        {
            context.Response.ContentType = answer.ContentType;
            await stream(context.Response.Body, context.RequestAborted);
        }
    }
}
