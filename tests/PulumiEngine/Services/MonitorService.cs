using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumirpc;
using PulumiEngine.Deploying;
using PulumiEngine.Simulation;
using PulumiEngine.Values;

namespace PulumiEngine.Services;

/// <summary>What the program's SDK calls about resources.</summary>
internal sealed class MonitorService(Run run, Simulated simulated, SecretTexts secrets) : ResourceMonitor.ResourceMonitorBase
{
    private static readonly HashSet<string> Features = ["resourceReferences", "secrets", "outputValues", "aliasSpecs", "deletedWith"];

    public override Task<SupportsFeatureResponse> SupportsFeature(SupportsFeatureRequest request, ServerCallContext context) =>
        Task.FromResult(new SupportsFeatureResponse { HasSupport = Features.Contains(request.Id) });

    public override Task<RegisterResourceResponse> RegisterResource(RegisterResourceRequest request, ServerCallContext context) =>
        AnswerAsync(async () =>
        {
            secrets.Learn(request.Object);
            var answer = await run.RegisterAsync(request, simulated, context.CancellationToken);
            secrets.Learn(answer.Object);
            return answer;
        });

    public override Task<ReadResourceResponse> ReadResource(ReadResourceRequest request, ServerCallContext context) =>
        AnswerAsync(() => run.ReadAsync(request, simulated, context.CancellationToken));

    public override Task<InvokeResponse> Invoke(ResourceInvokeRequest request, ServerCallContext context) => AnswerAsync(() => run.InvokeAsync(request, context.CancellationToken));

    public override Task<Empty> RegisterResourceOutputs(RegisterResourceOutputsRequest request, ServerCallContext context) => AnswerAsync(async () =>
    {
        await run.RegisterOutputsAsync(request.Urn, request.Outputs, context.CancellationToken);
        return new Empty();
    });

    /// <summary>The program is through. It waits here until the engine has deleted what is no longer wanted.</summary>
    public override async Task<Empty> SignalAndWaitForShutdown(Empty request, ServerCallContext context)
    {
        try
        {
            await run.FinishAsync(context.CancellationToken);
        }
        catch (RunFailure)
        {
            // The run knows, and the program has nothing more to do with it.
        }
        return new Empty();
    }

    private static async Task<T> AnswerAsync<T>(Func<Task<T>> deed)
    {
        try
        {
            return await deed();
        }
        catch (RunFailure failure)
        {
            throw new RpcException(new Status(StatusCode.Unknown, failure.Message));
        }
    }
}
