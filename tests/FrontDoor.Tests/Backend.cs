using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace FrontDoor.Tests;

/// <summary>Stands behind the door: says its name, what it was told of the client and how much it was sent; echoes over a websocket.</summary>
internal sealed class Backend : IAsyncDisposable
{
    private readonly WebApplication _app;

    private Backend(WebApplication app) => _app = app;

    public string Address => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Authority;

    /// <summary>What it answers instead of its name; 0: it breaks the connection off.</summary>
    public int? Failing { get; set; }

    /// <summary>Requests that it was sent, by method.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, int> Asked { get; } = new();

    /// <summary>A request to /slow waits for it.</summary>
    public TaskCompletionSource Release { get; } = new();

    public static async Task<Backend> StartAsync(string name)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(k => { k.Listen(IPAddress.Loopback, 0); k.Limits.MaxRequestBodySize = null; });
        builder.Logging.ClearProviders();
        var backend = new Backend(builder.Build());
        backend._app.UseWebSockets();
        backend._app.Run(context => backend.AnswerAsync(name, context));
        await backend._app.StartAsync();
        return backend;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(string name, HttpContext context)
    {
        Asked.AddOrUpdate(context.Request.Method, 1, (_, count) => count + 1);
        if (Failing is 0) { context.Abort(); return; }
        if (Failing is { } status) { context.Response.StatusCode = status; await context.Response.WriteAsync($"{name} failed"); return; }
        if (context.WebSockets.IsWebSocketRequest)
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync();
            var buffer = new byte[100];
            while (await socket.ReceiveAsync(buffer, context.RequestAborted) is { CloseStatus: null } message)
                await socket.SendAsync(buffer.AsMemory(0, message.Count), System.Net.WebSockets.WebSocketMessageType.Text, true, context.RequestAborted);
            return;
        }
        if (context.Request.Path == "/slow") await Release.Task;
        if (context.Request.Path == "/with-policy") context.Response.Headers.ContentSecurityPolicy = "from the server";
        long sent = 0;
        var chunk = new byte[81920];
        while (await context.Request.Body.ReadAsync(chunk, context.RequestAborted) is > 0 and var read) sent += read;
        await context.Response.WriteAsync($"{name} client={context.Request.Headers["X-Forwarded-For"]} scheme={context.Request.Headers["X-Forwarded-Proto"]} host={context.Request.Headers["X-Forwarded-Host"]} sent={sent}");
    }
}
