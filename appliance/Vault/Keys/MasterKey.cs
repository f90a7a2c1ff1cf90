using System.Security.Cryptography;
using System.Text;

namespace Appliance.Vault;

/// <summary>The customer's key: 32 random bytes in a text file as base64. It wraps the vault keys and is never stored in a vault.</summary>
public sealed class MasterKey : IDisposable
{
    private const int KeyBytes = 32;
    private const int LongestFile = 1024;
    private readonly byte[] _key;

    private MasterKey(byte[] key) => _key = key;

    internal ReadOnlySpan<byte> Bytes => _key;

    /// <summary>Tells keys apart without giving anything away: 16 hex digits, also in vault.json.</summary>
    public string KeyId => Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, _key, 8, info: "appliance key id"u8.ToArray()));

    /// <summary>Reads a key file. Throws <see cref="VaultException"/> (Operator) when it is absent or no key.</summary>
    public static MasterKey FromFile(string path)
    {
        var key = new byte[KeyBytes];
        try
        {
            if (new FileInfo(path).Length > LongestFile) throw NoKey(path, null);
            var text = File.ReadAllText(path).Trim();
            if (!Convert.TryFromBase64String(text, key, out var written) || written != KeyBytes) throw NoKey(path, null);
            return new MasterKey(key);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new VaultException(FailureKind.Operator, $"The key file {path} cannot be read: {failure.Message}",
                "Give the path of the vault's master key, readable for this user.", cause: failure);
        }
    }

    /// <summary>
    /// Makes a new key and its file (mode 0600, durable). Throws when the file stands already: a key is never written over.
    /// </summary>
    public static MasterKey CreateFile(string path)
    {
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        DurableFolders.Ensure(folder);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(path, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + "\n"));
            stream.Flush(flushToDisk: true);
        }
        DurableFolders.Flush(folder);
        return new MasterKey(key);
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_key);

    private static VaultException NoKey(string path, Exception? cause) =>
        new(FailureKind.Operator, $"The file {path} holds no master key (32 bytes in base64).", "Give the path of the vault's master key.", cause: cause);
}
