using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Appliance.Salesforce;

/// <summary>A successful answer whose body has not been read yet.</summary>
internal sealed class OrgAnswer(PayloadStream body) : IDisposable
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web);

    public Stream Body => body;

    public string? Header(string name) => body.Header(name);

    public string? MediaType => body.MediaType;

    /// <summary>Unpacks gzip and deflate here, so that any <see cref="HttpClient"/> will do.</summary>
    public static async Task<Stream> UnpackAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var body = await content.ReadAsStreamAsync(cancellationToken);
        return content.Headers.ContentEncoding.LastOrDefault() switch
        {
            "gzip" => new GZipStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
            _ => body,
        };
    }

    public static void AskPacked(HttpRequestHeaders headers)
    {
        headers.AcceptEncoding.Add(new("gzip"));
        headers.AcceptEncoding.Add(new("deflate"));
    }

    public async Task<T> JsonAsync<T>(CancellationToken cancellationToken) =>
        await JsonSerializer.DeserializeAsync<T>(Body, Json, cancellationToken) ?? throw new JsonException("The answer is null.");

    public Task<JsonDocument> DocumentAsync(CancellationToken cancellationToken) =>
        JsonDocument.ParseAsync(Body, cancellationToken: cancellationToken);

    public async Task<byte[]> BytesAsync(CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        await Body.CopyToAsync(all, cancellationToken);
        return all.ToArray();
    }

    public void Dispose() => body.Dispose();
}
