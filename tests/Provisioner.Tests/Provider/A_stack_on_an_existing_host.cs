using ExampleStacks;
using PulumiEngine;
using PulumiEngine.Deploying;
using Provisioner.Tests.Deploying;
using Xunit;

namespace Provisioner.Tests.Provider;

/// <summary>The whole way: the Pulumi program, the local engine, our provider as a process, a real sshd. Only Docker is a script there.</summary>
public sealed class A_stack_on_an_existing_host : IAsyncLifetime
{
    private readonly LoopbackHost _host = new();
    private readonly string _states = Directory.CreateTempSubdirectory("hosted-states-").FullName;
    private readonly IssuedCertificate _certificate = HostedStack.Authority.Issue([HostedStack.Domain]);

    public async ValueTask InitializeAsync()
    {
        await _host.InitializeAsync();
        _host.Ready();
        if (new DriveInfo(_host.Folder).AvailableFreeSpace < 12L << 30) Assert.Skip("Less than 12 GiB are free here: the host would be refused for it.");
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_states, recursive: true);
    }

    [Fact]
    public async Task Is_foreseen_broken_off_finished_left_alone_looked_at_put_right_changed_in_place_and_ended()
    {
        // A preview goes nowhere: not even the staging folder is there afterwards.
        var preview = (await Engine().PreviewAsync()).MustSucceed();
        Assert.Equal((Operation.Create, Operation.Create), (preview.Step("certificate").Operation, preview.Step("appliance").Operation));
        Assert.Empty(_host.Journal);
        Assert.Empty(Directory.GetFileSystemEntries($"{_host.Folder}/vartmp"));

        // What breaks off is kept unfinished, and the next run finishes it.
        _host.Write("registry-down", "");
        var failed = await Engine().UpAsync();
        Assert.Contains(failed.Errors, e => e.Contains("no route to the registry", StringComparison.Ordinal) && e.Contains("run this again", StringComparison.Ordinal));
        Assert.Contains(failed.State.Resources, r => r is { Type: "appliance:index:Installation", InitErrors.Count: > 0 });
        File.Delete($"{_host.Folder}/registry-down");
        var up = (await Engine().UpAsync()).MustSucceed();
        Assert.Equal((Operation.Same, Operation.Update), (up.Step("certificate").Operation, up.Step("appliance").Operation));
        var serial = _certificate.Certificate.SerialNumber.ToLowerInvariant();
        Assert.Equal(serial, new FileInfo(_host.At("/srv/appliance/tls/current")).LinkTarget);
        Assert.Equal(_certificate.KeyPem.Trim(), _host.Read($"/srv/appliance/tls/{serial}/server.key")!.Trim());
        Assert.Contains("APPLIANCE_URL=https://backup.example.org", _host.Read("/opt/appliance/release/environment"), StringComparison.Ordinal);
        Assert.Equal(48, _host.Read("/srv/appliance/state/db-password")!.Length);
        Assert.Contains("docker pull -q registry.example.org/backup/appliance:0.1.0", _host.Commands);
        Assert.Equal(["app-a", "certificates", "db", "proxy", "worker"], _host.Running.Keys.Order());
        Assert.Equal("0.1.0", up.Step("appliance").Outputs.Fields["version"].StringValue);
        Assert.Equal((_host.Fingerprint, serial), (up.Outputs.Fields["hostKeyFingerprint"].StringValue, up.Step("certificate").Outputs.Fields["serial"].StringValue));
        var state = await File.ReadAllTextAsync(Directory.GetFiles(_states).Single());
        Assert.DoesNotContain("PRIVATE KEY", state, StringComparison.Ordinal);

        var before = _host.Fingerprints();
        var journal = _host.Journal.Length;
        Assert.False((await Engine().UpAsync()).MustSucceed().HasChanges);
        Assert.False((await Engine().RefreshAsync()).MustSucceed().HasChanges);
        Assert.Equal((before, journal), (_host.Fingerprints(), _host.Journal.Length));

        // Somebody works on the host by hand, and the products stop.
        File.AppendAllText(_host.At("/opt/appliance/nginx/headers.conf"), "# by hand\n");
        _host.StopProducts();
        Assert.False((await Engine().UpAsync()).MustSucceed().HasChanges);      // nobody looked
        var refreshed = (await Engine().RefreshAsync()).MustSucceed();
        Assert.Contains(refreshed.Step("appliance").Changed, c => c.Contains("headers.conf", StringComparison.Ordinal));
        var repair = (await Engine().PreviewAsync()).MustSucceed();
        Assert.Equal(["desired.files[\"/opt/appliance/nginx/headers.conf\"]", "desired.images[\"app\"]", "desired.images[\"certificates\"]", "desired.images[\"db\"]", "desired.images[\"proxy\"]", "desired.images[\"worker\"]"], repair.Step("appliance").Changed);
        Assert.Equal([Operation.Update], repair.Changes.Select(c => c.Operation));
        (await Engine().UpAsync()).MustSucceed();
        Assert.DoesNotContain("by hand", _host.Read("/opt/appliance/nginx/headers.conf"), StringComparison.Ordinal);
        Assert.Equal(["app-a", "certificates", "db", "proxy", "worker"], _host.Running.Keys.Order());

        // A renewed certificate and a new version: in place, and only what hangs on them.
        var renewed = HostedStack.Authority.Issue([HostedStack.Domain]);
        var password = _host.Read("/srv/appliance/state/db-password");
        var changed = (await Engine(renewed, ("version", "0.2.0")).UpAsync()).MustSucceed();
        Assert.Equal([Operation.Update, Operation.Update], changed.Changes.Where(c => c.Type.StartsWith("appliance:index:", StringComparison.Ordinal)).Select(c => c.Operation));
        Assert.DoesNotContain(changed.Changes, c => c.Operation is Operation.Replace or Operation.Delete);
        Assert.Equal(renewed.Certificate.SerialNumber.ToLowerInvariant(), new FileInfo(_host.At("/srv/appliance/tls/current")).LinkTarget);
        Assert.True(Directory.Exists(_host.At($"/srv/appliance/tls/{serial}")), "the former certificate is kept");
        Assert.Equal(password, _host.Read("/srv/appliance/state/db-password"));
        Assert.Equal("0.2.0", changed.Step("appliance").Outputs.Fields["version"].StringValue);
        Assert.False((await Engine(renewed, ("version", "0.2.0")).PreviewAsync()).MustSucceed().HasChanges);

        (await Engine(renewed, ("version", "0.2.0")).DestroyAsync()).MustSucceed();
        Assert.Empty(_host.Running);
        Assert.Null(_host.Read("/opt/appliance/release/compose.yaml"));
        Assert.Equal(password, _host.Read("/srv/appliance/state/db-password"));
        Assert.NotNull(_host.Read("/srv/appliance/tls/current/server.key"));
    }

    [Fact]
    public async Task With_another_host_key_is_refused_and_nothing_is_put_there()
    {
        var failed = await Engine(null, ("hostKeyFingerprint", "SHA256:Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE")).UpAsync();
        Assert.Contains(failed.Errors, e => e.Contains($"its host key is {_host.Fingerprint}", StringComparison.Ordinal));
        Assert.DoesNotContain(failed.State.Resources, r => r.Type.StartsWith("appliance:index:", StringComparison.Ordinal));
        Assert.Empty(_host.Journal);
    }

    private LocalEngine Engine(IssuedCertificate? certificate = null, params (string Key, string? Value)[] changes) =>
        HostedStack.Engine(HostedStack.Input(certificate ?? _certificate, [.. HostedStack.On(_host), .. changes]), _states);
}
