using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Provisioner.Delivery.Releases;

/// <summary>One image of a release.</summary>
/// <param name="Name">Of the repository within the registry.</param>
/// <param name="Digest">"sha256:…" of its manifest in the registry; null: it was never pushed.</param>
/// <param name="Id">"sha256:…" of its configuration: the image's id in an engine.</param>
/// <param name="Bytes">Unpacked, 1 to 2^40.</param>
public sealed record ReleaseImage(string Name, string? Digest, string Id, long Bytes);

/// <summary>What a release consists of, to the last byte (docs/release.md).</summary>
/// <param name="UpgradeFrom">The oldest version that it may follow on a host.</param>
/// <param name="Images">Service → image: app, certificates, db, proxy.</param>
/// <param name="Signature">Base64; null: it is not signed.</param>
public sealed partial record ReleaseManifest(ReleaseVersion Version, ReleaseVersion UpgradeFrom, ImmutableSortedDictionary<string, ReleaseImage> Images, string? Signature)
{
    public const int Form = 1, LongestText = 131072;
    public const long LargestImage = 1L << 40;

    /// <summary>Every release has these.</summary>
    public static readonly ImmutableArray<string> Services = ["app", "certificates", "db", "proxy"];

    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="FormatException">It is no manifest; the message is a sentence that says why.</exception>
    public static ReleaseManifest Parse(string text)
    {
        if (text.Length > LongestText) throw new FormatException("it is longer than 128 KiB.");
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            var all = Members(document.RootElement, "it", ["form", "version", "upgradeFrom", "images"], ["signature"]);
            if (all["form"].ValueKind != JsonValueKind.Number || !all["form"].TryGetInt32(out var form) || form != Form) throw new FormatException($"its form is {Shown(all["form"])}, and this provisioner reads form 1.");
            var version = VersionOf(all, "version");
            var from = VersionOf(all, "upgradeFrom");
            if (from > version) throw new FormatException($"upgradeFrom {from} is later than version {version}.");
            var images = Members(all["images"], "images", Services, []);
            var signature = all.TryGetValue("signature", out var signed) ? TextOf(signed, "signature") : null;
            if (signature is not null && !Convert.TryFromBase64String(signature, new byte[signature.Length], out _)) throw new FormatException("signature is no base64.");
            return new ReleaseManifest(version, from, images.ToImmutableSortedDictionary(i => i.Key, i => ImageOf(i.Value, $"images.{i.Key}"), StringComparer.Ordinal), signature);
        }
        catch (Exception broken) when (broken is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new FormatException($"it is no JSON: {broken.Message.Split(" LineNumber", 2)[0].TrimEnd('.')}.", broken);
        }
    }

    /// <summary>What is signed: lines that do not depend on how the JSON is written.</summary>
    public string SignedText => string.Create(CultureInfo.InvariantCulture, $"appliance release {Form}\nversion {Version}\nupgrade-from {UpgradeFrom}\n")
        + string.Concat(Images.Select(i => string.Create(CultureInfo.InvariantCulture, $"image {i.Key} {i.Value.Name} {i.Value.Digest ?? "-"} {i.Value.Id} {i.Value.Bytes}\n")));

    /// <exception cref="CryptographicException">The key is none on P-256.</exception>
    public ReleaseManifest Sign(ECDsa key)
    {
        if (!IsP256(key)) throw new CryptographicException("The key is not on the curve P-256.");
        return this with { Signature = Convert.ToBase64String(key.SignData(Encoding.UTF8.GetBytes(SignedText), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)) };
    }

    public bool IsSignedBy(ECDsa key)
    {
        try
        {
            return Signature is not null && key.VerifyData(Encoding.UTF8.GetBytes(SignedText), Convert.FromBase64String(Signature), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
        }
        catch (CryptographicException)
        {
            return false;       // no signature of any key
        }
    }

    /// <returns>Null: it is no public key on P-256 in PEM.</returns>
    public static ECDsa? ReadKey(string pem)
    {
        var key = ECDsa.Create();
        try
        {
            // A private key is refused: it would stand in the stack's file.
            if (PemEncoding.TryFind(pem, out var found) && pem[found.Label] == "PUBLIC KEY")
            {
                key.ImportFromPem(pem);
                if (IsP256(key)) return key;
            }
        }
        catch (Exception broken) when (broken is CryptographicException or ArgumentException)
        {
            key.Dispose();
            return null;
        }
        key.Dispose();
        return null;
    }

    public string ToJson()
    {
        var images = new JsonObject();
        foreach (var (service, image) in Images)
        {
            var members = new JsonObject { ["name"] = image.Name };
            if (image.Digest is not null) members["digest"] = image.Digest;
            (members["id"], members["bytes"]) = (image.Id, image.Bytes);
            images[service] = members;
        }
        var all = new JsonObject { ["form"] = Form, ["version"] = Version.ToString(), ["upgradeFrom"] = UpgradeFrom.ToString(), ["images"] = images };
        if (Signature is not null) all["signature"] = Signature;
        return all.ToJsonString(Layout) + "\n";
    }

    private static ReleaseImage ImageOf(JsonElement element, string path)
    {
        var members = Members(element, path, ["name", "id", "bytes"], ["digest"]);
        var name = TextOf(members["name"], $"{path}.name");
        if (name.Length > 128 || !Repository().IsMatch(name)) throw new FormatException($"{path}.name is no name of a repository: lower-case letters, digits and single . _ - / between them.");
        if (members["bytes"].ValueKind != JsonValueKind.Number || !members["bytes"].TryGetInt64(out var bytes) || bytes is < 1 or > LargestImage) throw new FormatException($"{path}.bytes is {Shown(members["bytes"])}, and no whole number from 1 to {LargestImage}.");
        return new ReleaseImage(name, members.TryGetValue("digest", out var digest) ? DigestOf(digest, $"{path}.digest") : null, DigestOf(members["id"], $"{path}.id"), bytes);
    }

    private static Dictionary<string, JsonElement> Members(JsonElement element, string path, IEnumerable<string> needed, string[] optional)
    {
        if (element.ValueKind != JsonValueKind.Object) throw new FormatException($"{path} is no JSON object.");
        var members = element.EnumerateObject().ToDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal);
        if (needed.FirstOrDefault(n => !members.ContainsKey(n)) is { } missing) throw new FormatException($"{(path == "it" ? "" : path + ".")}{missing} is missing.");
        if (members.Keys.FirstOrDefault(m => !needed.Contains(m) && !optional.Contains(m)) is { } strange) throw new FormatException($"{path} has a member {Short(strange)} that this provisioner does not know.");
        return members;
    }

    private static string TextOf(JsonElement element, string path) => element.ValueKind == JsonValueKind.String ? element.GetString()! : throw new FormatException($"{path} is no text.");

    private static ReleaseVersion VersionOf(Dictionary<string, JsonElement> members, string name) =>
        ReleaseVersion.Parse(TextOf(members[name], name)) ?? throw new FormatException($"{name} is {Shown(members[name])}, and no version such as 1.4.0.");

    private static string DigestOf(JsonElement element, string path) =>
        TextOf(element, path) is var text && Digest().IsMatch(text) ? text : throw new FormatException($"{path} is no digest: sha256: and 64 lower-case hexadecimal digits.");

    private static string Shown(JsonElement element) => Short(element.ToString());

    private static string Short(string text) => Settings.SettingReader.Printable(text.Length > 40 ? text[..40] + "…" : text);

    private static bool IsP256(ECDsa key) => key.ExportParameters(includePrivateParameters: false).Curve.Oid is { Value: "1.2.840.10045.3.1.7" } or { FriendlyName: "nistP256" or "ECDSA_P256" };

    [GeneratedRegex(@"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Repository();

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z")]
    private static partial Regex Digest();
}
