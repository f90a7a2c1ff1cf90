using System.Globalization;

namespace Provisioner.Delivery.Settings;

/// <summary>Versions and images, sign-in, snapshots and the fleet.</summary>
internal static class ProductJudge
{
    public static ReleaseSettings Release(SettingValues values)
    {
        Pair(values, "imageRegistryUser", "imageRegistryPassword");
        return new ReleaseSettings(values.Text("version") ?? "", values.Text("devopsVersion"), values.Text("images") is "archive" ? ImageSource.Archive : ImageSource.Registry,
            values.Text("imageRegistry"), values.Text("imageRegistryUser"), values.Secret("imageRegistryPassword"), values.Text("imageArchive"));
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
