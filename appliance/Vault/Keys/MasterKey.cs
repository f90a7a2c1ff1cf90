using System.Security.Cryptography;
using System.Text;
using Amazon.KeyManagementService;

namespace Appliance.Vault;

/// <summary>
/// The customer's key: a file of 32 random bytes, a passphrase, or a key in AWS KMS. It wraps the vault keys and is never stored in a vault.
/// </summary>
public abstract class MasterKey : IDisposable
{
    internal const int KeyBytes = 32;
    private const int LongestFile = 1024;

    /// <summary>
    /// The key as settings and command lines name it: a key file, <c>passphrase:FILE</c> (the secret itself is never written there), or
    /// <c>kms:</c> with the key's id or ARN where vaults are made. Throws <see cref="VaultException"/> (Operator).
    /// </summary>
    public static MasterKey Named(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.StartsWith("passphrase:", StringComparison.Ordinal)) return FromPassphraseFile(text["passphrase:".Length..]);
        if (text.StartsWith("kms:", StringComparison.Ordinal)) return FromKms(new AmazonKeyManagementServiceClient(), text["kms:".Length..] is { Length: > 0 } id ? id : null);
        return FromFile(text);
    }

    /// <summary>Reads a key file. Throws <see cref="VaultException"/> (Operator) when it is absent or no key.</summary>
    public static KeyFile FromFile(string path)
    {
        var key = new byte[KeyBytes];
        var text = ReadText(path, "master key");
        if (!Convert.TryFromBase64String(text.Trim(), key, out var written) || written != KeyBytes)
            throw new VaultException(FailureKind.Operator, $"The file {path} holds no master key (32 bytes in base64).", "Give the path of the vault's master key.");
        return new KeyFile(key);
    }

    /// <summary>
    /// Makes a new key and its file (mode 0600, durable). Throws when the file stands already: a key is never written over.
    /// </summary>
    public static KeyFile CreateFile(string path)
    {
        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        DurableFolders.Ensure(folder);
        var temporary = Path.Combine(folder, $"{Path.GetFileName(path)}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}.new");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                stream.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(key) + "\n"));
                stream.Flush(flushToDisk: true);
            }
            if (!DurableFolders.Link(temporary, path)) throw new IOException($"The file {path} stands already.");
        }
        finally
        {
            File.Delete(temporary);
        }
        DurableFolders.Flush(folder);
        return new KeyFile(key);
    }

    /// <summary>A passphrase of at least 12 characters, the first line of a file. Throws <see cref="VaultException"/> (Operator).</summary>
    public static MasterKey FromPassphraseFile(string path) => FromPassphrase(ReadText(path, "passphrase").Split('\n')[0].TrimEnd('\r'));

    /// <summary>A passphrase of at least 12 characters. Throws <see cref="VaultException"/> (Operator) when it is shorter.</summary>
    public static MasterKey FromPassphrase(string passphrase) => passphrase.Length >= Passphrase.Shortest
        ? new Passphrase(passphrase)
        : throw new VaultException(FailureKind.Operator, $"The passphrase is shorter than {Passphrase.Shortest} characters.", "Choose a longer one: five random words are good.");

    /// <summary>
    /// A key in AWS KMS, which never leaves it. <paramref name="keyId"/> (id, ARN or alias) is needed to make vaults, not to open them. The client is disposed with the key.
    /// </summary>
    public static MasterKey FromKms(IAmazonKeyManagementService kms, string? keyId) => new KmsKey(kms, keyId);

    /// <summary>The 32 bytes for a new vault, and what vault.json must say so that they can be had again.</summary>
    internal abstract Task<(byte[] Key, KeyOrigin Origin)> NewAsync(Guid vaultId, CancellationToken cancellationToken);

    /// <summary>The 32 bytes again. Throws <see cref="VaultException"/> (Operator) when this is the wrong kind of key.</summary>
    internal abstract Task<byte[]> OpenAsync(KeyOrigin origin, Guid vaultId, CancellationToken cancellationToken);

    /// <summary>Tells keys apart without giving anything away: 16 hex digits, also in vault.json.</summary>
    internal static string IdOf(byte[] key) => Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 8, info: "appliance key id"u8.ToArray()));

    private protected static VaultException OtherKind(KeyOrigin origin, string given) =>
        new(FailureKind.Operator, $"The vault opens with {origin.Described}, but {given} was given.", "Give what the vault opens with.", VaultNames.VaultFile);

    /// <summary>Wipes the key from memory.</summary>
    public void Dispose()
    {
        Forget();
        GC.SuppressFinalize(this);
    }

    private protected abstract void Forget();

    internal static string ReadText(string path, string what)
    {
        try
        {
            return new FileInfo(path).Length <= LongestFile
                ? File.ReadAllText(path)
                : throw new VaultException(FailureKind.Operator, $"The file {path} is too long to hold a {what}.", $"Give the path of the vault's {what}.");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new VaultException(FailureKind.Operator, $"The key file {path} cannot be read: {failure.Message}",
                $"Give the path of the vault's {what}, readable for this user.", cause: failure);
        }
    }
}

/// <summary>32 random bytes in a text file as base64.</summary>
public sealed class KeyFile : MasterKey
{
    private readonly byte[] _key;

    internal KeyFile(byte[] key) => _key = key;

    /// <summary>Tells keys apart without giving anything away: 16 hex digits, also in vault.json.</summary>
    public string KeyId => IdOf(_key);

    internal override Task<(byte[] Key, KeyOrigin Origin)> NewAsync(Guid vaultId, CancellationToken cancellationToken) =>
        Task.FromResult<(byte[], KeyOrigin)>(([.. _key], new KeyOrigin.File()));

    internal override Task<byte[]> OpenAsync(KeyOrigin origin, Guid vaultId, CancellationToken cancellationToken) =>
        origin is KeyOrigin.File ? Task.FromResult<byte[]>([.. _key]) : throw OtherKind(origin, "a key file");

    private protected override void Forget() => CryptographicOperations.ZeroMemory(_key);
}
