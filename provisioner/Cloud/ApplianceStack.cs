using System.Collections.Immutable;
using Provisioner.Cloud.Aws;
using Provisioner.Cloud.Azure;
using Provisioner.Cloud.Gcp;
using Provisioner.Delivery.Settings;
using Pulumi;
using Clouds = Provisioner.Delivery.Settings.Cloud;

namespace Provisioner.Cloud;

/// <summary>One installation: a machine in somebody's cloud, its name and certificate, and the appliance running on it.</summary>
public sealed class ApplianceStack : Stack
{
    // Runs before Stack's own constructor: with a mistake in the settings not even the stack is registered.
    private readonly StackSettings _settings = StackConfiguration.Judged();

    public ApplianceStack()
    {
        var host = MachineIn(_settings.Cloud);
        var hosted = HostedArgs.For(_settings, host);
        var certificate = new Certificate("certificate", hosted, new CustomResourceOptions { DependsOn = [.. host.Ready] });
        var appliance = new Installation("appliance", hosted, new CustomResourceOptions { DependsOn = certificate });

        Url = Output.Create(_settings.Domain.Url);
        Address = host.Address;
        HostKeyFingerprint = certificate.HostKeyFingerprint;
        CertificateExpiry = certificate.NotAfter;
        Versions = StackReport.Versions(appliance);
        Storage = StackReport.Storage(_settings, host);
        NextSteps = StackReport.NextSteps(_settings, host);
        CostEstimate = Output.Create(MonthlyCost.Of(_settings).Report());
    }

    private ApplianceHost MachineIn(Clouds cloud) => cloud switch
    {
        Clouds.Aws => new AwsHost(_settings).Host,
        Clouds.Azure => new AzureHost(_settings).Host,
        Clouds.Gcp => new GcpHost(_settings).Host,
        Clouds.Host => new ExistingHost(_settings).Host,
    };

    [Output("url")] public Output<string> Url { get; private set; }
    [Output("address")] public Output<string> Address { get; private set; }
    [Output("hostKeyFingerprint")] public Output<string> HostKeyFingerprint { get; private set; }
    [Output("versions")] public Output<ImmutableDictionary<string, object>> Versions { get; private set; }
    [Output("storage")] public Output<ImmutableDictionary<string, object>> Storage { get; private set; }
    [Output("certificateExpiry")] public Output<string> CertificateExpiry { get; private set; }
    [Output("nextSteps")] public Output<ImmutableArray<string>> NextSteps { get; private set; }
    [Output("costEstimate")] public Output<ImmutableDictionary<string, object>> CostEstimate { get; private set; }
}
