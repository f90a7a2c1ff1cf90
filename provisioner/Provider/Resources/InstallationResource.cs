using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Settings;

namespace Provisioner.Provider.Resources;

/// <summary>appliance:index:Installation: the products on the host, by the deploy plan.</summary>
internal sealed class InstallationResource : HostedResource
{
    public override string Type => "appliance:index:Installation";

    public override ImmutableArray<string> NotBuilt(StackSettings settings) => InstallationPlan.NotBuilt(settings);

    public override ImmutableArray<string> NotTaken(StackSettings settings) => InstallationPlan.NotTaken(settings);

    public override string? Barred(StackSettings before, StackSettings now) => InstallationPlan.Moves(before, now);

    public override ImmutableArray<string> Compared(Struct desired) => [.. desired.Fields.Keys];

    public override Struct Desired(StackSettings settings)
    {
        var desired = new Struct { Fields = { ["version"] = PropertyValues.Text(settings.Release.Version) } };
        if (settings.Release.DevOpsVersion is { } devOps) desired.Fields["devopsVersion"] = PropertyValues.Text(devOps);
        if (!NotBuilt(settings).IsEmpty) return desired;        // then there is no plan; Create refuses and says why
        if (settings.Storage.S3 is { Bucket: null }) return desired;        // the first preview, before the cloud has named it
        var plan = InstallationPlan.For(settings);
        desired.Fields["files"] = FilesOf(plan, f => f.Standing, null);
        desired.Fields["images"] = Texts(InstallationPlan.Images(settings.Release));
        desired.Fields["commands"] = Texts(plan.Commands.Select(c => KeyValuePair.Create(c.Name, plan.DigestOf(c))));
        return desired;
    }

    public override Struct Foreseen(StackSettings settings, Struct desired) => desired.Clone();

    public override async Task<Struct> DeployAsync(StackSettings settings, DeployExecutor host, Func<string, Task> progress, CancellationToken cancellationToken)
    {
        var plan = InstallationPlan.For(settings);
        var state = await host.DeployAsync(plan, HostRequirements.Products, progress, cancellationToken);
        return Outputs(plan, state, host.HostKey);
    }

    public override async Task<Struct?> ReadAsync(StackSettings settings, DeployExecutor host, CancellationToken cancellationToken)
    {
        var plan = InstallationPlan.For(settings);
        var state = await host.LookAsync(plan, cancellationToken);
        return state.Version is null && state.Owned.IsEmpty ? null : Outputs(plan, state, host.HostKey);
    }

    public override Task DeleteAsync(StackSettings settings, DeployExecutor host, CancellationToken cancellationToken) =>
        host.RemoveAsync(InstallationPlan.Scope, InstallationPlan.StopScript(settings.Protection is { DestroyData: true, Destroy: false }), cancellationToken);

    private static Struct Outputs(DeployPlan plan, HostState state, string hostKey)
    {
        var outputs = new Struct
        {
            Fields =
            {
                ["version"] = PropertyValues.Text(state.Version ?? ""),
                ["files"] = FilesOf(plan, f => state.Files.GetValueOrDefault(f.Path), state),
                ["images"] = Texts(state.Services.Where(s => InstallationServices(plan).Contains(s.Key))),
                ["commands"] = Texts(plan.Commands.Where(c => state.Done.ContainsKey(c.Name)).Select(c => KeyValuePair.Create(c.Name, state.Done[c.Name]))),
                ["hostKeyFingerprint"] = PropertyValues.Text(hostKey),
            },
        };
        return outputs;
    }

    /// <summary>Others that run on the host are none of ours.</summary>
    private static HashSet<string> InstallationServices(DeployPlan plan) => [.. plan.Commands.SelectMany(c => c.Services.Keys)];

    private static Value Texts(IEnumerable<KeyValuePair<string, string>> members) => PropertyValues.Map(members.Select(m => KeyValuePair.Create(m.Key, PropertyValues.Text(m.Value))));
}
