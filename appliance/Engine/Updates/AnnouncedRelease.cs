using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Appliance.Engine.Updates;

/// <summary>
/// As much of a release's manifest (docs/release.md) as tells that the release exists: its version, and that the key has signed every line of it. The deployer judges the rest; it has a
/// reader of its own, and golden files hold the two to one form.
/// </summary>
public sealed record AnnouncedRelease(ReleaseVersion Version)
{
    public const int LongestText = 131_072;

    private const string Ask = "Let Updates:Url name the manifest of the newest release, as `provisioner release create --sign` writes it.";

    /// <exception cref="EngineException">It is no manifest that this version reads, or another key or none has signed it.</exception>
    public static AnnouncedRelease Read(ReadOnlyMemory<byte> json, ECDsa key)
    {
        ArgumentNullException.ThrowIfNull(key);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            var all = document.RootElement;
            if (all.GetProperty("form").GetInt32() != 1) throw new EngineException("The manifest has another form than this version reads.", "Look for the newest release where the vendor announces it, and update by hand.");
            var version = ReleaseVersion.Parse(Text(all, "version")) ?? throw new FormatException("version is no version.");
            var signed = new StringBuilder();
            signed.Append(CultureInfo.InvariantCulture, $"appliance release 1\nversion {version}\nupgrade-from {Text(all, "upgradeFrom")}\n");
            foreach (var image in all.GetProperty("images").EnumerateObject().OrderBy(i => i.Name, StringComparer.Ordinal))
                signed.Append(CultureInfo.InvariantCulture, $"image {image.Name} {Text(image.Value, "name")} {(image.Value.TryGetProperty("digest", out var digest) ? digest.GetString() : "-")} {Text(image.Value, "id")} {image.Value.GetProperty("bytes").GetInt64()}\n");
            if (!all.TryGetProperty("signature", out var signature)) throw new EngineException("The manifest is not signed.", Ask);
            return IsSigned(signed.ToString(), signature.GetBytesFromBase64(), key) ? new AnnouncedRelease(version)
                : throw new EngineException("The manifest is not signed by the key of Updates:Key: whoever put it there is not who makes the releases, or has a new key.", "Ask the vendor whether the key has changed; take nothing from there until you know.");
        }
        catch (Exception broken) when (broken is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw new EngineException("What came is no manifest of a release.", Ask, broken);
        }
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? throw new FormatException($"{name} is no text.");

    private static bool IsSigned(string text, byte[] signature, ECDsa key)
    {
        try
        {
            return key.VerifyData(Encoding.UTF8.GetBytes(text), signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;       // no signature of any key
        }
    }
}
