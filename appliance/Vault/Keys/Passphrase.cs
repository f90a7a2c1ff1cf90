using System.Security.Cryptography;
using System.Text;

namespace Appliance.Vault;

/// <summary>What a person remembers, stretched by PBKDF2-HMAC-SHA256 with a salt of the vault's own.</summary>
internal sealed class Passphrase(string text) : MasterKey
{
    public const int Shortest = 12;

    // OWASP's figure for PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet, 2023): about a fifth of a second on one core, once per opening.
    public const int Iterations = 600_000, FewestAccepted = 100_000, MostAccepted = 100_000_000;
    private const int SaltBytes = 16;

    private readonly byte[] _text = Encoding.UTF8.GetBytes(text.Normalize(NormalizationForm.FormC));

    internal override Task<(byte[] Key, KeyOrigin Origin)> NewAsync(Guid vaultId, CancellationToken cancellationToken)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return Task.FromResult<(byte[], KeyOrigin)>((Stretch(salt, Iterations), new KeyOrigin.Passphrase(salt, Iterations)));
    }

    internal override Task<byte[]> OpenAsync(KeyOrigin origin, Guid vaultId, CancellationToken cancellationToken) => origin switch
    {
        KeyOrigin.Passphrase { Iterations: < FewestAccepted or > MostAccepted } => throw VaultException.Damaged(VaultNames.VaultFile, "its number of iterations is out of bounds"),
        KeyOrigin.Passphrase passphrase => Task.FromResult(Stretch(passphrase.Salt, passphrase.Iterations)),
        _ => throw OtherKind(origin, "a passphrase"),
    };

    private protected override void Forget() => CryptographicOperations.ZeroMemory(_text);

    private byte[] Stretch(byte[] salt, int iterations) => Stretched(_text, salt, iterations);

    /// <summary>PBKDF2-HMAC-SHA256, 32 bytes.</summary>
    public static byte[] Stretched(byte[] text, byte[] salt, int iterations) => Rfc2898DeriveBytes.Pbkdf2(text, salt, iterations, HashAlgorithmName.SHA256, KeyBytes);
}
