using System.Collections.Immutable;
using Provisioner.Delivery.Settings;
using Pulumi;

namespace Provisioner.Cloud;

/// <summary>What a finished stack tells: which versions run, where the data is, and what is left for a person to do.</summary>
internal static class StackReport
{
    public static Output<ImmutableDictionary<string, object>> Versions(Installation appliance) =>
        Output.Tuple(appliance.Version, appliance.DevopsVersion).Apply(v => Texts(("backupAndArchive", v.Item1), ("devops", v.Item2)));

    public static Output<ImmutableDictionary<string, object>> Storage(StackSettings settings, ApplianceHost host)
    {
        return Output.Tuple(OrNone(host.Disks.Data), OrNone(host.Disks.Path?.Apply(p => string.Join(" or ", p.Candidates))), OrNone(host.Bucket?.Name)).Apply(there => Texts(
                ("kind", settings.Storage.Kind.ToString().ToLowerInvariant()),
                ("dataDisk", there.Item1),
                ("dataDevice", there.Item2 is "" ? "/srv/appliance" : there.Item2),
                ("bucket", there.Item3 is "" ? null : $"{there.Item3}/{host.Bucket!.Prefix}")));
    }

    public static Output<ImmutableArray<string>> NextSteps(StackSettings settings, ApplianceHost host) => host.Address.Apply(address =>
    {
        var steps = ImmutableArray.CreateBuilder<string>();
        if (settings.Domain.Provider == DnsProvider.None) steps.Add($"Let {settings.Domain.Name} point to {address}, where your DNS does not say so yet.");
        steps.Add($"Open {settings.Domain.Url} and sign in. The first time, use the one-time set-up link that the appliance keeps for its operator.");
        if (settings is { Cloud: Delivery.Settings.Cloud.Aws, Alerts.Emails.IsEmpty: false }) steps.Add("Confirm the subscription to alarms: AWS has sent a message to each alert address.");
        if (settings.Licence is null) steps.Add("Enter the licence within 14 days: pulumi config set --secret appliance:licence …");
        if (settings.Alerts.Emails.IsEmpty && settings.Alerts.Webhook is null) steps.Add("Nobody is told when something fails: set appliance:alertEmails or appliance:alertWebhook.");
        if (settings is { Domain.Provider: DnsProvider.AzureDns, Certificate: AcmeCertificate { LetsEncrypt: true } })
            steps.Add($"Add a CAA record for {settings.Domain.Name}, 0 issue \"letsencrypt.org\": then no other authority may issue for it.");
        if (settings.Network.Mode == NetworkMode.Vpn) steps.Add("Reach the appliance through your VPN: it has no public address.");
        return steps.ToImmutable();
    });

    private static Output<string> OrNone(Output<string>? text) => text ?? Output.Create("");

    private static ImmutableDictionary<string, object> Texts(params (string Name, string? Text)[] entries) =>
        entries.Where(e => !string.IsNullOrEmpty(e.Text)).ToImmutableDictionary(e => e.Name, e => (object)e.Text!);
}
