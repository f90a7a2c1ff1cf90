using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumirpc;

namespace PulumiEngine.Services;

/// <summary>What the program or a provider wants the user to see.</summary>
internal sealed class EngineService(Action<LogRequest> log) : Engine.EngineBase
{
    public override Task<Empty> Log(LogRequest request, ServerCallContext context)
    {
        log(request);
        return Task.FromResult(new Empty());
    }
}
