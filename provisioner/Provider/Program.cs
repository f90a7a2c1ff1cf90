using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Provisioner.Provider;

// The engine starts us with its own address as the last argument; --logtostderr, -v=N and --tracing X may stand before it.
var log = new EngineLog(Console.Error);
if (args.LastOrDefault(a => !a.StartsWith('-') && a.Contains(':', StringComparison.Ordinal)) is { } engine) log.Attach(engine);

var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
builder.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.None));
builder.Services.AddRoutingCore();
builder.Services.AddSingleton(log);
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<ProviderService>();
builder.Services.AddGrpc(grpc => (grpc.MaxReceiveMessageSize, grpc.MaxSendMessageSize) = (400 << 20, 400 << 20));
builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
await using var app = builder.Build();
app.UseRouting();
app.MapGrpcService<ProviderService>();
await app.StartAsync();
var port = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;

// The first line of standard output, and the only one: the engine reads it.
await Console.Out.WriteAsync(port.ToString(CultureInfo.InvariantCulture) + "\n");
await Console.Out.FlushAsync();
await app.WaitForShutdownAsync();
