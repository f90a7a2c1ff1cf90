using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Pulumi.Wire;
using Pulumirpc;

namespace Pulumi;

/// <summary>Makes of a resource what the engine is told of it.</summary>
internal sealed class Registration(Wire.Monitor monitor, Resource resource, ResourceArgs args, ResourceOptions options)
{
    public async Task<RegisterResourceRequest> RequestAsync()
    {
        var custom = options as CustomResourceOptions;
        var request = new RegisterResourceRequest
        {
            Type = resource.GetResourceType(), Name = resource.GetResourceName(), Custom = resource.IsCustom, Remote = resource.IsRemote, Object = new Struct(),
            Parent = resource.Parent is null ? "" : await UrnAsync(resource.Parent).ConfigureAwait(false),
            Version = options.Version ?? "", PluginDownloadURL = options.PluginDownloadURL ?? "", ImportId = custom?.ImportId ?? "",
            IgnoreChanges = { options.IgnoreChanges }, ReplaceOnChanges = { options.ReplaceOnChanges }, AdditionalSecretOutputs = { custom?.AdditionalSecretOutputs ?? [] },
            DeleteBeforeReplace = custom?.DeleteBeforeReplace ?? false, DeleteBeforeReplaceDefined = custom?.DeleteBeforeReplace is not null,
            CustomTimeouts = Timeouts(options.CustomTimeouts),
            AcceptSecrets = true, AcceptResources = true, SupportsResultReporting = true, Hooks = new(),
        };
        if (resource.Protect is { } protect) request.Protect = protect;
        if (options.RetainOnDelete is { } retain) request.RetainOnDelete = retain;
        if (resource.IsCustom && resource.Provider is { } provider) request.Provider = await ReferenceAsync(provider).ConfigureAwait(false);
        if (resource.IsRemote)
            foreach (var (package, given) in resource.Providers) request.Providers[package] = await ReferenceAsync(given).ConfigureAwait(false);

        var dependencies = await ExplicitAsync(options.DependsOn).ConfigureAwait(false);
        var keepOutputs = resource.IsRemote && await monitor.SupportsAsync("outputValues").ConfigureAwait(false);
        foreach (var (name, (value, json)) in args.Members())
        {
            var serializer = new Serializer(keepOutputs);
            if (await (json ? serializer.JsonAsync(value) : serializer.ValueAsync(value)).ConfigureAwait(false) is not { } written) continue;
            request.Object.Fields[name] = written;
            request.PropertyDependencies[name] = new() { Urns = { await Serializer.UrnsAsync(serializer.Dependencies).ConfigureAwait(false) } };
            dependencies.UnionWith(serializer.Dependencies);
        }
        // A resource that is named in a remote component's input is no property dependency, but the component waits for it all the same.
        if (keepOutputs) dependencies.UnionWith(await ReferencedAsync().ConfigureAwait(false));
        request.Dependencies.Add(await Serializer.UrnsAsync(dependencies).ConfigureAwait(false));

        if (options.DeletedWith is { } deletedWith && await monitor.SupportsAsync("deletedWith").ConfigureAwait(false)) request.DeletedWith = await UrnAsync(deletedWith).ConfigureAwait(false);
        await monitor.SupportsAsync("aliasSpecs").ConfigureAwait(false);
        foreach (var alias in options.Aliases) request.Aliases.Add(await AliasAsync(alias).ConfigureAwait(false));
        return request;
    }

    /// <summary>How a provider is named: "URN::ID", the id unknown where it does not exist yet.</summary>
    public static async Task<string> ReferenceAsync(ProviderResource provider)
    {
        var id = await provider.Id.Data.ConfigureAwait(false);
        return $"{await UrnAsync(provider).ConfigureAwait(false)}::{(id.IsKnown && id.Value.Length > 0 ? id.Value : Markers.Unknown)}";
    }

    public static async Task<HashSet<Resource>> ExplicitAsync(InputList<Resource> dependsOn)
    {
        var data = await dependsOn.AsOutput().Data.ConfigureAwait(false);
        return data.IsKnown ? [.. data.Resources, .. data.Value.Where(r => r is not null)] : [.. data.Resources];
    }

    private async Task<HashSet<Resource>> ReferencedAsync()
    {
        var plain = new Serializer();
        foreach (var (value, _) in args.Members().Values) await plain.ValueAsync(value).ConfigureAwait(false);
        return plain.Dependencies;
    }

    private static async Task<string> UrnAsync(Resource of) => (await of.Urn.Data.ConfigureAwait(false)).Value;

    private static RegisterResourceRequest.Types.CustomTimeouts? Timeouts(CustomTimeouts? timeouts)
    {
        static string Text(TimeSpan? time) => time is { } t ? string.Create(CultureInfo.InvariantCulture, $"{t.Ticks * 100}ns") : "";
        return timeouts is null ? null : new() { Create = Text(timeouts.Create), Update = Text(timeouts.Update), Delete = Text(timeouts.Delete) };
    }

    private static async Task<Pulumirpc.Alias> AliasAsync(Input<Alias> given)
    {
        var alias = (await given.ToOutput().Data.ConfigureAwait(false)).Value;
        if (alias.Urn is { } urn) return new() { Urn = urn };
        var spec = new Pulumirpc.Alias.Types.Spec
        {
            Name = await TextAsync(alias.Name).ConfigureAwait(false), Type = await TextAsync(alias.Type).ConfigureAwait(false),
            Stack = await TextAsync(alias.Stack).ConfigureAwait(false), Project = await TextAsync(alias.Project).ConfigureAwait(false),
        };
        if (alias.Parent is { } parent) spec.ParentUrn = await UrnAsync(parent).ConfigureAwait(false);
        else if (alias.ParentUrn is { } parentUrn) spec.ParentUrn = await TextAsync(parentUrn).ConfigureAwait(false);
        else spec.NoParent = alias.NoParent;
        return new() { Spec = spec };

        static async Task<string> TextAsync(Input<string>? input) => input is null ? "" : (await input.ToOutput().Data.ConfigureAwait(false)).Value ?? "";
    }
}
