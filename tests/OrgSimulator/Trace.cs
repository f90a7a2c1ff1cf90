using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Features;

namespace OrgSimulator;

/// <summary>
/// Writes each request with its answer as a line of JSON: n number, t time in ms, m method, url raw target, h headers, body, bytes,
/// status, rh answer headers, rb answer body. Bodies are cut at 64 KiB. Tokens stand in it, so a trace is for looking at, not for publishing.
/// </summary>
public sealed class Trace(string path, TimeProvider time) : IDisposable
{
    private const int Kept = 64 * 1024;
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly FileStream _file = new(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
    private readonly Lock _lock = new();
    private int _number;

    public async Task RunAsync(HttpContext context, Func<Task> next)
    {
        var number = Interlocked.Increment(ref _number);
        var at = time.GetUtcNow().ToUnixTimeMilliseconds();
        var (request, response) = (new Tee(context.Request.Body), new Tee(context.Response.Body));
        var wire = context.Response.Body;
        context.Request.Body = request;
        context.Response.Body = response;
        try
        {
            await next();
        }
        finally
        {
            context.Response.Body = wire;
            Write(context, number, at, request, response);
        }
    }

    private void Write(HttpContext context, int number, long at, Tee request, Tee response)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, Json))
        {
            json.WriteStartObject();
            json.WriteNumber("n", number);
            json.WriteNumber("t", at);
            json.WriteString("m", context.Request.Method);
            json.WriteString("url", context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
            Headers("h", context.Request.Headers);
            json.WriteString("body", request.Text);
            json.WriteNumber("bytes", request.Count);
            json.WriteNumber("status", context.Response.StatusCode);
            Headers("rh", context.Response.Headers);
            json.WriteString("rb", response.Text);
            json.WriteEndObject();

            void Headers(string name, IHeaderDictionary headers)
            {
                json.WriteStartObject(name);
                foreach (var (key, value) in headers) json.WriteString(name == "h" ? key.ToLowerInvariant() : key, value.ToString());
                json.WriteEndObject();
            }
        }
        line.WriteByte((byte)'\n');
        lock (_lock)
        {
            line.WriteTo(_file);
            _file.Flush();
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>A stream that remembers the beginning of what passes through it.</summary>
    private sealed class Tee(Stream inner) : Stream
    {
        private readonly MemoryStream _seen = new();

        public long Count { get; private set; }
        public string Text => Encoding.UTF8.GetString(_seen.GetBuffer(), 0, (int)_seen.Length);

        public override bool CanRead => inner.CanRead;
        public override bool CanSeek => false;
        public override bool CanWrite => inner.CanWrite;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() => inner.Flush();
        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
        public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            Note(buffer.Span[..count]);
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Note(buffer.Span);
            return inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        private void Note(ReadOnlySpan<byte> bytes)
        {
            Count += bytes.Length;
            if (_seen.Length < Kept) _seen.Write(bytes[..(int)Math.Min(bytes.Length, Kept - _seen.Length)]);
        }
    }
}
