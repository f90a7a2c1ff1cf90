using Google.Protobuf;
using Grpc.Core;
using Pulumirpc;

namespace PulumiEngine.Providers;

/// <summary>Finds in an error that the resource exists all the same.</summary>
internal static class InitFailure
{
    public static ErrorResourceInitFailed? Of(RpcException exception)
    {
        if (exception.Trailers.GetValueBytes("grpc-status-details-bin") is not { } bytes) return null;
        try
        {
            var detail = RpcStatus.Parser.ParseFrom(bytes).Details.FirstOrDefault(d => d.TypeUrl.EndsWith("pulumirpc.ErrorResourceInitFailed", StringComparison.Ordinal));
            return detail is null ? null : ErrorResourceInitFailed.Parser.ParseFrom(detail.Value);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;    // details of another kind: the message alone counts
        }
    }
}
