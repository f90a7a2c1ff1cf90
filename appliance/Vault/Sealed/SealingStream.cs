using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Appliance.Vault;

/// <summary>Seals what is written to it, chunk by chunk; only <see cref="FinishAsync"/> makes it whole.</summary>
internal sealed class SealingStream(Stream to, byte[] key, byte[] associated) : Stream
{
    private readonly byte[] _plain = new byte[SealedDocument.MostChunk];
    private readonly byte[] _sealed = new byte[4 + SealedDocument.MostChunk + SealedDocument.TagBytes];
    private readonly AesGcm _aes = new(key, SealedDocument.TagBytes);
    private int _held;
    private ulong _chunk;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!buffer.IsEmpty)
        {
            if (_held == _plain.Length) await SealAsync(last: false, cancellationToken);
            var part = buffer[..Math.Min(buffer.Length, _plain.Length - _held)];
            part.CopyTo(_plain.AsMemory(_held));
            _held += part.Length;
            buffer = buffer[part.Length..];
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public Task FinishAsync(CancellationToken cancellationToken) => SealAsync(last: true, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Write asynchronously.");

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _aes.Dispose();
            CryptographicOperations.ZeroMemory(key);
        }
        base.Dispose(disposing);
    }

    private async Task SealAsync(bool last, CancellationToken cancellationToken)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_sealed, (uint)(_held + SealedDocument.TagBytes));
        _aes.Encrypt(SealedDocument.Nonce(_chunk++, last), _plain.AsSpan(0, _held), _sealed.AsSpan(4, _held), _sealed.AsSpan(4 + _held, SealedDocument.TagBytes), associated);
        await to.WriteAsync(_sealed.AsMemory(0, 4 + _held + SealedDocument.TagBytes), cancellationToken);
        _held = 0;
    }
}
