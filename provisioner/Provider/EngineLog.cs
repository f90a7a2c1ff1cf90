using Grpc.Core;
using Grpc.Net.Client;
using Pulumirpc;

namespace Provisioner.Provider;

/// <summary>What a person should read, told to the engine; on standard error while no engine is known or it does not listen.</summary>
internal sealed class EngineLog(TextWriter otherwise)
{
    private Engine.EngineClient? _engine;

    /// <param name="address">host:port.</param>
    public void Attach(string address) => _engine = new Engine.EngineClient(GrpcChannel.ForAddress("http://" + address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { UseProxy = false }, DisposeHttpClient = true }));

    public Task InfoAsync(string urn, string message) => SayAsync(LogSeverity.Info, urn, message);

    public Task WarnAsync(string urn, string message) => SayAsync(LogSeverity.Warning, urn, message);

    /// <summary>Progress: shown while it is new, kept nowhere.</summary>
    public Task ProgressAsync(string urn, string message) => SayAsync(LogSeverity.Info, urn, message, ephemeral: true);

    private async Task SayAsync(LogSeverity severity, string urn, string message, bool ephemeral = false)
    {
        try
        {
            if (_engine is not null)
            {
                await _engine.LogAsync(new LogRequest { Severity = severity, Urn = urn, Message = message, Ephemeral = ephemeral });
                return;
            }
        }
        catch (RpcException)
        {
            // The engine is on its way out; what is said must not make the deed fail.
        }
        await otherwise.WriteLineAsync($"{severity.ToString().ToLowerInvariant()}: {message}");
    }
}
