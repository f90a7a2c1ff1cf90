using Google.Protobuf.WellKnownTypes;
using Pulumi.Wire;
using Pulumirpc;

namespace Pulumi;

public sealed partial class Deployment
{
    /// <summary>Starts to register (or read) a resource. Its output properties are there at once and are filled by the engine's answer.</summary>
    internal void Begin(Resource resource, ResourceArgs args, ResourceOptions options)
    {
        var outputs = new OutputProperties(resource);
        Runner.Register(BeginAsync(resource, args, options, outputs));
    }

    internal void RegisterOutputs(Resource resource, Output<IDictionary<string, object?>> outputs)
    {
        Runner.Register(SendAsync());

        async Task SendAsync()
        {
            var data = await outputs.Data.ConfigureAwait(false);
            await Monitor.SupportsAsync("resourceReferences").ConfigureAwait(false);
            var urn = await resource.Urn.Data.ConfigureAwait(false);
            var sent = await new Serializer().StructAsync(data.Value ?? new Dictionary<string, object?>()).ConfigureAwait(false);
            await Monitor.RegisterOutputsAsync(new RegisterResourceOutputsRequest { Urn = urn.Value, Outputs = sent }).ConfigureAwait(false);
        }
    }

    private async Task BeginAsync(Resource resource, ResourceArgs args, ResourceOptions options, OutputProperties outputs)
    {
        try
        {
            Runner.Log(LogSeverity.Debug, $"Preparing resource: t={resource.GetResourceType()}, name={resource.GetResourceName()}, custom={resource.IsCustom}, remote={resource.IsRemote}");
            await Monitor.SupportsAsync("resourceReferences").ConfigureAwait(false);
            var request = await new Registration(Monitor, resource, args, options).RequestAsync().ConfigureAwait(false);
            if (options.Id is { } id && resource is CustomResource)
            {
                await ReadAsync(resource, request, id, outputs).ConfigureAwait(false);
                return;
            }
            Runner.Log(LogSeverity.Debug, $"Registering resource start: t={request.Type}, name={request.Name}, custom={request.Custom}, remote={request.Remote}");
            var answer = await Monitor.RegisterAsync(request).ConfigureAwait(false);
            outputs.Complete(resource, answer.Urn, answer.Id, answer.Object, IsDryRun || answer.Result != Result.Success);
        }
        catch (Exception exception)
        {
            outputs.Fail(exception);
            throw;
        }
    }

    private async Task ReadAsync(Resource resource, RegisterResourceRequest like, Input<string> id, OutputProperties outputs)
    {
        var known = await id.ToOutput().Data.ConfigureAwait(false);
        if (!known.IsKnown)
        {
            // The id comes from a resource that does not exist yet: nothing can be read, and the resource has no URN of the engine's making.
            outputs.Complete(resource, $"urn:pulumi:{StackName}::{ProjectName}::{like.Type}::{like.Name}", "", null, missingAreUnknown: true);
            return;
        }
        var answer = await Monitor.ReadAsync(new ReadResourceRequest
        {
            Id = known.Value, Type = like.Type, Name = like.Name, Parent = like.Parent, Properties = like.Object, Dependencies = { like.Dependencies }, Provider = like.Provider,
            Version = like.Version, AcceptSecrets = true, AdditionalSecretOutputs = { like.AdditionalSecretOutputs }, AcceptResources = true, PluginDownloadURL = like.PluginDownloadURL,
        }).ConfigureAwait(false);
        outputs.Complete(resource, answer.Urn, known.Value, answer.Properties, IsDryRun);
    }

    /// <summary>Calls a function of a provider, unless an argument or what it depends on is not there yet: then the answer is unknown.</summary>
    internal Output<T> Invoke<T>(string token, InvokeArgs args, InvokeOptions? options)
    {
        return new(CallAsync());

        async Task<OutputData<T>> CallAsync()
        {
            var serializer = new Serializer();
            var sent = await serializer.StructAsync(args.Members().Select(m => KeyValuePair.Create(m.Key, m.Value.Value))).ConfigureAwait(false);
            if (options is InvokeOutputOptions outputOptions) serializer.Dependencies.UnionWith(await Registration.ExplicitAsync(outputOptions.DependsOn).ConfigureAwait(false));
            System.Collections.Immutable.ImmutableHashSet<Resource> from = [.. serializer.Dependencies];
            if (serializer.HasUnknown || !await ExistAsync(from).ConfigureAwait(false)) return new(from, default!, false, serializer.HasSecret);

            var provider = options?.Provider ?? options?.Parent?.Providers.GetValueOrDefault(token.Split(':')[0]);
            await Monitor.SupportsAsync("resourceReferences").ConfigureAwait(false);
            var answer = await Monitor.InvokeAsync(new ResourceInvokeRequest
            {
                Tok = token, Args = sent, Provider = provider is null ? "" : await Registration.ReferenceAsync(provider).ConfigureAwait(false),
                Version = options?.Version ?? "", PluginDownloadURL = options?.PluginDownloadURL ?? "", AcceptResources = true,
            }).ConfigureAwait(false);
            if (answer.Failures.Count > 0)
                throw new RunException($"{token} failed: {string.Join("; ", answer.Failures.Select(f => f.Property.Length > 0 ? $"{f.Reason} ({f.Property})" : f.Reason))}");
            if (answer.Unknown) return new(from, default!, false, serializer.HasSecret);
            var deserializer = new Deserializer(token);
            var value = (T)deserializer.Read(Value.ForStruct(answer.Return ?? new Struct()), typeof(T))!;
            return new(from, value, !deserializer.IsUnknown, deserializer.IsSecret || serializer.HasSecret);
        }
    }

    private static async Task<bool> ExistAsync(IEnumerable<Resource> resources)
    {
        foreach (var custom in resources.OfType<CustomResource>())
            if (!(await custom.Id.Data.ConfigureAwait(false)).IsKnown) return false;
        return true;
    }
}
