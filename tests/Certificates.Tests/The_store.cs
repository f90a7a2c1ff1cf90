using ExampleStacks;
using Provisioner.Certificates;
using Provisioner.Certificates.Bought;
using Provisioner.Certificates.Store;
using Xunit;

namespace Certificates.Tests;

public sealed class The_store : IDisposable
{
    private static readonly TestAuthority Authority = new("Store");
    private readonly TestStore _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public void Switches_in_one_step_and_keeps_what_was_served()
    {
        var (first, second) = (Add(), Add());
        Assert.Null(_store.Store.Current);
        _store.Store.Switch(first);
        _store.Store.Switch(first);
        Assert.Equal((first.Serial, null), (_store.Store.Current!.Serial, _store.Store.Previous?.Serial));
        _store.Store.Switch(second);
        Assert.Equal((second.Serial, first.Serial), (_store.Store.Current!.Serial, _store.Store.Previous!.Serial));
        _store.Store.SwitchBack(first);
        Assert.Equal((first.Serial, first.Serial), (_store.Store.Current!.Serial, _store.Store.Previous!.Serial));
        Assert.Equal("paid", first.Origin!.Source);
        foreach (var name in new[] { "fullchain.pem", "privkey.pem", "server.crt", "server.key" }) Assert.NotEmpty(File.ReadAllText(_store.FileOf("current", name)));
    }

    [Fact]
    public async Task Is_never_seen_half_switched_by_a_reader()
    {
        var certificates = new[] { Add(), Add() };
        _store.Store.Switch(certificates[0]);
        using var over = new CancellationTokenSource();
        var reader = Task.Run(() =>
        {
            var seen = 0;
            while (!over.IsCancellationRequested || seen == 0)
            {
                Assert.Contains("BEGIN CERTIFICATE", File.ReadAllText(_store.FileOf("current", "fullchain.pem")), StringComparison.Ordinal);
                seen++;
            }
        });
        for (var turn = 1; turn <= 200; turn++) _store.Store.Switch(certificates[turn % 2]);
        await over.CancelAsync();
        await reader;
    }

    [Fact]
    public void Goes_on_from_whatever_a_killed_process_left_there()
    {
        var issued = Checked();
        var serial = issued.Facts.Serial.ToLowerInvariant();
        // A folder half built, links half made.
        Directory.CreateDirectory($"{_store.Root}/.new-{serial}");
        File.WriteAllText($"{_store.Root}/.new-{serial}/privkey.pem", "half");
        File.CreateSymbolicLink($"{_store.Root}/current.new", "nowhere");
        File.CreateSymbolicLink($"{_store.Root}/previous.new", "nowhere");
        File.WriteAllText($"{_store.Root}/status.json.new", "{");
        var stored = _store.Store.Add(issued, new CertificateOrigin("paid", null, null, DateTimeOffset.UnixEpoch));
        _store.Store.Switch(stored);
        _store.Store.Switch(_store.Store.Add(Checked(), new CertificateOrigin("paid", null, null, DateTimeOffset.UnixEpoch)));
        Assert.Equal(serial, _store.Store.Previous!.Serial);
        // Placed once more, after a kill between the folder and the journal.
        Assert.Equal(serial, _store.Store.Add(issued, new CertificateOrigin("paid", null, null, DateTimeOffset.UnixEpoch)).Serial);
    }

    [Fact]
    public async Task That_cannot_be_read_is_not_an_empty_one()
    {
        var stored = Add();
        _store.Store.Switch(stored);
        File.WriteAllText(_store.FileOf(stored.Serial, "fullchain.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        Assert.Throws<CertificateException>(() => _store.Store.Current);
        var agent = _store.Bought();
        Assert.Equal(Provisioner.Certificates.Renewal.PassResult.Failed, await agent.PassAsync(false, false, default));
        Assert.Contains("cannot be read", agent.Status.Failure!.Cause, StringComparison.Ordinal);
        Directory.Delete($"{_store.Root}/{stored.Serial}", recursive: true);
        Assert.Throws<CertificateException>(() => _store.Store.Current);       // the link leads nowhere: somebody removed it, or the disk is not mounted
        File.Delete($"{_store.Root}/current");
        Directory.CreateDirectory($"{_store.Root}/current");
        Assert.Throws<CertificateException>(() => _store.Store.Current);
    }

    [Fact]
    public async Task Lets_only_one_order_at_a_time()
    {
        using (var held = StoreLock.Take(_store.Root))
        {
            Assert.NotNull(held);
            Assert.Null(StoreLock.Take(_store.Root));
            Assert.Equal(Provisioner.Certificates.Renewal.PassResult.Busy, await _store.Bought().PassAsync(true, false, default));
        }
        using var again = StoreLock.Take(_store.Root);
        Assert.NotNull(again);
    }

    [Fact]
    public void Does_not_take_a_broken_disk_for_another_holder()
    {
        File.CreateSymbolicLink($"{_store.Root}/lease", $"{_store.Root}/lease");      // opening it fails, and nobody holds it
        Assert.Throws<IOException>(() => StoreLock.Take(_store.Root)?.Dispose());
    }

    [Fact]
    public async Task Says_so_before_an_order_when_it_cannot_be_written()
    {
        File.WriteAllText($"{_store.Root}/taken", "");
        var agent = new Provisioner.Certificates.Renewal.Agent(new Provisioner.Certificates.Renewal.AgentSettings($"{_store.Root}/taken/store", [TestStore.Name], null, null, TimeSpan.Zero), _store.Time, _store.Log);
        await Assert.ThrowsAsync<CertificateException>(() => agent.PassAsync(false, false, default));
    }

    private static CheckedCertificate Checked()
    {
        var issued = Authority.Issue([TestStore.Name]);
        return BoughtCertificate.FromPem(issued.ChainPem, issued.KeyPem, null, TestStore.Name, DateTimeOffset.UtcNow, (_, reason, _) => Assert.Fail(reason))!;
    }

    private StoredCertificate Add() => _store.Store.Add(Checked(), new CertificateOrigin("paid", null, null, DateTimeOffset.UnixEpoch));
}
