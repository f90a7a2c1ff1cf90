using System.Net;
using System.Net.Http.Headers;

namespace Appliance.Salesforce;

/// <summary>A stream as body or part of one. Leaves the stream open and starts at the same place for every attempt.</summary>
internal sealed class StreamPart : HttpContent
{
    private readonly Stream _stream;
    private readonly long _start;
    private readonly long? _length;

    private StreamPart(Stream stream, long start, long? length) => (_stream, _start, _length) = (stream, start, length);

    /// <param name="stream">Read from <paramref name="start"/> to its end.</param>
    /// <param name="start">Position to go back to, when the stream can seek.</param>
    /// <param name="length">Bytes; null sends in chunks.</param>
    /// <param name="mediaType">Of the content.</param>
    public static StreamPart Of(Stream stream, long start, long? length, string mediaType)
    {
        var part = new StreamPart(stream, start, length);
        part.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        return part;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (_stream.CanSeek)
            _stream.Position = _start;
        return _stream.CopyToAsync(stream, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _length ?? 0;
        return _length is not null;
    }
}
