using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Provisioner.Tests.Deploying;
using Xunit;

namespace Provisioner.Tests.Provider;

/// <summary>Against a real sshd on loopback.</summary>
public sealed class What_the_provider_reads(LoopbackHost host) : IAsyncLifetime, IClassFixture<LoopbackHost>
{
    public ValueTask InitializeAsync()
    {
        host.Ready();
        host.Clear();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Is_the_world_before_anything_is_created_and_never_again()
    {
        await using var provider = new ProviderProcess { Preflight = true };
        await provider.InitializeAsync();
        var inputs = Inputs(("hostKeyFingerprint", "SHA256:Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE"), ("dnsResolver", "127.0.0.1:1"), ("imageRegistry", "localhost:1"));
        var first = await provider.CheckAsync(inputs);
        Assert.Contains(first.Failures, f => f.Property == "settings" && f.Reason.Contains($"its host key is {host.Fingerprint}", StringComparison.Ordinal));
        Assert.DoesNotContain(first.Failures, f => f.Reason.Contains("registry", StringComparison.Ordinal));     // it only could not be told from here
        Assert.Empty((await provider.CheckAsync(inputs, olds: inputs)).Failures);
        Assert.Empty(Directory.GetFileSystemEntries($"{host.Folder}/vartmp"));
    }

    [Fact]
    public async Task Is_the_certificate_as_it_stands_changed_by_hand_or_gone()
    {
        await using var provider = new ProviderProcess();
        await provider.InitializeAsync();
        var inputs = (await provider.CheckAsync(Inputs(), urn: ProviderProcess.CertificateUrn)).Inputs;
        Assert.Equal("", (await provider.ReadAsync(inputs, new Struct(), ProviderProcess.CertificateUrn)).Id);
        var created = await provider.CreateAsync(inputs, preview: false, ProviderProcess.CertificateUrn);
        Assert.Equal(created.Properties, (await provider.ReadAsync(inputs, created.Properties, ProviderProcess.CertificateUrn)).Properties);

        var link = host.At("/srv/appliance/tls/current");
        var serial = new FileInfo(link).LinkTarget!;
        File.AppendAllText(host.At($"/srv/appliance/tls/{serial}/server.crt"), "\n");
        var changed = await provider.ReadAsync(inputs, created.Properties, ProviderProcess.CertificateUrn);
        Assert.False(changed.Properties.Fields["placed"].BoolValue);
        Assert.Equal(["desired.placed"], (await provider.DiffAsync(inputs, changed.Properties, inputs, ProviderProcess.CertificateUrn)).DetailedDiff.Keys);

        File.Delete(link);
        File.CreateSymbolicLink(link, "of-somebody");
        Assert.Equal("of-somebody", (await provider.ReadAsync(inputs, created.Properties, ProviderProcess.CertificateUrn)).Properties.Fields["serial"].StringValue);
        File.Delete(link);
        Assert.Equal("", (await provider.ReadAsync(inputs, created.Properties, ProviderProcess.CertificateUrn)).Id);
    }

    [Fact]
    public async Task Is_never_taken_for_gone_when_the_host_does_not_answer_or_nothing_tells_what_to_look_for()
    {
        await using var provider = new ProviderProcess();
        await provider.InitializeAsync();
        var away = (await provider.CheckAsync(HostedStack.Inputs(Settings(), "127.0.0.1", 1))).Inputs;
        var failed = await Assert.ThrowsAsync<RpcException>(() => provider.ReadAsync(away, new Struct()));
        Assert.Contains("root@127.0.0.1:1 does not answer", failed.Status.Detail, StringComparison.Ordinal);
        var import = await Assert.ThrowsAsync<RpcException>(() => provider.ReadAsync(new Struct(), new Struct()));
        Assert.Contains("cannot be imported", import.Status.Detail, StringComparison.Ordinal);
        Assert.Equal("", (await provider.ReadAsync((await provider.CheckAsync(Inputs())).Inputs, new Struct())).Id);      // it answers, and nothing is there
    }

    private Delivery.Settings.StackInput Settings(params (string, string?)[] changes) => HostedStack.Input(HostedStack.Authority.Issue([HostedStack.Domain]),
        [("hostAddress", "127.0.0.1"), ("sshPort", host.Port.ToString(CultureInfo.InvariantCulture)), ("login", "root"), ("hostKeyFingerprint", host.Fingerprint), ("sshPrivateKey", host.PrivateKey), .. changes]);

    private Struct Inputs(params (string, string?)[] changes) => HostedStack.Inputs(Settings(changes), "127.0.0.1", host.Port);
}
