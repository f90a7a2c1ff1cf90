using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Provisioner.Delivery.Releases;

namespace ExampleStacks;

/// <summary>Releases whose images nobody has: digests are made from names.</summary>
public static class TestRelease
{
    public static ReleaseManifest Manifest(string version = "0.1.0", string upgradeFrom = "0.1.0") => new(ReleaseVersion.Parse(version)!.Value, ReleaseVersion.Parse(upgradeFrom)!.Value,
        ReleaseManifest.Services.ToImmutableSortedDictionary(s => s, s => new ReleaseImage(s == "app" ? "appliance" : s, Digest($"{s} {version}"), Digest($"id of {s} {version}"), 1 << 20), StringComparer.Ordinal), null);

    /// <summary>"sha256:" of the text.</summary>
    public static string Digest(string text) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
