using Certificates.Tests.Authority;
using ExampleStacks;
using Provisioner.Tests.Deploying;
using PulumiEngine;
using Xunit;

namespace Provisioner.Tests.Provider;

/// <summary>
/// The whole way over a real sshd with every secret that a stack may have, failures included. Nothing of them stands in the state, in what the engine writes down and says, in a process
/// list, in the host's journal or in a file that others may read. The products' own secrets are hunted in tests/EndToEnd/Containers.
/// Ten runs of the engine, so at night.
/// </summary>
[Collection(A_certificate_by_acme.Port)]
public sealed class The_secrets_of_a_deployment : IAsyncLifetime
{
    private readonly TestCa _ca = new() { HttpPort = 8402, WantsBinding = true };
    private readonly LoopbackHost _host = new();
    private readonly string _states = Directory.CreateTempSubdirectory("secret-states-").FullName;

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("NIGHTLY") is not null, "a long run: ./test --nightly");
        await _host.InitializeAsync();
        _host.Ready();
        if (new DriveInfo(_host.Folder).AvailableFreeSpace < 12L << 30) Assert.Skip("Less than 12 GiB are free here: the host would be refused for it.");
        _host.Write("certificates", $"#!/bin/sh\nexec dotnet {RepositoryFolder.Program("Certificates", "certificates")} \"$@\"\n");
    }

    public async ValueTask DisposeAsync()
    {
        await _ca.DisposeAsync();
        await _host.DisposeAsync();
        Directory.Delete(_states, recursive: true);
    }

    [Fact]
    public async Task Stand_nowhere_when_a_certificate_was_bought()
    {
        var certificate = HostedStack.Authority.Issue([HostedStack.Domain]);
        var second = HostedStack.Authority.Issue([HostedStack.Domain]);
        var pfx = second.Pfx;
        using var hunt = new SecretHunt([.. Common(), ("the certificate's key", Middle(certificate.KeyPem)), ("the second certificate's key", Middle(second.KeyPem)), ("the PFX file", pfx[200..264]), ("the PFX file's password", TestAuthority.PfxPassword)]).WatchProcesses();
        (string, string?)[] bought = [("certificate", "paid"), ("certificateChain", certificate.ChainPem), ("certificateKey", certificate.KeyPem)];
        _host.Write("registry-down", "");
        Say(hunt, await Engine(bought).UpAsync(), succeeds: false);
        File.Delete($"{_host.Folder}/registry-down");
        Say(hunt, await Engine(bought).PreviewAsync());
        Say(hunt, await Engine(bought).UpAsync());
        Say(hunt, await Engine(bought).RefreshAsync());
        Say(hunt, await Engine([("certificate", "paid"), ("certificatePfx", pfx), ("certificatePassword", TestAuthority.PfxPassword)]).UpAsync());
        Say(hunt, await Engine([("certificate", "paid"), ("certificateChain", certificate.ChainPem), ("certificateKey", second.KeyPem)]).UpAsync(), succeeds: false);       // it does not fit
        await AssertNothingFoundAsync(hunt);
        // The hunt looked where the secrets really are: their owners' files hold them.
        hunt.InAllFiles($"{_host.Folder}/srv");
        Assert.Contains(hunt.Findings, f => f.EndsWith(": the second certificate's key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Stand_nowhere_when_the_host_orders_its_certificate()
    {
        await _ca.InitializeAsync();
        _ca.Ready();
        using var hunt = new SecretHunt([.. Common(), ("the key of the account's binding", TestCa.BindingKey), ("the TSIG key", NameServer.Key)]).WatchProcesses();
        (string, string?)[] ordered = [("certificate", "acme"), ("acmeDirectory", _ca.Proxy.Directory.AbsoluteUri), ("acmeRoot", _ca.RootPem), ("acmeEabKeyId", TestCa.BindingId), ("acmeEabKey", TestCa.BindingKey)];
        _ca.Proxy.Refuse("finalize", 403, "unauthorized", "the proof is gone");
        Say(hunt, await Engine(ordered).UpAsync(), succeeds: false);
        Say(hunt, await Engine(ordered).UpAsync());
        Say(hunt, await Engine([.. ordered, ("acmeChallenge", "dns-01"), ("dnsProvider", "rfc2136"), ("dnsZone", NameServer.Zone), ("dnsServer", $"127.0.0.1:{_ca.Names.Port}"), ("dnsKeyName", NameServer.KeyName), ("dnsKey", NameServer.Key)]).UpAsync());
        await AssertNothingFoundAsync(hunt);

        // What was made on the host never left it: neither the key of the account nor that of the certificate.
        var made = Directory.EnumerateFiles($"{_host.Folder}/srv", "*", SearchOption.AllDirectories).Where(f => new FileInfo(f).LinkTarget is null)
            .Select(f => (File: f, Text: File.ReadAllText(f))).Where(f => f.Text.Contains("PRIVATE KEY-----", StringComparison.Ordinal)).Select(f => (f.File[_host.Folder.Length..], Middle(f.Text))).ToList();
        Assert.True(made.Count >= 2, string.Join(' ', made.Select(m => m.Item1)));
        using var keys = new SecretHunt([.. made]);
        await AssertNothingFoundAsync(keys);
    }

    private static readonly string[] SecretKeys = ["acmeEabKey", "alertWebhook", "certificateKey", "certificatePassword", "certificatePfx", "dnsKey", "identityClientSecret", "licence", "sshPrivateKey"];
    private const string Licence = "RECOGNISABLE-LICENCE-0000-1111", Token = "recognisable-token-of-the-webhook", ClientSecret = "recognisable-client-secret-of-openid";

    private (string, string)[] Common() => [("the SSH key", Middle(_host.PrivateKey)), ("the licence", Licence), ("the webhook's token", Token), ("the OpenID client's secret", ClientSecret)];

    /// <param name="pem">As a file of its own, or as a text within JSON.</param>
    private static string Middle(string pem) => pem.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\u002B", "+", StringComparison.Ordinal).Split('\n', StringSplitOptions.TrimEntries).Where(l => l.Length >= 40 && !l.Contains(' ', StringComparison.Ordinal)).ElementAt(1);

    /// <summary>Everything that the engine tells and keeps, of every run.</summary>
    private static void Say(SecretHunt hunt, EngineResult result, bool succeeds = true)
    {
        hunt.In($"{result.Kind}: what it printed", result.Output);
        foreach (var line in result.Logs) hunt.In($"{result.Kind}: a message", line.Message);
        if (succeeds) result.MustSucceed();
        else Assert.False(result.Succeeded);
    }

    private async Task AssertNothingFoundAsync(SecretHunt hunt)
    {
        await hunt.StopWatchingAsync();
        foreach (var folder in new[] { "opt", "srv", "lib", "vartmp", "root" }) hunt.InOpenFiles($"{_host.Folder}/{folder}");
        hunt.In("the deployer's journal", string.Join('\n', _host.Journal));
        hunt.In("what Docker was told", string.Join('\n', _host.Commands));
        hunt.InAllFiles(_states);
        Assert.True(hunt.Findings.Count == 0, string.Join("\n", hunt.Findings));
        Assert.NotEmpty(_host.Journal);
        Assert.NotEmpty(Directory.GetFiles(_states));
    }

    private LocalEngine Engine(params (string Key, string? Value)[] changes)
    {
        var input = HostedStack.Input(HostedStack.Authority.Issue([HostedStack.Domain]), [("certificateChain", null), ("certificateKey", null), .. changes,
            ("licence", Licence), ("alertWebhook", $"https://hooks.example.org/{Token}"), ("identityIssuer", "https://identity.example.org"), ("identityClientId", "backup"), ("identityClientSecret", ClientSecret),
            .. HostedStack.On(_host)]);
        return HostedStack.Engine(input with { SecretKeys = SecretKeys.Select(k => "appliance:" + k).ToHashSet() }, _states, $"{_host.Folder}/certificates");
    }
}
