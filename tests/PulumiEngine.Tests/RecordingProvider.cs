using System.Collections.Concurrent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Pulumirpc;
using PulumiEngine.Providers;

namespace PulumiEngine.Tests;

/// <summary>A provider on a socket that notes what it is asked. Its "process" is a shell that prints the port and waits, so that the engine starts and ends something real.</summary>
internal sealed class RecordingProvider : ResourceProvider.ResourceProviderBase, IAsyncDisposable
{
    private readonly ConcurrentQueue<(string Method, IMessage Request)> _calls = new();
    private WebApplication? _app;

    public bool AcceptsSecrets { get; set; } = true;

    public bool KnowsHandshake { get; set; } = true;

    /// <summary>Answers instead of the default; null goes on with the default.</summary>
    public Func<CheckRequest, CheckResponse?> OnCheck { get; set; } = _ => null;

    public Func<CheckRequest, CheckResponse?> OnCheckConfig { get; set; } = _ => null;

    public Func<DiffRequest, DiffResponse?> OnDiff { get; set; } = _ => null;

    public Func<CreateRequest, CreateResponse?> OnCreate { get; set; } = _ => null;

    public Func<ReadRequest, ReadResponse?> OnRead { get; set; } = _ => null;

    public IReadOnlyList<string> Methods => [.. _calls.Select(c => c.Method)];

    public IEnumerable<T> Requests<T>() where T : IMessage => _calls.Select(c => c.Request).OfType<T>();

    public async Task<PluginCommand> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0, e => e.Protocols = HttpProtocols.Http2));
        builder.Services.AddLogging().AddRoutingCore().AddSingleton(this).AddGrpc();
        _app = builder.Build();
        _app.UseRouting();
        _app.MapGrpcService<RecordingProvider>();
        await _app.StartAsync();
        var port = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
        return new PluginCommand(["sh", "-c", $"echo {port}; exec sleep 600"], "/");
    }

    public override Task<ProviderHandshakeResponse> Handshake(ProviderHandshakeRequest request, ServerCallContext context) => KnowsHandshake
        ? Noted(request, new ProviderHandshakeResponse { AcceptSecrets = AcceptsSecrets, AcceptResources = true })
        : throw new RpcException(new Status(StatusCode.Unimplemented, ""));

    public override Task<PluginInfo> GetPluginInfo(Empty request, ServerCallContext context) => Noted(request, new PluginInfo { Version = "1.0.0" }, nameof(GetPluginInfo));

    public override Task<CheckResponse> CheckConfig(CheckRequest request, ServerCallContext context) =>
        Noted(request, OnCheckConfig(request) ?? new CheckResponse { Inputs = request.News }, nameof(CheckConfig));

    public override Task<ConfigureResponse> Configure(ConfigureRequest request, ServerCallContext context) =>
        Noted(request, new ConfigureResponse { AcceptSecrets = AcceptsSecrets, SupportsPreview = true });

    public override Task<CheckResponse> Check(CheckRequest request, ServerCallContext context) => Noted(request, OnCheck(request) ?? new CheckResponse { Inputs = request.News });

    public override Task<DiffResponse> Diff(DiffRequest request, ServerCallContext context) => Noted(request, OnDiff(request) ?? new DiffResponse { Changes = DiffResponse.Types.DiffChanges.DiffNone });

    public override Task<CreateResponse> Create(CreateRequest request, ServerCallContext context) =>
        Noted(request, OnCreate(request) ?? new CreateResponse { Id = request.Preview ? "" : $"{request.Name}-id", Properties = request.Properties });

    public override Task<UpdateResponse> Update(UpdateRequest request, ServerCallContext context) => Noted(request, new UpdateResponse { Properties = request.News });

    public override Task<ReadResponse> Read(ReadRequest request, ServerCallContext context) =>
        Noted(request, OnRead(request) ?? new ReadResponse { Id = request.Id, Properties = request.Properties, Inputs = request.Inputs });

    public override Task<Empty> Delete(DeleteRequest request, ServerCallContext context) => Noted(request, new Empty());

    public override Task<Empty> Cancel(Empty request, ServerCallContext context) => Noted(request, new Empty(), nameof(Cancel));

    /// <summary>The error of a resource that exists but did not become what it should.</summary>
    public static RpcException Unfinished(string id, Struct properties, string reason)
    {
        var detail = new ErrorResourceInitFailed { Id = id, Properties = properties, Reasons = { reason } };
        var status = new RpcStatus { Code = (int)StatusCode.Unknown, Message = reason, Details = { new Any { TypeUrl = "type.googleapis.com/pulumirpc.ErrorResourceInitFailed", Value = detail.ToByteString() } } };
        return new RpcException(new Status(StatusCode.Unknown, reason), new Metadata { { "grpc-status-details-bin", status.ToByteArray() } });
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
    }

    private Task<TResponse> Noted<TResponse>(IMessage request, TResponse response, string? method = null)
    {
        _calls.Enqueue((method ?? request.Descriptor.Name.Replace("Request", "", StringComparison.Ordinal).Replace("Provider", "", StringComparison.Ordinal), request));
        return Task.FromResult(response);
    }
}
