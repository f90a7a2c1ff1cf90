using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Appliance.Vault;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, WriteIndented = false, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(SnapshotManifest))]
internal sealed partial class ManifestJson : JsonSerializerContext
{
    // The default encoder guards web pages; here labels in any language stand as they are. Made late: Default is set by the generated
    // half of this class.
    private static ManifestJson Written => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static byte[] Write(SnapshotManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, Written.SnapshotManifest);

    public static SnapshotManifest Read(string blobName, ReadOnlySpan<byte> json)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize(json, Default.SnapshotManifest) ?? throw VaultException.Damaged(blobName, "the manifest is empty");
            return NamesAreSound(manifest) ? manifest : throw VaultException.Damaged(blobName, "the manifest has a name that no file can have");
        }
        catch (JsonException failure)
        {
            throw VaultException.Damaged(blobName, $"the manifest is no manifest ({failure.Message})", failure);
        }
    }

    // Names become file names: without a key nobody has vouched for them.
    private static bool NamesAreSound(SnapshotManifest manifest) => manifest.Objects.All(o => o.Name != Appliance.Vault.MetadataEntry.Name) && manifest.Entries.All(o =>
        VaultNames.IsObjectName(o.Name) && (o.SchemaHash.Length == 0 || BlobNames.IsWellFormed(o.SchemaHash))
        && o.Segments.All(s => VaultNames.Role(VaultNames.Segment(o.Name, s.Id, encrypted: false)) == BlobRole.Segment));
}
