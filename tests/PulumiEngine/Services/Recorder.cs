using System.Diagnostics;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Pulumirpc;

namespace PulumiEngine.Services;

/// <summary>Writes down every call, in the layout of the recordings of the official SDK. Secrets stand in it only under their markers.</summary>
internal sealed class Recorder : Interceptor
{
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<JsonObject> _calls = [];
    private readonly Lock _lock = new();
    private int _debugLogs;

    public Func<string, string> Hidden { get; set; } = text => text;

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        if (request is LogRequest { Severity: LogSeverity.Debug })
        {
            Interlocked.Increment(ref _debugLogs);
            return await continuation(request, context);
        }
        var call = new JsonObject();
        lock (_lock)
        {
            call["seq"] = _calls.Count + 1;
            call["ms"] = _clock.ElapsedMilliseconds;
            call["method"] = context.Method;
            call["request"] = JsonNode.Parse(Json.Format(request is LogRequest log ? Masked(log) : (IMessage)request));
            _calls.Add(call);
        }
        try
        {
            var response = await continuation(request, context);
            lock (_lock) call["response"] = JsonNode.Parse(Json.Format((IMessage)response));
            return response;
        }
        catch (RpcException exception)
        {
            lock (_lock) call["error"] = Hidden($"{exception.StatusCode}: {exception.Status.Detail}");
            throw;
        }
        finally
        {
            lock (_lock) call["doneMs"] = _clock.ElapsedMilliseconds;
        }
    }

    public JsonArray Calls()
    {
        lock (_lock) return [.. _calls.Select(c => c.DeepClone())];
    }

    public int DebugLogs => _debugLogs;

    private LogRequest Masked(LogRequest log)
    {
        var masked = log.Clone();
        masked.Message = Hidden(log.Message);
        return masked;
    }
}
