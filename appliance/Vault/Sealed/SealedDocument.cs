using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Appliance.Vault;

/// <summary>The readable head of a self-backup (docs/self-backup.md); it is authenticated with the content.</summary>
/// <param name="Migration">How far the catalog was that the content was read from.</param>
/// <param name="Ephemeral">The point that was made for this file alone.</param>
public sealed record SealedHeader(DateTimeOffset CreatedAt, string ApplianceVersion, int Migration, RecoveryPublic Recovery, byte[] Ephemeral)
{
    /// <summary>Only who has the author key can have written it; false for version 1 of the format.</summary>
    [JsonIgnore]
    public bool Signed { get; init; }

    /// <summary>How far the release knew the catalog that took it, where the catalog was further: a newer release had been gone back from. Else null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Knows { get; init; }
}

/// <summary>A file that only the holder of the recovery key can open, and only the appliance that was given its public half and author key can write.</summary>
public static class SealedDocument
{
    internal const int MostChunk = 1 << 20, TagBytes = 16;
    private const string Magic = "appliance-self-backup ", First = Magic + "1", Second = Magic + "2";
    private const int LongestLine = 16 * 1024;
    private static readonly byte[] s_firstInfo = "appliance self-backup"u8.ToArray(), s_secondInfo = "appliance self-backup 2"u8.ToArray();

    /// <summary>Writes head and content; without its end, because <paramref name="content"/> threw, the file does not open.</summary>
    /// <param name="migration">How far the catalog is that the content is read from.</param>
    /// <param name="knows">How far this release knows it.</param>
    public static async Task WriteAsync(
        Stream to, RecoveryPublic recovery, DateTimeOffset createdAt, string applianceVersion, int migration, int knows, Func<Stream, CancellationToken, Task> content, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(recovery);
        ArgumentNullException.ThrowIfNull(content);
        using var ephemeral = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        var header = new SealedHeader(createdAt, applianceVersion, migration, recovery with { Author = null }, RecoveryKey.Point(ephemeral)) { Signed = recovery.Author is not null, Knows = knows < migration ? knows : null };
        byte[] head = [.. System.Text.Encoding.ASCII.GetBytes(header.Signed ? Second : First), (byte)'\n', .. JsonSerializer.SerializeToUtf8Bytes(header, JsonSerializerOptions.Web), (byte)'\n'];
        await to.WriteAsync(head, cancellationToken);
        using var other = RecoveryKey.FromPoint(recovery.Point);
        await using var sealing = new SealingStream(to, ContentKey(ephemeral, other, recovery.Author, header), SHA256.HashData(head));
        await content(sealing, cancellationToken);
        await sealing.FinishAsync(cancellationToken);
    }

    /// <summary>Reads the head. Throws <see cref="VaultException"/> (Permanent) when it is none.</summary>
    public static async Task<SealedHeader> ReadHeaderAsync(Stream from, CancellationToken cancellationToken) => (await HeadAsync(from, cancellationToken)).Header;

    /// <summary>
    /// The content, each chunk checked before its bytes are given. Throws <see cref="VaultException"/>: Operator for another recovery key, Permanent for damage (also while reading).
    /// </summary>
    public static async Task<(SealedHeader Header, Stream Content)> OpenAsync(Stream from, RecoveryKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(key);
        var (header, head) = await HeadAsync(from, cancellationToken);
        var (ours, author) = key.Open(header.Recovery);
        using var pair = ours;
        try
        {
            using var other = RecoveryKey.FromPoint(header.Ephemeral);
            return (header, new OpeningStream(from, ContentKey(pair, other, author, header), SHA256.HashData(head)));
        }
        catch (CryptographicException e)
        {
            throw Damaged("its header is changed", e);
        }
    }

    internal static VaultException Damaged(string what, Exception? cause = null) =>
        new(FailureKind.Permanent, $"The self-backup is damaged: {what}.", "Take an older self-backup (--list names them).", cause: cause);

    /// <summary>Number of the chunk, and whether it is the last.</summary>
    internal static byte[] Nonce(ulong chunk, bool last)
    {
        var nonce = new byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(nonce, chunk);
        nonce[8] = last ? (byte)1 : (byte)0;
        return nonce;
    }

    private static byte[] ContentKey(ECDiffieHellman ours, ECDiffieHellman other, byte[]? author, SealedHeader header)
    {
        using var otherKey = other.PublicKey;
        var agreed = ours.DeriveRawSecretAgreement(otherKey);
        byte[] salt = [.. header.Ephemeral, .. header.Recovery.Point];
        return header.Signed ? HKDF.DeriveKey(HashAlgorithmName.SHA256, [.. agreed, .. author!], 32, salt, s_secondInfo) : HKDF.DeriveKey(HashAlgorithmName.SHA256, agreed, 32, salt, s_firstInfo);
    }

    private static async Task<(SealedHeader Header, byte[] Head)> HeadAsync(Stream from, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(from);
        var head = new MemoryStream();
        var one = new byte[1];
        int? first = null;
        var signed = false;
        while (true)
        {
            if (head.Length > LongestLine || await from.ReadAsync(one, cancellationToken) == 0) throw Damaged("it has no header");
            head.WriteByte(one[0]);
            if (one[0] != '\n') continue;
            if (first is not null) break;
            first = (int)head.Length;
            var magic = System.Text.Encoding.ASCII.GetString(head.ToArray()).TrimEnd('\n');
            signed = magic == Second;
            if (signed || magic == First) continue;
            throw magic.StartsWith(Magic, StringComparison.Ordinal)
                ? new VaultException(FailureKind.Operator, $"This is a self-backup of a later format ({magic}).", "Use the program of the version that wrote it, or a newer one.")
                : Damaged("it does not begin as one");
        }
        var bytes = head.ToArray();
        try
        {
            return (JsonSerializer.Deserialize<SealedHeader>(bytes.AsSpan(first.Value), JsonSerializerOptions.Web)
                is { Recovery: { Point: not null, Kind: not null }, Ephemeral: not null } header ? header with { Signed = signed } : throw Damaged("its header is incomplete"), bytes);
        }
        catch (JsonException e)
        {
            throw Damaged("its header cannot be read", e);
        }
    }
}
