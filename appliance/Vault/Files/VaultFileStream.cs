using System.Security.Cryptography;

namespace Appliance.Vault;

/// <summary>
/// A file's content, read once from start to end. Every block is checked before its bytes are given, and the whole against its SHA-256
/// at the end.
/// </summary>
internal sealed class VaultFileStream(ContainerReader container, ContentReference reference) : Stream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private PlainBlock? _block;
    private int _at, _nextBlock;
    private long _position;
    private bool _checked;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    /// <summary>Known although the stream cannot seek.</summary>
    public override long Length => reference.Length;

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return 0;
        while (_block is null || _at == _block.Memory.Length)
        {
            _block?.Dispose();
            _block = null;
            if (_nextBlock == container.Index.Blocks.Count) return End();
            _block = await container.ReadBlockAsync(_nextBlock++, cancellationToken);
            _hash.AppendData(_block.Memory.Span);
            _at = 0;
        }
        var part = _block.Memory[_at..];
        if (part.Length > buffer.Length) part = part[..buffer.Length];
        part.CopyTo(buffer);
        _at += part.Length;
        _position += part.Length;
        return part.Length;
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
            _block?.Dispose();
            _block = null;
            _hash.Dispose();
        }
        base.Dispose(disposing);
    }

    private int End()
    {
        if (_checked) return 0;
        _checked = true;
        if (_position != reference.Length || Convert.ToHexStringLower(_hash.GetHashAndReset()) != reference.Sha256)
            throw VaultException.Damaged(container.Name, "its content is not the one that records refer to by this name");
        return 0;
    }
}
