using System.Security.Cryptography;
using System.Text;

namespace Appliance.Vault;

/// <summary>The small rewritable file beside a segment or file that holds its wrapped block keys (FORMAT.md §3.5).</summary>
internal static class KeySidecar
{
    private const byte Version = 1;
    private const int CheckBytes = 8;

    /// <summary>Bytes of a sidecar without its keys.</summary>
    public const int Overhead = 1 + VaultKeys.NonceBytes + VaultKeys.TagBytes + CheckBytes;

    public static byte[] Write(VaultKeys keys, string name, ReadOnlySpan<byte> blockKeys)
    {
        var wrapped = keys.Wrap(blockKeys, Encoding.UTF8.GetBytes(name));
        var sidecar = new byte[1 + wrapped.Length + CheckBytes];
        sidecar[0] = Version;
        wrapped.CopyTo(sidecar, 1);
        Check(sidecar.AsSpan(..^CheckBytes)).CopyTo(sidecar.AsSpan(^CheckBytes..));
        return sidecar;
    }

    /// <summary>True when the bytes are those once written, as far as one can tell without a key.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> sidecar) =>
        sidecar.Length >= Overhead && (sidecar.Length - Overhead) % VaultKeys.KeyBytes == 0 && sidecar[0] == Version
        && Check(sidecar[..^CheckBytes]).AsSpan().SequenceEqual(sidecar[^CheckBytes..]);

    /// <summary>
    /// The block keys one after the other. Throws <see cref="VaultException"/> when the sidecar is damaged or another vault's.
    /// </summary>
    public static byte[] Read(VaultKeys keys, string name, ReadOnlySpan<byte> sidecar)
    {
        if (!IsWhole(sidecar)) throw VaultException.Damaged(name, "the key sidecar is damaged");
        return keys.Unwrap(sidecar[1..^CheckBytes], Encoding.UTF8.GetBytes(name))
            ?? throw VaultException.Damaged(name, "the key sidecar does not belong to this vault or this name");
    }

    private static byte[] Check(ReadOnlySpan<byte> bytes) => SHA256.HashData(bytes)[..CheckBytes];
}
