using System.Security.Cryptography;
using System.Text;

namespace Appliance.Vault;

/// <summary>Seals index and filter frames: encrypted under their own derived key, or hashed in a plain vault (FORMAT.md §3.3).</summary>
internal static class FrameSeal
{
    public const string Index = "index", Filter = "filter";

    /// <summary>prefix ‖ body ‖ seal.</summary>
    public static byte[] Write(VaultKeys? keys, byte[] containerId, string containerName, string part, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> body)
    {
        var payload = new byte[prefix.Length + body.Length + ContainerFormat.SealBytes];
        prefix.CopyTo(payload);
        var target = payload.AsSpan(prefix.Length, body.Length);
        var seal = payload.AsSpan(prefix.Length + body.Length);
        if (keys is null)
        {
            body.CopyTo(target);
            SHA256.HashData(payload.AsSpan(0, prefix.Length + body.Length)).AsSpan(0, ContainerFormat.SealBytes).CopyTo(seal);
            return payload;
        }
        var label = Label(containerName, part);
        using var aes = new AesGcm(keys.IndexKey(containerId, label), VaultKeys.TagBytes);
        aes.Encrypt(stackalloc byte[VaultKeys.NonceBytes], body, target, seal, label);
        return payload;
    }

    /// <summary>The body, or null when the seal is broken.</summary>
    public static byte[]? Open(VaultKeys? keys, byte[] containerId, string containerName, string part, int prefixLength, ReadOnlySpan<byte> payload)
    {
        if (payload.Length < prefixLength + ContainerFormat.SealBytes) return null;
        var sealedBody = payload[prefixLength..^ContainerFormat.SealBytes];
        var seal = payload[^ContainerFormat.SealBytes..];
        if (keys is null)
        {
            var hash = SHA256.HashData(payload[..^ContainerFormat.SealBytes]);
            return seal.SequenceEqual(hash.AsSpan(0, ContainerFormat.SealBytes)) ? sealedBody.ToArray() : null;
        }
        var label = Label(containerName, part);
        var body = new byte[sealedBody.Length];
        using var aes = new AesGcm(keys.IndexKey(containerId, label), VaultKeys.TagBytes);
        try
        {
            aes.Decrypt(stackalloc byte[VaultKeys.NonceBytes], sealedBody, seal, body, label);
            return body;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    public static byte[] Label(string containerName, string part) => Encoding.UTF8.GetBytes($"{containerName}\0{part}");
}
