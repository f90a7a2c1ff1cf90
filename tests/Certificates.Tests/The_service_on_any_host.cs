using System.Diagnostics;
using Certificates.Tests.Authority;
using ExampleStacks;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Certificates;
using Provisioner.Certificates.Commands;
using Provisioner.Certificates.Renewal;
using Provisioner.Certificates.Store;
using Xunit;

namespace Certificates.Tests;

/// <summary>`certificates run`, the same for certificates that are ordered and those that are bought: it goes by its settings as they are written, and nothing that is written ends it.</summary>
public sealed class The_service_on_any_host(TestCa ca) : IClassFixture<TestCa>, IAsyncDisposable
{
    private static readonly TestAuthority Authority = new("Bought");

    private readonly TestStore _store = new();
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly Lines _said = new();
    private readonly CancellationTokenSource _over = new();
    private Task<int> _service = null!;
    private int _written;

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        if (_service is not null) Assert.Equal(ExitCode.Well, await _service);
        _over.Dispose();
        _store.Dispose();
    }

    [Fact]
    public async Task Goes_from_bought_to_ordered_and_back_by_its_settings_and_orders_nothing_more_then()
    {
        ca.Ready();
        Bought();
        Start();
        Inbox(out var first);
        await UntilAsync("the bought one is taken", () => _store.Current == first);
        Assert.Equal(0, Orders);

        Write(_store.Document(ca));
        await UntilAsync("one is ordered", () => _store.Current != first && Status.Source == "acme" && Status.Serial == _store.Current);
        var ordered = _store.Current!;
        Assert.Equal((1, "acme"), (Orders, _store.Store.Current!.Origin!.Source));

        // Back to bought ones: what is served stays until there is another.
        Bought();
        await UntilAsync("the settings are taken", () => Status.Source == "paid");
        _time.Advance(TimeSpan.FromDays(60));           // the ordered one would long be due
        await UntilAsync("it has looked again", () => Status.Looked > _time.GetUtcNow() - TimeSpan.FromHours(2));
        Assert.Equal((1, ordered, Alarm.Notice), (Orders, _store.Current, Status.Alarm));
        Inbox(out var second);
        await UntilAsync("the next bought one is taken", () => _store.Current == second);
        Assert.Equal((1, second, 0), (Orders, Status.Serial, Status.Failures));
    }

    [Fact]
    public async Task Keeps_the_settings_that_it_has_when_others_are_of_no_use()
    {
        Bought();
        Start("--heartbeat", $"{_store.Root}/alive");
        Inbox(out var first);
        await UntilAsync("the first one is taken", () => _store.Current == first);
        Assert.True(File.Exists($"{_store.Root}/alive"));
        File.WriteAllText($"{_store.Root}/settings.json", "{ \"store\": 1");
        Touch();
        await UntilAsync("it is told", () => _said.ToString().Contains(" 5205 ", StringComparison.Ordinal));
        File.Delete($"{_store.Root}/alive");
        Inbox(out var second);
        await UntilAsync("the next one is taken all the same", () => _store.Current == second && File.Exists($"{_store.Root}/alive"));
        Bought();
        await UntilAsync("mended ones are taken up", () => _said.ToString().Contains(" 5004 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Leaves_a_status_that_others_may_read_in_a_folder_of_its_own()
    {
        await _store.Bought().PassAsync(false, false, default);
        var folder = new DirectoryInfo($"{_store.Root}/status");
        Assert.Equal((UnixFileMode)0b111_101_101, folder.UnixFileMode);
        var file = Assert.Single(folder.GetFiles());
        Assert.Equal((UnixFileMode)0b110_100_100, file.UnixFileMode);
        var since = _store.Status.FailingSince;
        Assert.NotNull(since);
        _store.Time.Shift = TimeSpan.FromMinutes(5);
        await _store.Bought().PassAsync(false, false, default);
        Assert.Equal((2, since), (_store.Status.Failures, _store.Status.FailingSince));     // one series of failures, however long
    }

    /// <summary>The appliance reads it, and shares no code with us: it reads this file too (Server.Tests). A key that is there must stay.</summary>
    [Fact]
    public void Writes_its_status_in_the_form_that_the_appliance_reads()
    {
        var status = new AgentStatus
        {
            Looked = new(2026, 11, 30, 8, 0, 0, TimeSpan.Zero), Source = "paid", Names = ["backup.example.org"], Serial = "0a1b2c", Issuer = "CN=Bought", NotBefore = new(2026, 9, 1, 0, 0, 0, TimeSpan.Zero), NotAfter = new(2026, 12, 10, 0, 0, 0, TimeSpan.Zero),
            Alarm = Alarm.Warning, Proof = Proof.Differs, Failures = 2, Failure = new AgentFailure(new(2026, 11, 30, 7, 50, 0, TimeSpan.Zero), FailureKind.Operator, "The certificate in the inbox is refused.", "Put a better one there."),
            FailingSince = new(2026, 11, 29, 6, 0, 0, TimeSpan.Zero), NextTry = new(2026, 11, 30, 8, 10, 0, TimeSpan.Zero),
        };
        status.Write(_store.Root);
        Assert.Equal(File.ReadAllText(Path.Combine(Repository(), "tests/Formats/agent-status-v1.json")).Trim(), File.ReadAllText($"{_store.Root}/status/status.json").Trim());
    }

    [Fact]
    public async Task Is_waited_for_by_who_asks_for_a_renewal_meanwhile()
    {
        Bought();
        Inbox(out _);
        Assert.Equal(PassResult.Well, await _store.Bought().PassAsync(false, false, default));
        var held = StoreLock.Take(_store.Root);
        Assert.Equal(ExitCode.Busy, await RunAsync("renew"));
        var waiting = RunAsync("renew", "--wait", "600");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(waiting.IsCompleted);
        held!.Dispose();
        while (!waiting.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
        Assert.Equal(ExitCode.Well, await waiting);
    }

    private AgentStatus Status => _store.Status;

    /// <summary>Those that pebble made; refused nonces are none.</summary>
    private int Orders => ca.Proxy.Made.Values.Count(k => k == "order");

    private void Start(params string[] more) => _service = RunAsync(["run", .. more]);

    private Task<int> RunAsync(params string[] arguments) => Task.Run(() => new CertificatesTool(_time, _said, _said).RunAsync([.. arguments, "--settings", $"{_store.Root}/settings.json"], _over.Token));

    private void Bought() => Write(new AgentDocument { Store = _store.Root, Names = [TestStore.Name] });

    private void Write(AgentDocument document)
    {
        _store.Write(document);
        Touch();
    }

    /// <summary>Written so fast after another that the file system's clock might not tell.</summary>
    private void Touch() => File.SetLastWriteTimeUtc($"{_store.Root}/settings.json", DateTime.UnixEpoch.AddDays(++_written));

    private void Inbox(out string serial)
    {
        var issued = Authority.Issue([TestStore.Name], to: DateTimeOffset.UtcNow.AddDays(365));
        serial = issued.Certificate.SerialNumber.ToLowerInvariant();
        var inbox = Directory.CreateDirectory($"{_store.Root}/inbox").FullName;
        File.WriteAllText(inbox + "/fullchain.pem", issued.ChainPem);
        File.WriteAllText(inbox + "/privkey.pem", issued.KeyPem);
    }

    private async Task UntilAsync(string what, Func<bool> holds)
    {
        var began = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(began.Elapsed < TimeSpan.FromSeconds(60) && !_service.IsCompleted, $"{what}: {_said}");
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5);
        }
    }

    /// <summary>Written and read at the same time.</summary>
    private sealed class Lines : StringWriter
    {
        private readonly Lock _lock = new();

        public override void WriteLine(string? value)
        {
            lock (_lock) base.WriteLine(value);
        }

        public override Task WriteLineAsync(string? value)
        {
            WriteLine(value);
            return Task.CompletedTask;
        }

        public override string ToString()
        {
            lock (_lock) return base.ToString();
        }
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Appliance.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}
