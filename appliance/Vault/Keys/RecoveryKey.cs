using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Appliance.Vault;

/// <summary>
/// The public half of a recovery key, as recovery.pub and every self-backup carry it (docs/self-backup.md): enough to seal, never to open.
/// </summary>
/// <param name="Kind">file or passphrase.</param>
/// <param name="Point">65 bytes, uncompressed, on P-256.</param>
/// <param name="Author">32 bytes that only the appliance and the holder of the key have: what proves who wrote a self-backup. Never in a self-backup's head; null in a recovery.pub of older releases.</param>
public sealed record RecoveryPublic(
    string Kind, byte[] Point, byte[]? Salt = null, int? Iterations = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] byte[]? Author = null)
{
    /// <summary>Tells recovery keys apart: 16 hex digits.</summary>
    public string Id => Convert.ToHexStringLower(SHA256.HashData(Point).AsSpan(0, 8));
}

/// <summary>
/// What the administrator keeps and the appliance does not: a file of 32 random bytes, or a passphrase. It opens self-backups.
/// </summary>
public sealed class RecoveryKey : IDisposable
{
    private const int SeedBytes = 32, CoordinateBytes = 32, SaltBytes = 16;

    // The order of P-256 (SEC 2).
    private static readonly BigInteger s_order = new(Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"), isUnsigned: true, isBigEndian: true);

    private readonly byte[] _secret;
    private readonly bool _passphrase;

    private RecoveryKey(byte[] secret, bool passphrase) => (_secret, _passphrase) = (secret, passphrase);

    /// <summary>Makes a key; <paramref name="text"/> is what the administrator keeps.</summary>
    public static RecoveryKey New(out string text)
    {
        var seed = RandomNumberGenerator.GetBytes(SeedBytes);
        text = Convert.ToBase64String(seed);
        return new RecoveryKey(seed, passphrase: false);
    }

    /// <summary>A key file, or <c>passphrase:FILE</c>. Throws <see cref="VaultException"/> (Operator).</summary>
    public static RecoveryKey Named(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        const string passphrase = "passphrase:";
        if (name.StartsWith(passphrase, StringComparison.Ordinal)) return FromPassphrase(MasterKey.ReadText(name[passphrase.Length..], "passphrase").Split('\n')[0].TrimEnd('\r'));
        var seed = new byte[SeedBytes];
        return Convert.TryFromBase64String(MasterKey.ReadText(name, "recovery key").Trim(), seed, out var written) && written == SeedBytes
            ? new RecoveryKey(seed, passphrase: false)
            : throw new VaultException(FailureKind.Operator, $"The file {name} holds no recovery key (32 bytes in base64).", "Give the recovery key's file, or passphrase:FILE.");
    }

    /// <summary>Throws <see cref="VaultException"/> (Operator) when it is too short.</summary>
    public static RecoveryKey FromPassphrase(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length >= Passphrase.Shortest
            ? new RecoveryKey(Encoding.UTF8.GetBytes(text.Normalize(NormalizationForm.FormC)), passphrase: true)
            : throw new VaultException(FailureKind.Operator, $"The passphrase is shorter than {Passphrase.Shortest} characters.", "Choose a longer one: five random words are good.");
    }

    /// <summary>The half to leave with the appliance. Of a passphrase each call makes another one, with its own salt.</summary>
    public RecoveryPublic Public()
    {
        if (!_passphrase) return new RecoveryPublic("file", PointOf(_secret), Author: AuthorOf(_secret));
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var seed = Passphrase.Stretched(_secret, salt, Passphrase.Iterations);
        return new RecoveryPublic("passphrase", PointOf(seed), salt, Passphrase.Iterations, AuthorOf(seed));
    }

    /// <summary>The private half to a public one, and the author key. Throws <see cref="VaultException"/> (Operator) when they do not belong together.</summary>
    internal (ECDiffieHellman Pair, byte[] Author) Open(RecoveryPublic half)
    {
        if (half.Kind != (_passphrase ? "passphrase" : "file"))
            throw new VaultException(FailureKind.Operator, $"The self-backup opens with a recovery {(half.Kind == "file" ? "key file" : half.Kind)}, but {(_passphrase ? "a passphrase" : "a key file")} was given.",
                "Give what was chosen when the recovery key was made.");
        if (_passphrase && half is not { Salt.Length: SaltBytes, Iterations: >= Passphrase.FewestAccepted and <= Passphrase.MostAccepted })
            throw new VaultException(FailureKind.Permanent, "The header of the self-backup is damaged.", "Take an older self-backup.");
        var seed = _passphrase ? Passphrase.Stretched(_secret, half.Salt!, half.Iterations!.Value) : _secret;
        var pair = Pair(seed);
        if (Point(pair).AsSpan().SequenceEqual(half.Point)) return (pair, AuthorOf(seed));
        pair.Dispose();
        throw new VaultException(FailureKind.Operator, "This recovery key does not open this self-backup.",
            $"Give the recovery key whose id is {half.Id}; a self-backup opens only with the key that was in force when it was taken.");
    }

    public void Dispose() => CryptographicOperations.ZeroMemory(_secret);

    private static byte[] AuthorOf(byte[] seed) => HKDF.DeriveKey(HashAlgorithmName.SHA256, seed, SeedBytes, info: "appliance self-backup author"u8.ToArray());

    private static byte[] PointOf(byte[] seed)
    {
        using var pair = Pair(seed);
        return Point(pair);
    }

    internal static byte[] Point(ECDiffieHellman pair)
    {
        var q = pair.ExportParameters(includePrivateParameters: false).Q;
        return [4, .. q.X!, .. q.Y!];
    }

    internal static ECDiffieHellman FromPoint(ReadOnlySpan<byte> point)
    {
        if (point.Length != 1 + 2 * CoordinateBytes || point[0] != 4) throw new CryptographicException("No uncompressed point on P-256.");
        return ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = point.Slice(1, CoordinateBytes).ToArray(), Y = point[(1 + CoordinateBytes)..].ToArray() },
        });
    }

    private static ECDiffieHellman Pair(byte[] seed)
    {
        for (byte n = 0; ; n++)
        {
            var scalar = HKDF.DeriveKey(HashAlgorithmName.SHA256, seed, CoordinateBytes, info: [.. "appliance recovery key"u8, n]);
            var number = new BigInteger(scalar, isUnsigned: true, isBigEndian: true);
            if (number.IsZero || number >= s_order) continue;
            return ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = scalar });
        }
    }
}
