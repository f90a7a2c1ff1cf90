using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Appliance.Server.Tests.Storage;

/// <summary>
/// As much of S3 as one vault needs, in memory, which refuses when the test wants it. Whether the store speaks real S3 is shown in Vault.Tests against Ceph's gateway; this one is for what
/// a job does with a refusal.
/// </summary>
internal sealed class S3OnTheWire : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);

    private S3OnTheWire(WebApplication app) => _app = app;

    /// <summary>Status and code of every answer from now on; null: all is well.</summary>
    public (int Status, string Code)? Refuses { get; set; }

    /// <summary>Asked at each request, with its method; a true answer refuses from there on, with AccessDenied.</summary>
    public Func<string, bool>? RefuseFrom { get; set; }

    public string Root => $"s3://bucket/vaults?endpoint={_app.Urls.First()}";

    public static async Task<S3OnTheWire> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var s3 = new S3OnTheWire(app);
        app.Run(s3.AnswerAsync);
        await app.StartAsync();
        // The store takes its credentials from the environment, and nothing else in these tests asks for any.
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "test");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "test");
        return s3;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (RefuseFrom?.Invoke(request.Method) == true) Refuses = (403, "AccessDenied");
        if (Refuses is { } refused)
        {
            await FailAsync(response, refused.Status, refused.Code);
            return;
        }
        var key = request.Path.Value!["/bucket".Length..].TrimStart('/');
        if (request.Method == "GET" && key.Length == 0) await ListAsync(request, response);
        else if (request.Method == "PUT") await PutAsync(request, response, key);
        else if (request.Method == "DELETE")
        {
            _objects.TryRemove(key, out _);
            response.StatusCode = 204;
        }
        else if (!_objects.TryGetValue(key, out var bytes)) await FailAsync(response, 404, "NoSuchKey");
        else await ReadAsync(request, response, bytes);
    }

    private static async Task ReadAsync(HttpRequest request, HttpResponse response, byte[] bytes)
    {
        var (from, length) = (0, bytes.Length);
        if (request.Headers.Range is [{ } range] && range["bytes=".Length..].Split('-') is [var first, var last])
        {
            from = int.Parse(first, CultureInfo.InvariantCulture);
            if (from >= bytes.Length)
            {
                await FailAsync(response, 416, "InvalidRange");
                return;
            }
            length = Math.Min(bytes.Length, int.Parse(last, CultureInfo.InvariantCulture) + 1) - from;
            response.StatusCode = 206;
        }
        response.Headers.ETag = "\"0\"";
        response.Headers.LastModified = "Thu, 01 Jan 2026 00:00:00 GMT";
        response.ContentLength = length;
        if (request.Method != "HEAD") await response.Body.WriteAsync(bytes.AsMemory(from, length));
    }

    private async Task PutAsync(HttpRequest request, HttpResponse response, string key)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var bytes = request.Headers.ContentEncoding.ToString().Contains("aws-chunked", StringComparison.Ordinal) || request.Headers["x-amz-content-sha256"].ToString().StartsWith("STREAMING", StringComparison.Ordinal)
            ? Unchunked(body.ToArray()) : body.ToArray();
        if (request.Headers.IfNoneMatch == "*" && !_objects.TryAdd(key, bytes)) await FailAsync(response, 412, "PreconditionFailed");
        else
        {
            _objects[key] = bytes;
            response.Headers.ETag = "\"0\"";
        }
    }

    private async Task ListAsync(HttpRequest request, HttpResponse response)
    {
        var (prefix, delimiter) = (request.Query["prefix"].ToString(), request.Query["delimiter"].ToString());
        var keys = _objects.Keys.Where(k => k.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        XNamespace ns = "http://s3.amazonaws.com/doc/2006-03-01/";
        var folders = delimiter.Length == 0 ? [] : keys.Where(k => k.IndexOf('/', prefix.Length) > 0).Select(k => k[..(k.IndexOf('/', prefix.Length) + 1)]).Distinct();
        var files = delimiter.Length == 0 ? keys : [.. keys.Where(k => k.IndexOf('/', prefix.Length) < 0)];
        var xml = new XElement(ns + "ListBucketResult", new XElement(ns + "Name", "bucket"), new XElement(ns + "Prefix", prefix), new XElement(ns + "IsTruncated", "false"),
            files.Select(k => new XElement(ns + "Contents", new XElement(ns + "Key", k), new XElement(ns + "Size", _objects[k].Length), new XElement(ns + "LastModified", "2026-01-01T00:00:00.000Z"), new XElement(ns + "ETag", "\"0\""))),
            folders.Select(f => new XElement(ns + "CommonPrefixes", new XElement(ns + "Prefix", f))));
        response.ContentType = "application/xml";
        await response.WriteAsync(xml.ToString());
    }

    private static async Task FailAsync(HttpResponse response, int status, string code)
    {
        response.StatusCode = status;
        response.ContentType = "application/xml";
        await response.WriteAsync($"<Error><Code>{code}</Code><Message>refused by the test</Message></Error>");
    }

    /// <summary>Chunks as AWS signs them: <c>hex size;chunk-signature=…</c>, CR LF, the bytes, CR LF.</summary>
    private static byte[] Unchunked(byte[] body)
    {
        using var plain = new MemoryStream();
        for (var at = 0; at < body.Length;)
        {
            var end = body.AsSpan(at).IndexOf("\r\n"u8) + at;
            var size = int.Parse(Encoding.ASCII.GetString(body.AsSpan(at, end - at)).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0) break;
            plain.Write(body, end + 2, size);
            at = end + 2 + size + 2;
        }
        return plain.ToArray();
    }
}
