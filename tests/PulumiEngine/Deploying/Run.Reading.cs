using Google.Protobuf.WellKnownTypes;
using Pulumirpc;
using PulumiEngine.Providers;
using PulumiEngine.Simulation;
using PulumiEngine.States;
using PulumiEngine.Values;

namespace PulumiEngine.Deploying;

internal sealed partial class Run
{
    private const string StackReferenceType = "pulumi:pulumi:StackReference";

    public Task<ReadResourceResponse> ReadAsync(ReadResourceRequest request, Simulated simulated, CancellationToken cancellationToken)
    {
        var urn = Urn.Of(settings.Stack, settings.Project, request.Parent, request.Type, request.Name);
        return InTurnAsync(urn, async () =>
        {
            var reference = "";
            Struct properties;
            if (request.Type == StackReferenceType) properties = StackReference(request, simulated);
            else
            {
                reference = request.Provider.Length > 0 ? request.Provider : DefaultProvider(Urn.PackageOf(request.Type), request.Version);
                var provider = await ProviderAsync(reference, cancellationToken);
                var read = await TryAsync(new ResourceState { Urn = urn, Type = request.Type, Parent = request.Parent, Id = request.Id }, Operation.Read, async () =>
                    await provider.ReadAsync(new ResourceCall(urn, request.Type, request.Name), request.Id, request.Properties, new Struct(), cancellationToken)
                    ?? throw new ProviderException($"there is no {request.Type} with the id '{request.Id}'"));
                properties = read.Outputs;
            }
            if (before.Resources.FirstOrDefault(r => r.Urn == urn) is { } old) _settled.Add(old);
            var state = new ResourceState
            {
                Urn = urn, Type = request.Type, Custom = true, Id = request.Id, Parent = request.Parent, External = true, Provider = reference,
                Dependencies = [.. request.Dependencies], AdditionalSecretOutputs = [.. request.AdditionalSecretOutputs], Inputs = request.Properties, Outputs = properties,
            };
            return new ReadResourceResponse { Urn = urn, Properties = PropertyValues.Known(Done(state, Operation.Read, properties, [], []).Outputs) };
        }, cancellationToken);
    }

    public Task<InvokeResponse> InvokeAsync(ResourceInvokeRequest request, CancellationToken cancellationToken) => InTurnAsync(request.Tok, async () =>
    {
        var reference = request.Provider.Length > 0 ? request.Provider : DefaultProvider(Urn.PackageOf(request.Tok), request.Version);
        var provider = await ProviderAsync(reference, cancellationToken);
        return new InvokeResponse { Return = await provider.InvokeAsync(request.Tok, request.Args, cancellationToken) };
    }, cancellationToken);

    private static Struct StackReference(ReadResourceRequest request, Simulated simulated)
    {
        if (simulated.FindStack(request.Id) is not { } stack)
            throw new ProviderException($"unknown stack \"{request.Id}\": the local engine knows other stacks by their given outputs only (--stack-outputs NAME=FILE.json)");
        var outputs = stack.Outputs.Clone();
        foreach (var name in stack.Secrets) outputs.Fields[name] = PropertyValues.Secret(outputs.Fields[name]);
        var properties = request.Properties.Clone();
        properties.Fields["outputs"] = Value.ForStruct(outputs);
        properties.Fields["secretOutputNames"] = Value.ForList([.. stack.Secrets.Select(Value.ForString)]);
        return properties;
    }
}
