using System.Collections.Immutable;

namespace Provisioner.Delivery.Settings;

/// <summary>
/// Judges a stack's configuration whole: every mistake is listed, and settings are given only when there is none.
/// First each value by its row of <see cref="SettingKeys"/>, then what they mean together, part by part.
/// </summary>
public static class SettingsJudge
{
    /// <param name="input">What the stack is configured to be.</param>
    /// <param name="now">Against this moment the dates of a bought certificate are held.</param>
    /// <remarks>Pure: no network, no file, no clock; never throws, whatever stands in the input.</remarks>
    public static Judgement Judge(StackInput input, DateTimeOffset now)
    {
        var values = new SettingValues(input);
        var mode = values.Text("mode") is "flosum" ? HostingMode.Flosum : HostingMode.Customer;
        var cloud = values.Text("cloud") is { } name ? SettingNames.ReadCloud(name) : (Cloud?)null;

        var storage = StorageJudge.Judge(values, cloud);
        var machine = MachineJudge.Judge(values, cloud, storage?.Disk.Kind);
        var domain = DomainJudge.Judge(values, mode, cloud);
        var certificate = CertificateJudge.Judge(values, now);
        var network = NetworkJudge.Judge(values, mode, cloud);
        var access = AccessJudge.Judge(values, cloud);
        var release = ProductJudge.Release(values);
        var identity = ProductJudge.Identity(values);
        var snapshots = ProductJudge.Snapshots(values, cloud);
        var fleet = ProductJudge.Fleet(values, mode, cloud);
        var tags = TagJudge.Judge(values, cloud);
        if (values.Flag("destroyProtection") && values.Flag("destroyData"))
            values.Report("destroyData", "the data cannot be wiped and protected at once.", "Set destroyProtection to false as well, or leave destroyData out.");

        if (!values.Mistakes.IsEmpty) return new Judgement(null, values.Mistakes);
        return new Judgement(new StackSettings
        {
            Stack = input.Stack,
            Mode = mode,
            Machine = machine!,
            Storage = storage!,
            Domain = domain!,
            Certificate = certificate!,
            Network = network,
            Access = access,
            Release = release,
            Alerts = new AlertSettings(values.Texts("alertEmails"), values.Address("alertWebhook") is { } hook ? new Secret(hook.AbsoluteUri) : null),
            Snapshots = snapshots,
            Protection = new ProtectionSettings(values.Flag("destroyProtection"), values.Flag("destroyData")),
            Licence = values.Secret("licence"),
            Identity = identity,
            Fleet = fleet,
            Tags = tags,
        }, ImmutableArray<SettingsMistake>.Empty);
    }
}
