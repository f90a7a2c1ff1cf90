using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Azure.Core;
using Pulumi.Azure.Inputs;

namespace Provisioner.Cloud.Azure;

/// <summary>The appliance's machine in an Azure subscription: groups, network, data disk, machine, name, watch.</summary>
public sealed class AzureHost : ComponentResource
{
    public ApplianceHost Host { get; }

    public AzureHost(StackSettings settings)
        : base("appliance:azure:AzureHost", settings.Stack, new ComponentResourceOptions { Provider = Subscription(settings) })
    {
        var site = new Site(settings, this);
        var groups = new AzureGroups(site);
        var network = new AzureNetwork(site, groups);
        var disk = new AzureDisk(site, groups);
        var machine = new AzureMachine(site, groups, network, disk);
        var name = AzureName.For(site, network, machine);
        _ = new AzureWatch(site, groups, machine);

        Host = new ApplianceHost(
            network.Address,
            new HostLogin(network.Address, settings.Access.Port, settings.Access.Login, settings.Access.Via),
            new HostDisks(disk.Data.Id, Output.Create(disk.Path)),
            null,
            [machine.DataAttachment, .. name]);
        RegisterOutputs();
    }

    private static Pulumi.Azure.Provider Subscription(StackSettings settings)
    {
        var arguments = new Pulumi.Azure.ProviderArgs { Features = new ProviderFeaturesArgs() };
        if (settings.Machine.Account is { } subscription) arguments.SubscriptionId = subscription;
        return new Pulumi.Azure.Provider("azure", arguments);
    }
}

/// <summary>Two groups, because Azure deletes a group with everything in it: what holds data stands in one that outlives the stack.</summary>
internal sealed class AzureGroups
{
    public ResourceGroup Machine { get; }
    public ResourceGroup Data { get; }

    public AzureGroups(Site site)
    {
        Machine = new ResourceGroup(site.Named("machine"), Arguments(site), site.Part());
        Data = new ResourceGroup(site.Named("data"), Arguments(site), site.Kept());
    }

    private static ResourceGroupArgs Arguments(Site site) => new() { Location = site.Settings.Machine.Region, Tags = StandardTags.All(site.Settings) };
}
