using System.Diagnostics.CodeAnalysis;

namespace Appliance.Vault;

/// <summary>What a stored file is, told by its name alone.</summary>
internal enum BlobRole { Alien, VaultFile, Segment, File, Manifest, Document, KeySidecar }

/// <summary>The names of FORMAT.md §1, made and read at this one place.</summary>
internal static class VaultNames
{
    public const string VaultFile = "vault.json";
    public const string Segments = "segments/", Files = "files/", Manifests = "manifests/", Documents = "documents/";
    private const string SegmentSuffix = ".csv.zst", FileSuffix = ".zst", ManifestSuffix = ".json.zst", Encrypted = ".enc", KeysSuffix = ".keys";

    public static string Segment(string objectName, string id, bool encrypted) => Suffixed($"{Segments}{objectName}/{id}{SegmentSuffix}", encrypted);

    public static string File(ReadOnlySpan<byte> nameBytes, bool encrypted)
    {
        var hex = Convert.ToHexStringLower(nameBytes);
        return Suffixed($"{Files}{hex[..2]}/{hex}{FileSuffix}", encrypted);
    }

    public static string Manifest(Guid snapshotId, bool encrypted) => Suffixed($"{Manifests}{snapshotId:D}{ManifestSuffix}", encrypted);

    public static string Document(string name, bool encrypted) => BlobNames.Checked(Suffixed($"{Documents}{name}{FileSuffix}", encrypted));

    /// <summary>
    /// The sidecar of an encrypted segment or file; bound to its bytes, so that two writers of one file never mix their keys.
    /// </summary>
    public static string Sidecar(string containerName, ReadOnlySpan<byte> containerSha256)
    {
        var suffix = containerName.StartsWith(Segments, StringComparison.Ordinal) ? SegmentSuffix + Encrypted : FileSuffix + Encrypted;
        return $"{containerName[..^suffix.Length]}.{Convert.ToHexStringLower(containerSha256[..8])}{KeysSuffix}";
    }

    public static bool IsEncrypted(string containerName) => containerName.EndsWith(Encrypted, StringComparison.Ordinal);

    /// <summary>The id in a segment's name, 16 bytes in the order of its text.</summary>
    public static byte[] SegmentId(string containerName)
    {
        var start = containerName.LastIndexOf('/') + 1;
        return Convert.FromHexString(containerName.AsSpan(start, 32));
    }

    public static bool IsObjectName(ReadOnlySpan<char> name)
    {
        if (name.IsEmpty || name.Length > 120) return false;
        foreach (var c in name)
            if (!char.IsAsciiLetterOrDigit(c) && c != '_') return false;
        return true;
    }

    public static bool TrySnapshotId(string blobName, out Guid snapshotId)
    {
        snapshotId = Guid.Empty;
        return TryStem(blobName, Manifests, ManifestSuffix, out var stem)
            && Guid.TryParseExact(stem, "D", out snapshotId) && stem == snapshotId.ToString("D");
    }

    public static bool TryDocument(string blobName, [NotNullWhen(true)] out string? name) => TryStem(blobName, Documents, FileSuffix, out name);

    /// <summary>Written once for good: what object lock may hold fast. Sidecars stay open, so that one person can be erased.</summary>
    public static bool NeverChanges(string name) => Role(name) is BlobRole.Segment or BlobRole.File or BlobRole.Manifest;

    public static BlobRole Role(string name)
    {
        if (!BlobNames.IsWellFormed(name)) return BlobRole.Alien;
        if (name == VaultFile) return BlobRole.VaultFile;
        if (TrySnapshotId(name, out _)) return BlobRole.Manifest;
        if (name.StartsWith(Documents, StringComparison.Ordinal)) return TryDocument(name, out _) ? BlobRole.Document : BlobRole.Alien;
        var parts = name.Split('/');
        if (parts.Length != 3) return BlobRole.Alien;
        var last = parts[2];
        var (hexDigits, folderFits) = parts[0] switch
        {
            "segments" => (32, IsObjectName(parts[1])),
            "files" => (64, last.StartsWith(parts[1], StringComparison.Ordinal) && parts[1].Length == 2),
            _ => (0, false),
        };
        if (!folderFits || last.Length <= hexDigits || !IsHex(last.AsSpan(0, hexDigits))) return BlobRole.Alien;
        var rest = last[hexDigits..];
        if (rest.Length == 1 + 16 + KeysSuffix.Length && rest[0] == '.' && IsHex(rest.AsSpan(1, 16)) && rest.EndsWith(KeysSuffix, StringComparison.Ordinal))
            return BlobRole.KeySidecar;
        return (parts[0], rest) switch
        {
            ("segments", SegmentSuffix or SegmentSuffix + Encrypted) => BlobRole.Segment,
            ("files", FileSuffix or FileSuffix + Encrypted) => BlobRole.File,
            _ => BlobRole.Alien,
        };
    }

    private static bool TryStem(string blobName, string prefix, string suffix, [NotNullWhen(true)] out string? stem)
    {
        stem = null;
        if (!blobName.StartsWith(prefix, StringComparison.Ordinal)) return false;
        var end = blobName.EndsWith(Encrypted, StringComparison.Ordinal) ? blobName[..^Encrypted.Length] : blobName;
        if (!end.EndsWith(suffix, StringComparison.Ordinal) || end.Length <= prefix.Length + suffix.Length) return false;
        stem = end[prefix.Length..^suffix.Length];
        return true;
    }

    private static string Suffixed(string name, bool encrypted) => encrypted ? name + Encrypted : name;

    private static bool IsHex(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (!char.IsAsciiHexDigitLower(c) && !char.IsAsciiDigit(c)) return false;
        return true;
    }
}
