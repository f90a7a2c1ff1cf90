using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;
using Pulumirpc;

namespace Pulumi.Wire;

/// <summary>The two services of the engine that a program calls.</summary>
internal sealed class Monitor
{
    private const int MaxMessage = 400 * 1024 * 1024;   // bytes; what the official SDK allows

    private readonly ResourceMonitor.ResourceMonitorClient _monitor;
    private readonly Engine.EngineClient _engine;
    private readonly ConcurrentDictionary<string, bool> _features = new();

    public Monitor(string monitor, string engine) => (_monitor, _engine) = (new(Channel(monitor)), new(Channel(engine)));

    /// <summary>Asked anew until the first answer is there: several resources may ask at once.</summary>
    public async Task<bool> SupportsAsync(string feature)
    {
        if (_features.TryGetValue(feature, out var known)) return known;
        var answer = await _monitor.SupportsFeatureAsync(new SupportsFeatureRequest { Id = feature }).ResponseAsync.ConfigureAwait(false);
        return _features[feature] = answer.HasSupport;
    }

    public Task<RegisterResourceResponse> RegisterAsync(RegisterResourceRequest request) => _monitor.RegisterResourceAsync(request).ResponseAsync;

    public Task<ReadResourceResponse> ReadAsync(ReadResourceRequest request) => _monitor.ReadResourceAsync(request).ResponseAsync;

    public Task<InvokeResponse> InvokeAsync(ResourceInvokeRequest request) => _monitor.InvokeAsync(request).ResponseAsync;

    public Task RegisterOutputsAsync(RegisterResourceOutputsRequest request) => _monitor.RegisterResourceOutputsAsync(request).ResponseAsync;

    public Task LogAsync(LogRequest request) => _engine.LogAsync(request).ResponseAsync;

    /// <summary>Returns when the engine has done everything. Older engines do not know the call.</summary>
    public async Task WaitForShutdownAsync()
    {
        try
        {
            await _monitor.SignalAndWaitForShutdownAsync(new Empty()).ResponseAsync.ConfigureAwait(false);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.Unimplemented)
        {
            return;
        }
    }

    private static GrpcChannel Channel(string address) => GrpcChannel.ForAddress($"http://{address}", new GrpcChannelOptions
    {
        MaxSendMessageSize = MaxMessage, MaxReceiveMessageSize = MaxMessage,
        HttpHandler = new SocketsHttpHandler { UseProxy = false, EnableMultipleHttp2Connections = true }, DisposeHttpClient = true,
    });
}
