using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace PulumiEngine.Services;

/// <summary>The two services on a free port of the loopback.</summary>
internal sealed class EngineServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EngineServer(WebApplication app, string address) => (_app, Address) = (app, address);

    /// <summary>host:port, as programs and providers are told.</summary>
    public string Address { get; }

    /// <param name="monitor">Asked for when the first call comes: it may need the address.</param>
    public static async Task<EngineServer> StartAsync(Recorder recorder, Func<MonitorService> monitor, EngineService engine, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        builder.Services.AddLogging(log => log.SetMinimumLevel(LogLevel.None));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(recorder);
        builder.Services.AddSingleton(_ => monitor());
        builder.Services.AddSingleton(engine);
        builder.Services.AddGrpc(grpc =>
        {
            (grpc.MaxReceiveMessageSize, grpc.MaxSendMessageSize) = (400 << 20, 400 << 20);
            grpc.Interceptors.Add<Recorder>();
        });
        var app = builder.Build();
        app.UseRouting();
        app.MapGrpcService<MonitorService>();
        app.MapGrpcService<EngineService>();
        await app.StartAsync(cancellationToken);
        var port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        return new EngineServer(app, $"127.0.0.1:{port}");
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _app.StopAsync(limit.Token);
        await _app.DisposeAsync();
    }
}
