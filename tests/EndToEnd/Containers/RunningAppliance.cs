using System.Net;
using System.Net.Sockets;
using EndToEnd.Kills;
using OrgSimulator;
using Xunit;

namespace EndToEnd.Containers;

[CollectionDefinition(Name)]
public sealed class InContainers : ICollectionFixture<RunningAppliance>
{
    public const string Name = "in containers";
}

/// <summary>
/// The whole appliance in containers with the real app, for all tests here: release 1.0.0 runs, a user is signed in, an org is connected over TLS, has a schedule, a recovery key and a
/// first backup. Each test leaves it so.
/// </summary>
public sealed class RunningAppliance : IAsyncLifetime
{
    internal const string ClientSecret = "Recognisable-client-secret-of-the-org-0815", Passphrase = "Recognisable passphrase of the vaults";
    private PrivateEngine? _engine;
    private InstalledAppliance? _installed;
    private OrgSimulatorHost? _org;
    private TlsDoor? _orgDoor;
    private SignedIn? _user;
    private string? _missing;
    private volatile bool _slow;

    internal PrivateEngine Engine => _engine!;
    internal InstalledAppliance Installed => _installed!;
    internal OrgSimulatorHost Org => _org!;
    internal SignedIn User => _user!;

    /// <summary>Of the simulator itself, without TLS.</summary>
    internal Uri OrgBehindTheDoor => _orgDoor!.Backend!;

    /// <summary>What opens the self-backups.</summary>
    internal string RecoveryKey { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        _missing = Environment.GetEnvironmentVariable("NIGHTLY") is null ? "a long run: ./test --nightly" : PrivateEngine.Missing();
        if (_missing is not null) return;
        _engine = new PrivateEngine();
        await Engine.StartAsync();
        await Engine.MustAsync("bash", Path.Combine(Up.Repository.Root, "tests/EndToEnd/Docker/releases"));
        _orgDoor = new TlsDoor(Engine.Outside);
        var port = FreePort();
        _org = await OrgSimulatorHost.StartAsync(new SimulatorOptions { Port = port, Generate = 3_000, Seed = 23, PublicUrl = _orgDoor.Address.AbsoluteUri.TrimEnd('/'), Warnings = TextWriter.Null });
        _orgDoor.Backend = new Uri($"http://127.0.0.1:{port}");
        Org.Faults.Before = (_, cancellationToken) => _slow ? Task.Delay(700, cancellationToken) : Task.CompletedTask;

        _installed = new InstalledAppliance(Engine);
        await Installed.PrepareAsync(_orgDoor.CertificatePem, Passphrase);
        var took = await Installed.GoToAsync(InstalledAppliance.First);
        Say($"first start {took.TotalSeconds:0} s");
        _user = NewUser();
        await User.SetUpAsync(await File.ReadAllTextAsync($"{Installed.Data}/keys/setup-link"));
        await User.ConnectAsync(Org, ClientSecret);
        await User.SendAsync(HttpMethod.Post, $"orgs/{User.OrgId}/schedules", new { kind = "incremental", cadence = "monthly 1 02:30", timeZone = "Europe/Berlin" });
        RecoveryKey = (await User.SendAsync(HttpMethod.Post, "self-backups/recovery-key", null)).GetProperty("key").GetString()!;
        await BackUpAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _user?.Dispose();
        if (_installed is not null) await _installed.DisposeAsync();
        if (_org is not null) await _org.DisposeAsync();
        if (_orgDoor is not null) await _orgDoor.DisposeAsync();
        if (_engine is not null) await _engine.DisposeAsync();
    }

    internal void Ready() => Assert.SkipUnless(_missing is null, _missing ?? "");

    /// <summary>For what nobody has seen pass whole yet (docs/release.md).</summary>
    internal void ReadyWhenAsked()
    {
        Ready();
        Assert.SkipUnless(Environment.GetEnvironmentVariable("CONTAINERS") is not null, "not seen to pass whole yet: CONTAINERS=1 beside --nightly runs it");
    }

    internal SignedIn NewUser() => new(Installed.Address, _orgDoor!);

    /// <summary>The machine is no more, with containers, volumes, configuration and disk; this host takes its place.</summary>
    internal async Task LoseMachineAsync(InstalledAppliance next)
    {
        var lost = Installed;
        _installed = next;
        await lost.DisposeAsync();
    }

    /// <summary>To the host that took the machine's place.</summary>
    internal async Task SignInAgainAsync()
    {
        User.Dispose();
        _user = NewUser();
        await User.SignInAsync();
        await User.FindOrgAsync();
    }

    internal InstalledAppliance NewHost() => new(Engine);

    internal string OrgCertificate => _orgDoor!.CertificatePem;

    /// <summary>While it is set, the org takes its time over every call: a backup then lasts minutes.</summary>
    internal bool Slow { set => _slow = value; }

    /// <returns>Id of the snapshot.</returns>
    internal async Task<string> BackUpAsync(string kind = "full") => Snapshot(await User.SucceedAsync(await User.StartBackupAsync(kind)));

    internal static string Snapshot(System.Text.Json.JsonElement job) => job.GetProperty("result").GetProperty("snapshotId").GetString()!;

    /// <summary>Whether both snapshots hold the same, byte for byte.</summary>
    internal async Task AssertSameAsync(string one, string other)
    {
        await using var vault = await Installed.OpenVaultAsync();
        var (first, second) = (await SnapshotDigest.OfAsync(vault, one), await SnapshotDigest.OfAsync(vault, other));
        Assert.True(first.Count > 5, "hardly anything was backed up");
        Assert.Equal(first, second);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    internal static void Say(string line) => TestContext.Current.SendDiagnosticMessage(line);
}
