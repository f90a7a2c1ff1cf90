using System.Security.Cryptography;
using System.Text;

namespace Appliance.Vault;

/// <summary>The vault key's four children (FORMAT.md §2).</summary>
internal sealed class VaultKeys : IDisposable
{
    public const int KeyBytes = 32, NonceBytes = 12, TagBytes = 16;

    private readonly byte[] _keys, _index, _sign, _names;

    public VaultKeys(ReadOnlySpan<byte> vaultKey)
    {
        _keys = Derive(vaultKey, "appliance keys"u8);
        _index = Derive(vaultKey, "appliance index"u8);
        _sign = Derive(vaultKey, "appliance sign"u8);
        _names = Derive(vaultKey, "appliance names"u8);
    }

    /// <summary>The key of one index or filter frame. Its label is used once, so the zero nonce is safe.</summary>
    public byte[] IndexKey(ReadOnlySpan<byte> containerId, ReadOnlySpan<byte> label)
    {
        var key = new byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, _index, key, containerId, label);
        return key;
    }

    public byte[] FileName(ReadOnlySpan<byte> sha256) => HMACSHA256.HashData(_names, sha256);

    public IncrementalHash NewSignature(string blobName)
    {
        var signature = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _sign);
        signature.AppendData(Encoding.UTF8.GetBytes(blobName));
        signature.AppendData([0]);
        return signature;
    }

    /// <summary>nonce ‖ ciphertext ‖ tag of the block keys.</summary>
    public byte[] Wrap(ReadOnlySpan<byte> blockKeys, ReadOnlySpan<byte> associated)
    {
        var wrapped = new byte[NonceBytes + blockKeys.Length + TagBytes];
        var nonce = wrapped.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_keys, TagBytes);
        aes.Encrypt(nonce, blockKeys, wrapped.AsSpan(NonceBytes, blockKeys.Length), wrapped.AsSpan(NonceBytes + blockKeys.Length), associated);
        return wrapped;
    }

    /// <summary>The block keys, or null when the bytes are not what <see cref="Wrap"/> gave.</summary>
    public byte[]? Unwrap(ReadOnlySpan<byte> wrapped, ReadOnlySpan<byte> associated)
    {
        if (wrapped.Length < NonceBytes + TagBytes) return null;
        var blockKeys = new byte[wrapped.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(_keys, TagBytes);
        try
        {
            aes.Decrypt(wrapped[..NonceBytes], wrapped[NonceBytes..^TagBytes], wrapped[^TagBytes..], blockKeys, associated);
            return blockKeys;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        foreach (var key in (ReadOnlySpan<byte[]>)[_keys, _index, _sign, _names]) CryptographicOperations.ZeroMemory(key);
    }

    private static byte[] Derive(ReadOnlySpan<byte> vaultKey, ReadOnlySpan<byte> info)
    {
        var key = new byte[KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, vaultKey, key, salt: [], info);
        return key;
    }
}
