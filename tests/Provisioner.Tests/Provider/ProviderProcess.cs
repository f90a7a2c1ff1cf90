using System.Diagnostics;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Net.Client;
using Pulumirpc;
using Xunit;

namespace Provisioner.Tests.Provider;

/// <summary>The provider as Pulumi starts it, spoken to directly.</summary>
public sealed class ProviderProcess : IAsyncLifetime
{
    private Process? _process;
    private GrpcChannel? _channel;

    public const string CertificateUrn = "urn:pulumi:acme::appliance::appliance:index:Certificate::certificate", InstallationUrn = "urn:pulumi:acme::appliance::appliance:index:Installation::appliance";

    /// <summary>Before the start: whether Check looks at the world.</summary>
    public bool Preflight { get; init; }

    public ResourceProvider.ResourceProviderClient Client { get; private set; } = null!;

    /// <summary>Everything after the first line of standard output.</summary>
    public Task<string> MoreOutput { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var start = new ProcessStartInfo("dotnet", [RepositoryFolder.Program("Provider", "pulumi-resource-appliance"), "--logtostderr", "-v=9", "127.0.0.1:1"])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["APPLIANCE_PREFLIGHT"] = Preflight ? "" : "off" },
        };
        _process = Process.Start(start)!;
        _ = _process.StandardError.ReadToEndAsync();
        var port = int.Parse((await _process.StandardOutput.ReadLineAsync())!, NumberStyles.None, CultureInfo.InvariantCulture);
        MoreOutput = _process.StandardOutput.ReadToEndAsync();
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        Client = new ResourceProvider.ResourceProviderClient(_channel);
    }

    public async ValueTask DisposeAsync()
    {
        _channel?.Dispose();
        if (_process is { HasExited: false }) _process.Kill();
        if (_process is not null) await _process.WaitForExitAsync();
        _process?.Dispose();
    }

    /// <summary>As it ends by itself: asked to, not killed.</summary>
    public async Task<string> EndAsync()
    {
        using var kill = Process.Start("kill", ["-TERM", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        return await MoreOutput;
    }

    public async Task<CheckResponse> CheckAsync(Struct news, Struct? olds = null, string urn = InstallationUrn) =>
        await Client.CheckAsync(new CheckRequest { Urn = urn, Name = urn.Split("::")[^1], Type = urn.Split("::")[2], News = news, Olds = olds ?? new Struct() });

    public async Task<ReadResponse> ReadAsync(Struct inputs, Struct outputs, string urn = InstallationUrn) =>
        await Client.ReadAsync(new ReadRequest { Id = "acme", Urn = urn, Name = urn.Split("::")[^1], Type = urn.Split("::")[2], Inputs = inputs, Properties = outputs });

    public async Task<DiffResponse> DiffAsync(Struct oldInputs, Struct outputs, Struct news, string urn = InstallationUrn) =>
        await Client.DiffAsync(new DiffRequest { Id = "acme", Urn = urn, Name = urn.Split("::")[^1], Type = urn.Split("::")[2], OldInputs = oldInputs, Olds = outputs, News = news });

    public async Task<CreateResponse> CreateAsync(Struct inputs, bool preview, string urn = InstallationUrn) =>
        await Client.CreateAsync(new CreateRequest { Urn = urn, Name = urn.Split("::")[^1], Type = urn.Split("::")[2], Properties = inputs, Preview = preview });
}
