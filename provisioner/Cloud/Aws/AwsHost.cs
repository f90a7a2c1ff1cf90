using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Aws.Inputs;

namespace Provisioner.Cloud.Aws;

/// <summary>The appliance's machine in an AWS account: network, key, data volume, bucket, machine, name, watch.</summary>
public sealed class AwsHost : ComponentResource
{
    public ApplianceHost Host { get; }

    public AwsHost(StackSettings settings)
        : base("appliance:aws:AwsHost", settings.Stack, new ComponentResourceOptions { Provider = Account(settings) })
    {
        var site = new Site(settings, this);
        var key = new AwsKey(site);
        var network = new AwsNetwork(site);
        var volume = new AwsVolume(site, key, network);
        var bucket = AwsBucket.For(site, key);
        var role = new AwsRole(site, bucket, key);
        var machine = new AwsMachine(site, network, role, key, volume);
        var name = AwsName.For(site, machine);
        _ = new AwsWatch(site, machine, key);

        var target = settings.Access.Via == DeployVia.Ssm ? machine.Instance.Id : null;
        Host = new ApplianceHost(
            machine.Address,
            new HostLogin(machine.Address, settings.Access.Port, settings.Access.Login, settings.Access.Via, target),
            new HostDisks(volume.Data.Id, volume.Path),
            bucket?.Host,
            [machine.DataAttachment, .. machine.Addresses, .. name, .. role.Grants, .. bucket?.Guards ?? []]);
        RegisterOutputs();
    }

    /// <summary>A provider of the stack's own: its region, its tags on everything, and a guard against the wrong account.</summary>
    private static Pulumi.Aws.Provider Account(StackSettings settings)
    {
        var arguments = new Pulumi.Aws.ProviderArgs
        {
            Region = settings.Machine.Region,
            DefaultTags = new ProviderDefaultTagsArgs { Tags = StandardTags.All(settings) },
        };
        if (settings.Machine.Account is { } account) arguments.AllowedAccountIds.Add(account);
        return new Pulumi.Aws.Provider("aws", arguments);
    }
}
