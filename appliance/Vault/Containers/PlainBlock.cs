using System.Buffers;

namespace Appliance.Vault;

/// <summary>The plain bytes of one block in a pooled buffer. Dispose it once nobody holds a slice.</summary>
internal sealed class PlainBlock(byte[] rented, int length) : IDisposable
{
    private byte[]? _rented = rented;

    /// <summary>The buffer, longer than the block; for who walks it byte by byte.</summary>
    public byte[] Bytes => _rented ?? throw new ObjectDisposedException(nameof(PlainBlock));

    public int Length => length;

    public ReadOnlyMemory<byte> Memory => _rented.AsMemory(0, length);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } buffer) ArrayPool<byte>.Shared.Return(buffer);
    }
}
