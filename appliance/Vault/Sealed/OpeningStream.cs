using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Appliance.Vault;

/// <summary>Reads what <see cref="SealingStream"/> wrote; it ends only at the end that was sealed.</summary>
internal sealed class OpeningStream(Stream from, byte[] key, byte[] associated) : Stream
{
    private readonly byte[] _sealed = new byte[SealedDocument.MostChunk + SealedDocument.TagBytes];
    private readonly byte[] _plain = new byte[SealedDocument.MostChunk];
    private readonly AesGcm _aes = new(key, SealedDocument.TagBytes);
    private int _at, _held;
    private ulong _chunk;
    private bool _last;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_at == _held && !_last) await OpenAsync(cancellationToken);
        var count = Math.Min(buffer.Length, _held - _at);
        _plain.AsMemory(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _aes.Dispose();
            CryptographicOperations.ZeroMemory(key);
            from.Dispose();
        }
        base.Dispose(disposing);
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        var prefix = new byte[4];
        if (await from.ReadAtLeastAsync(prefix, 4, throwOnEndOfStream: false, cancellationToken) < 4) throw SealedDocument.Damaged("its end is missing");
        var length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        if (length < SealedDocument.TagBytes || length > _sealed.Length) throw SealedDocument.Damaged("a chunk has an impossible length");
        var chunk = _sealed.AsMemory(0, (int)length);
        if (await from.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false, cancellationToken) < chunk.Length) throw SealedDocument.Damaged("its end is missing");
        (_at, _held) = (0, chunk.Length - SealedDocument.TagBytes);
        if (!TryOpen(chunk.Span, last: false))
        {
            if (!TryOpen(chunk.Span, last: true)) throw SealedDocument.Damaged("a chunk was changed");
            _last = true;
            if (await from.ReadAsync(prefix, cancellationToken) > 0) throw SealedDocument.Damaged("something follows its end");
        }
        _chunk++;
    }

    private bool TryOpen(ReadOnlySpan<byte> chunk, bool last)
    {
        try
        {
            _aes.Decrypt(SealedDocument.Nonce(_chunk, last), chunk[.._held], chunk[_held..], _plain.AsSpan(0, _held), associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
