using System.Net;

namespace Appliance.Salesforce;

/// <summary>
/// The body of an answer: counts the bytes, gives up when the org falls silent, and turns every way a connection can break
/// into a transient <see cref="SalesforceException"/>. Owns the answer.
/// </summary>
internal sealed class PayloadStream(Stream body, HttpResponseMessage answer, string what, TimeProvider time, Action<int> count) : Stream
{
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(3);

    public bool Succeeded => answer.IsSuccessStatusCode;

    public HttpStatusCode Status => answer.StatusCode;

    /// <summary>Such as text/csv; null when the answer does not say.</summary>
    public string? MediaType { get; } = answer.Content.Headers.ContentType?.MediaType;

    public string? Header(string name) => answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    private readonly string _host = answer.RequestMessage?.RequestUri?.Host ?? "the org";

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var silence = new CancellationTokenSource(Silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            var read = await body.ReadAsync(buffer, either.Token);
            count(read);
            return read;
        }
        catch (Exception e) when (Unreachable.Is(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Unreachable.From(e, what, _host, creating: false);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        try
        {
            var read = body.Read(buffer);
            count(read);
            return read;
        }
        catch (Exception e) when (Unreachable.Is(e))
        {
            throw Unreachable.From(e, what, _host, creating: false);
        }
    }

    public override void Flush() { }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            answer.Dispose();
        }
        base.Dispose(disposing);
    }
}
