using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using ExampleStacks;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Delivery.Preflight;
using Provisioner.Delivery.Settings;
using Xunit;

namespace Delivery.Tests;

/// <summary>Against a real bind9, a real pebble and a real sshd on loopback.</summary>
public sealed class The_preflight(NameServers names, Authority authority) : IClassFixture<NameServers>, IClassFixture<Authority>
{
    private const string Aws = "aws-gp3-customer";

    [Theory]
    [InlineData("backup.example.org", "example.org", Severity.Fine, "example.org is delegated")]
    [InlineData("backup.unregistered.org", "unregistered.org", Severity.Error, "unregistered.org is not registered")]
    [InlineData("backup.example.nowhere", "example.nowhere", Severity.Error, "example.nowhere is not registered")]
    [InlineData("backup.shop.example.org", "shop.example.org", Severity.Error, "shop.example.org is not delegated")]
    [InlineData("backup.crm.example.org", "example.org", Severity.Error, "delegated out of example.org")]
    [InlineData("backup.crm.example.org", "crm.example.org", Severity.Fine, "crm.example.org is delegated")]
    [InlineData("crm.example.org", "crm.example.org", Severity.Fine, "crm.example.org is delegated")]
    [InlineData("backup.silent.org", "silent.org", Severity.Error, "do not answer")]
    [InlineData("backup.outside.org", "outside.org", Severity.Fine, "outside.org is delegated")]       // its name servers are named in another zone
    public async Task Walks_down_from_the_root_to_the_zone(string domain, string zone, Severity severity, string words)
    {
        var finding = Found(await LookAsync(Aws, ("domain", domain), ("dnsZone", zone)), $"name {domain}");
        Assert.True(finding.Severity == severity && finding.Reason.Contains(words, StringComparison.Ordinal), finding.ToString());
        Assert.Equal(severity == Severity.Fine, finding.Remedy.Length == 0);
    }

    [Theory]
    [InlineData("backup.example.org", "example.org", Severity.Fine)]
    [InlineData("backup.example.com", "example.com", Severity.Unknown)]     // this resolver refuses it
    public async Task Asks_the_resolver_that_is_given(string domain, string zone, Severity severity) =>
        Assert.Equal(severity, Found(await LookAsync(Aws, ("domain", domain), ("dnsZone", zone), ("dnsResolver", names.Resolver.ToString())), $"name {domain}").Severity);

    [Fact]
    public async Task Says_that_it_cannot_tell_when_nobody_answers()
    {
        Ready();
        var run = new PreflightRun(TimeProvider.System, [IPAddress.Parse("127.0.77.200")], names.Port);
        var finding = Found(await run.LookAsync(Settings(Aws), probe: false, CancellationToken.None), "name backup.example.org");
        Assert.Equal(Severity.Unknown, finding.Severity);
        Assert.Contains("root servers did not answer", finding.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("closed.example.org", Severity.Error, "allows nobody")]
    [InlineData("other.example.org", Severity.Error, "pki.goog and not letsencrypt.org")]
    [InlineData("sub.other.example.org", Severity.Error, "pki.goog and not letsencrypt.org")]   // inherited from above
    [InlineData("strict.example.org", Severity.Error, "dns-01 only, and the stack uses http-01")]
    [InlineData("good.example.org", Severity.Fine, "allows letsencrypt.org")]
    [InlineData("mail.example.org", Severity.Fine, "restrict no ordinary certificate")]
    [InlineData("backup.example.org", Severity.Fine, "there is none")]
    public async Task Reads_CAA_as_the_authority_would(string domain, Severity severity, string words)
    {
        var finding = Found(await LookAsync(Aws, ("domain", domain)), $"CAA of {domain}");
        Assert.True(finding.Severity == severity && finding.Reason.Contains(words, StringComparison.Ordinal), finding.ToString());
    }

    [Theory]
    [InlineData("host.example.org", Severity.Fine, "203.0.113.20")]
    [InlineData("taken.example.org", Severity.Error, "points to 203.0.113.99, and the machine is 203.0.113.20")]
    [InlineData("absent.example.org", Severity.Error, "no address record")]
    public async Task Looks_where_the_name_of_an_existing_host_points(string domain, Severity severity, string words)
    {
        var finding = Found(await LookAsync("host-disk-customer", ("domain", domain), ("hostAddress", "203.0.113.20"), ("sshPort", "1")), $"address of {domain}");
        Assert.True(finding.Severity == severity && finding.Reason.Contains(words, StringComparison.Ordinal), finding.ToString());
    }

    [Fact]
    public async Task Reads_the_authoritys_directory_and_holds_the_clock_against_it()
    {
        Ready();
        var findings = await LookAsync("aws-s3-customer-vpn", ("acmeDirectory", authority.DirectoryAddress), ("acmeRoot", authority.RootPem));
        Assert.Equal(Severity.Fine, Found(findings, "authority localhost").Severity);
        Assert.Equal(Severity.Fine, Found(findings, "clock").Severity);
        var late = new PreflightRun(new FakeTimeProvider(DateTimeOffset.UtcNow.AddHours(3)), [NameServers.Root], names.Port);
        var clock = Found(await late.LookAsync(Settings("aws-s3-customer-vpn", ("acmeDirectory", authority.DirectoryAddress), ("acmeRoot", authority.RootPem)), probe: false, CancellationToken.None), "clock");
        Assert.Equal(Severity.Error, clock.Severity);
    }

    [Fact]
    public async Task Says_what_the_authority_wants_and_the_stack_lacks()
    {
        Ready();
        var stack = ExampleStack.Named("aws-s3-customer-vpn").With(("acmeEabKeyId", null), ("acmeEabKey", null), ("acmeDirectory", authority.DirectoryAddress), ("acmeRoot", authority.RootPem));
        var settings = SettingsJudge.Judge(stack.Input, DateTimeOffset.UtcNow).Settings!;
        var finding = Found(await Run().LookAsync(settings, probe: false, CancellationToken.None), "authority localhost");
        Assert.Equal(Severity.Error, finding.Severity);
        Assert.Contains("external account binding", finding.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://localhost:1/dir", "could not be read")]
    [InlineData("{other}", "answers 404")]
    public async Task Says_when_there_is_no_directory(string address, string words)
    {
        Ready();
        var finding = Found(await LookAsync("aws-s3-customer-vpn", ("acmeDirectory", address.Replace("{other}", authority.DirectoryAddress + "/nothing", StringComparison.Ordinal)), ("acmeRoot", authority.RootPem)), "authority localhost");
        Assert.True(finding.Severity == Severity.Unknown && finding.Reason.Contains(words, StringComparison.Ordinal) && finding.Remedy.Length > 0, finding.ToString());
    }

    [Fact]
    public async Task Proves_by_a_signed_update_that_the_zone_can_be_written_and_only_when_asked()
    {
        var server = ("dnsServer", "127.0.77.3:" + names.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.DoesNotContain(await LookAsync("host-s3-customer-vpn", server), f => f.What == "zone example.org");
        Assert.Equal(Severity.Fine, Found(await ProbeAsync(server), "zone example.org").Severity);
        Assert.Equal(Severity.Error, Found(await ProbeAsync(server, ("dnsKey", "b3RoZXIta2V5LW9mLXRoZS1uYW1lLXNlcnZlci0zMmJ5dA==")), "zone example.org").Severity);
        Assert.Contains("refuses", Found(await ProbeAsync(("dnsServer", "127.0.77.4:" + names.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("dnsZone", "crm.example.org"), ("domain", "backup.crm.example.org")), "zone crm.example.org").Reason, StringComparison.Ordinal);
        Assert.Equal("", Tool.Run("dig", ["+short", "-p", names.Port.ToString(System.Globalization.CultureInfo.InvariantCulture), "@127.0.77.3", "_appliance-probe.backup.example.org", "TXT"]).Output.Trim());

        async Task<ImmutableArray<Finding>> ProbeAsync(params (string, string?)[] changes) => await Run().LookAsync(Settings("host-s3-customer-vpn", [("dnsResolver", null), .. changes]), probe: true, CancellationToken.None);
    }

    [Fact]
    public async Task Knows_a_host_by_its_pinned_key()
    {
        if (Tool.Find("sshd") is not { } sshd)
        {
            Assert.Skip("openssh-server is not installed here.");
            return;
        }
        Ready();
        var folder = Directory.CreateTempSubdirectory("preflight-sshd-").FullName;
        Tool.Run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", folder + "/key"]);
        Directory.CreateDirectory("/run/sshd");
        var port = NameServers.FreePort();
        using var server = Process.Start(new ProcessStartInfo(sshd, ["-D", "-e", "-f", "/dev/null", "-p", port.ToString(System.Globalization.CultureInfo.InvariantCulture), "-h", folder + "/key", "-o", "ListenAddress=127.0.0.1", "-o", "PidFile=none"]) { RedirectStandardError = true })!;
        try
        {
            var line = await server.StandardError.ReadLineAsync();
            Assert.Contains("listening", line, StringComparison.OrdinalIgnoreCase);
            _ = server.StandardError.ReadToEndAsync();
            var fingerprint = Tool.Run("ssh-keygen", ["-lf", folder + "/key.pub"]).Output.Split(' ')[1];
            Assert.Equal(Severity.Fine, (await HostAsync(fingerprint)).Severity);
            var other = await HostAsync("SHA256:Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE");
            Assert.Equal(Severity.Error, other.Severity);
            Assert.Contains(fingerprint, other.Reason, StringComparison.Ordinal);
        }
        finally
        {
            server.Kill();
            await server.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
        Assert.Equal(Severity.Unknown, (await HostAsync("SHA256:Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE")).Severity);

        async Task<Finding> HostAsync(string pin) =>
            Found(await LookAsync("host-disk-customer", ("hostAddress", "127.0.0.1"), ("sshPort", port.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("hostKeyFingerprint", pin)), $"host 127.0.0.1:{port}");
    }

    private async Task<ImmutableArray<Finding>> LookAsync(string example, params (string Key, string? Value)[] changes)
    {
        Ready();
        return await Run().LookAsync(Settings(example, changes), probe: false, CancellationToken.None);
    }

    private PreflightRun Run() => new(TimeProvider.System, [NameServers.Root], names.Port);

    private void Ready()
    {
        if ((names.Missing ?? authority.Missing) is { } missing) Assert.Skip(missing);
    }

    /// <summary>Registries and issuers of the examples are not there; what they are asked is tested elsewhere.</summary>
    private static StackSettings Settings(string example, params (string Key, string? Value)[] changes)
    {
        var verdict = SettingsJudge.Judge(ExampleStack.Named(example).With([("imageRegistry", example.StartsWith("host-s3", StringComparison.Ordinal) ? null : "localhost:1"), ("dnsResolver", null), .. changes]).Input, DateTimeOffset.UtcNow);
        return verdict.Settings ?? throw new InvalidOperationException(verdict.ToString());
    }

    private static Finding Found(ImmutableArray<Finding> findings, string what) => Assert.Single(findings, f => f.What == what);
}
