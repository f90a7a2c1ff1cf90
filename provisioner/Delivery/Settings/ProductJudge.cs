using System.Globalization;
using Provisioner.Delivery.Releases;

namespace Provisioner.Delivery.Settings;

/// <summary>Versions and images, sign-in, snapshots and the fleet.</summary>
internal static class ProductJudge
{
    public static ReleaseSettings Release(SettingValues values)
    {
        Pair(values, "imageRegistryUser", "imageRegistryPassword");
        var source = values.Text("images") switch { "archive" => ImageSource.Archive, "engine" => ImageSource.Engine, _ => ImageSource.Registry };
        return new ReleaseSettings(values.Text("version") ?? "", values.Text("devopsVersion"), source, values.Text("imageRegistry"), values.Text("imageRegistryUser"), values.Secret("imageRegistryPassword"), values.Text("imageArchive"))
        {
            Manifest = Manifest(values, source),
            DowntimeFor = values.Text("downtime"),
            ManifestIsChecked = values.Has("releaseKey"),
            Updates = Updates(values),
        };
    }

    private static (Uri, string)? Updates(SettingValues values)
    {
        if (values.Address("updatesUrl") is not { } url) return null;
        // It stands in a file of NAME=VALUE lines, where these mean something else to one of the two that read it.
        if (url.AbsoluteUri.AsSpan().ContainsAny('$', '#', '\'')) values.Report("updatesUrl", "it holds one of $ # '.", "Write it without, as %24, or %27.");
        if (!values.Has("releaseKey")) values.Report("releaseKey", "it is missing; updatesUrl is set, and only what this key has signed is believed.", "Set it to the public key of whoever signs the releases, or remove updatesUrl.");
        using var key = values.Text("releaseKey") is { } pem ? ReleaseManifest.ReadKey(pem) : null;      // a broken one is told below, with the manifest
        return key is null ? null : (url, Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()));
    }

    /// <summary>A release is what its manifest says to the last byte, or it is refused here: before anything is touched.</summary>
    private static ReleaseManifest? Manifest(SettingValues values, ImageSource source)
    {
        const string remedy = "Set it anew from the release: pulumi config set releaseManifest < release.json";
        using var key = values.Text("releaseKey") is { } pem ? ReleaseManifest.ReadKey(pem) : null;
        if (values.Text("releaseKey") is not null && key is null) values.Report("releaseKey", "it is no public key on P-256 in PEM.", "Set the whole file, with its first and last line: openssl pkey -in KEY -pubout");
        if (values.Text("releaseManifest") is not { } text)
        {
            if (key is not null && !values.Has("releaseManifest") && source == ImageSource.Registry) values.Report("releaseManifest", "it is missing; releaseKey is set.", remedy);
            return null;
        }
        ReleaseManifest manifest;
        try
        {
            manifest = ReleaseManifest.Parse(text);
        }
        catch (FormatException broken)
        {
            values.Report("releaseManifest", broken.Message, remedy);
            return null;
        }
        if (key is not null && !manifest.IsSignedBy(key)) values.Report("releaseManifest", manifest.Signature is null ? "it is not signed, and releaseKey is set." : "its signature is not by releaseKey, or the manifest was changed after it was signed.", "Take the manifest from whoever signs the releases, and the key from them by another way.");
        if (values.Text("version") is { } version && ReleaseVersion.Parse(version) != manifest.Version) values.Report("releaseManifest", $"it is of version {manifest.Version}, and version is {version}.", "Set both to the same release.");
        if (source == ImageSource.Registry && manifest.Images.Where(i => i.Value.Digest is null).Select(i => i.Key).ToList() is { Count: > 0 } unpushed)
            values.Report("releaseManifest", $"it has no digest for {string.Join(", ", unpushed)}: the release was made without a registry.", "Push the images and make the manifest again with --registry, or set images to archive or engine.");
        return manifest;
    }

    public static IdentitySettings? Identity(SettingValues values)
    {
        var (issuer, id, secret) = (values.Address("identityIssuer"), values.Text("identityClientId"), values.Secret("identityClientSecret"));
        if (values.Text("mode") is not "flosum")
        {
            Pair(values, "identityIssuer", "identityClientId");
            Pair(values, "identityClientId", "identityClientSecret");
        }
        return issuer is null || id is null || secret is null ? null : new IdentitySettings(issuer, id, secret);
    }

    public static SnapshotSettings Snapshots(SettingValues values, Cloud? cloud)
    {
        var every = values.Text("snapshotEvery") is { } hours ? int.Parse(hours, CultureInfo.InvariantCulture) : 0;
        var keep = values.Whole("snapshotKeep") ?? 0;
        if (cloud == Cloud.Aws && every > 0 && keep * 24 / every > 1000) values.Report("snapshotKeep", "AWS keeps at most 1000 snapshots of a schedule.", $"Take at most {1000 * every / 24} days, or fewer snapshots a day.");
        return new SnapshotSettings(every, values.Time("snapshotAt"), keep);
    }

    public static FleetSettings? Fleet(SettingValues values, HostingMode mode, Cloud? cloud)
    {
        if (mode != HostingMode.Flosum) return null;
        if (cloud is not (null or Cloud.Aws)) values.Report("mode", "the vendor hosts on AWS only.", "Set cloud to aws, or mode to customer.");
        return new FleetSettings(values.Text("customer") ?? "", values.Whole("wave") ?? 0);
    }

    private static void Pair(SettingValues values, string first, string second)
    {
        foreach (var (one, other) in new[] { (first, second), (second, first) })
            if (values.Has(one) && !values.Has(other) && values.Allowed(SettingKeys.ByName[other]))
                values.Report(other, $"it is missing; {one} is set.", "Set both or neither.");
    }
}
