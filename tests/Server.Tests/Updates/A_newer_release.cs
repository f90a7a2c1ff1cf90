using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Updates;
using Appliance.Server.Jobs;
using Appliance.Server.Pages.Parts;
using Appliance.Server.Tests.Diagnosis;
using Bunit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Appliance.Server.Tests.Updates;

/// <summary>It is told of and nothing more, by whom somebody has named and by nobody else.</summary>
public sealed class A_newer_release(ServerFixture server) : IDisposable
{
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task Is_shown_by_home_page_and_metrics_of_an_appliance_that_was_told_where_to_look()
    {
        await using var vendor = await Vendor.StartAsync();
        vendor.Announce("0.2.0");
        var folder = Directory.CreateTempSubdirectory("updates-").FullName;
        await using var app = await Program.BuildAsync([
            "--urls", "http://127.0.0.1:0", "--Catalog:ConnectionString", server.NewConnectionString(), "--Storage:Root", folder + "/vaults", "--Keys:Directory", folder + "/keys", "--Logging:LogLevel:Default", "Error",
            "--Updates:Url", vendor.Url.ToString(), "--Updates:Key", vendor.KeyText,
        ]);
        await app.StartAsync();
        using var browser = await SignedInAsync(app.Urls.First(), folder + "/keys/setup-link");
        await using var home = new BunitContext();
        home.Services.AddSingleton(app.Services.GetRequiredService<ServerSettings>()).AddSingleton(app.Services.GetRequiredService<UpdateLooks>());
        Assert.Equal("", home.Render<NewerRelease>().Markup.Trim());
        Assert.DoesNotContain("appliance_update", await browser.GetStringAsync("/metrics"), StringComparison.Ordinal);

        await app.Services.GetServices<IHostedService>().OfType<UpdateClock>().Single().LookAsync(default);
        var shown = home.Render<NewerRelease>();
        shown.WaitForAssertion(() => Assert.Equal("Release 0.2.0 is out", shown.Find("[data-testid=newer-release]").TextContent), TimeSpan.FromMinutes(1));
        var metrics = await browser.GetStringAsync("/metrics");
        Assert.Matches("(?m)^appliance_update_available 1$", metrics);
        Assert.Matches("(?m)^appliance_update_told_timestamp_seconds [1-9]", metrics);
        var operations = await File.ReadAllTextAsync(Path.Combine(ServerFixture.Root(), "docs", "operations.md"));
        Assert.All(new[] { "appliance_update_available", "appliance_update_told_timestamp_seconds" }, name => Assert.Contains($"`{name}`", operations, StringComparison.Ordinal));

        // Who asks says nothing of itself.
        Assert.Equal([$"Host: {vendor.Url.Authority}"], vendor.Headers.Where(h => !h.StartsWith("Accept-Encoding: ", StringComparison.Ordinal)));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Is_told_by_doctor_and_status_and_what_is_no_announcement_only_as_trouble()
    {
        await using var vendor = await Vendor.StartAsync();
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var appliance = await LookedAtAppliance.WellAsync(server);
        await using var db = await appliance.OpenAsync();
        using var clock = Clock(vendor, db);
        Assert.DoesNotContain("updates", (await appliance.RunAsync("doctor")).Output, StringComparison.Ordinal);
        await File.AppendAllTextAsync(appliance.EnvFile, $"Updates__Url={vendor.Url}\nUpdates__Key={vendor.KeyText}\n");
        await ExpectAsync(0, "Nobody has looked for a newer release yet");

        vendor.Announce("0.0.9");
        await LookAsync();
        await ExpectAsync(1, "The release that is announced, 0.0.9, is older than 0.1.0");
        Assert.DoesNotContain("failed:", (await appliance.RunAsync("doctor")).Output, StringComparison.Ordinal);
        vendor.Announce(ApplianceVersion.Current);
        await LookAsync();
        await ExpectAsync(0, "0.1.0 is the newest release (as of ");
        vendor.Announce("0.1.1-rc.1");
        await LookAsync();
        await ExpectAsync(1, "Release 0.1.1-rc.1 is out; 0.1.0 runs here", "Nothing is updated by itself");

        foreach (var (harm, cause, remedy) in new (Action, string, string)[]
        {
            (() => vendor.Announce("9.0.0", other), "not signed by the key of Updates:Key", "Ask the vendor whether the key has changed"),
            (() => vendor.Announce("9.0.0", signed: false), "The manifest is not signed.", "--sign"),
            (() => vendor.Answer = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(vendor.Answer).Replace("\"form\":1", "\"form\":2", StringComparison.Ordinal)), "another form than this version reads", "update by hand"),
            (() => vendor.Answer = "<html>a page of a hotel</html>"u8.ToArray(), "no manifest of a release", "name the manifest of the newest release"),
            (() => vendor.Answer = new byte[AnnouncedRelease.LongestText + 1], "longer than 128 KiB", "still is where releases are announced"),
            (() => vendor.Status = 404, "answers 404", "still is where releases are announced"),
        })
        {
            harm();
            await LookAsync();
            await ExpectAsync(1, $"The last look for a newer release failed: ", cause, remedy, "Release 0.1.1-rc.1 is out");       // what was told before stays known
        }

        vendor.Status = 200;
        vendor.Announce(ApplianceVersion.Current);      // an old manifest that somebody has put back
        await LookAsync();
        await ExpectAsync(1, "Release 0.1.1-rc.1 is out", "The release that is announced, 0.1.0, is older than 0.1.1-rc.1, which was announced before");

        async Task LookAsync()
        {
            _time.Advance(TimeSpan.FromHours(25));
            var before = vendor.Times;
            await clock.LookAsync(default);
            Assert.Equal(before + 1, vendor.Times);
        }

        async Task ExpectAsync(int code, params string[] words)
        {
            var (given, output, error) = await appliance.RunAsync("doctor");
            Assert.True(given == code, output + error);
            Assert.All(words, w => Assert.Contains(w, output, StringComparison.Ordinal));
            Assert.Contains("  updates: " + words[0], (await appliance.RunAsync("status")).Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Is_asked_for_by_one_of_several_workers_once_a_day_and_after_a_failure_four_hours_later()
    {
        await using var vendor = await Vendor.StartAsync();
        vendor.Announce("0.2.0");
        await using var db = await CatalogDatabase.OpenAsync(server.NewConnectionString(), NullLogger.Instance, default);
        using var one = Clock(vendor, db);
        using var other = Clock(vendor, db);
        await Task.WhenAll(one.LookAsync(default), other.LookAsync(default));
        Assert.Equal(1, vendor.Times);
        await AfterAsync(TimeSpan.FromHours(23), 1);
        vendor.Status = 500;
        await AfterAsync(TimeSpan.FromHours(1), 2);
        await AfterAsync(TimeSpan.FromHours(3), 2);
        vendor.Status = 200;
        await AfterAsync(TimeSpan.FromHours(1), 3);
        await AfterAsync(TimeSpan.FromHours(5), 3);
        await AfterAsync(TimeSpan.FromDays(-400), 4);       // the clock was wrong before; nothing waits for that time to come again

        async Task AfterAsync(TimeSpan time, int times)
        {
            var now = new FakeTimeProvider(_time.GetUtcNow() + time);
            if (time > TimeSpan.Zero) _time.Advance(time);
            using var clock = Clock(vendor, db, now);
            await clock.LookAsync(default);
            Assert.Equal(times, vendor.Times);
        }
    }

    [Fact]
    public async Task Is_not_waited_for_longer_than_half_a_minute()
    {
        await using var vendor = await Vendor.StartAsync();
        vendor.Silent = true;
        var asking = new UpdateSource(vendor.Url, vendor.Key, _http, _time).AskAsync(default);
        await vendor.Asked;
        Assert.False(asking.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(31));
        Assert.Contains("does not answer within 30 seconds", (await Assert.ThrowsAsync<EngineException>(() => asking)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Is_asked_for_by_nobody_unless_somebody_wants_it() =>
        Assert.DoesNotContain(server.App.Services.GetServices<IHostedService>(), s => s is UpdateClock);

    [Theory]
    [InlineData("http://releases.example.org/release.json", "k", "no https:// address")]
    [InlineData("https://ann:secret@releases.example.org/", "k", "no https:// address without a user")]
    [InlineData("releases.example.org", "k", "no https:// address")]
    [InlineData("https://releases.example.org/release.json", null, "Updates:Key is missing")]
    [InlineData("https://releases.example.org/release.json", "bm8ga2V5", "no public key on P-256")]
    public void Is_looked_for_over_TLS_and_by_a_key_or_the_server_does_not_start(string url, string? key, string mistake)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Catalog:ConnectionString"] = "Server=db", ["Storage:Root"] = "/data", ["Keys:Directory"] = "/keys", ["Updates:Url"] = url, ["Updates:Key"] = key,
        }).Build();
        var told = Assert.Throws<InvalidOperationException>(() => ServerSettings.Read(settings)).Message;
        Assert.Contains(mistake, told, StringComparison.Ordinal);
        Assert.DoesNotContain("ann:secret", told, StringComparison.Ordinal);
    }

    /// <summary>The file is one that the provisioner reads and signs alike (Delivery.Tests).</summary>
    [Fact]
    public async Task Is_read_from_a_manifest_in_which_no_signed_character_was_changed()
    {
        var golden = Path.Combine(ServerFixture.Root(), "tests", "Delivery.Tests", "Golden");
        using var key = UpdateSource.ReadKey(await File.ReadAllTextAsync(Path.Combine(golden, "release.key")))!;
        var manifest = await File.ReadAllBytesAsync(Path.Combine(golden, "release.json"));
        Assert.Equal("1.10.0", AnnouncedRelease.Read(manifest, key).Version.ToString());
        var refused = 0;
        for (var at = 0; at < manifest.Length; at++)
        {
            var changed = manifest.ToArray();
            changed[at] ^= 1;
            try
            {
                Assert.Equal("1.10.0", AnnouncedRelease.Read(changed, key).Version.ToString());
            }
            catch (EngineException)
            {
                refused++;
            }
        }
        Assert.InRange(refused, manifest.Length / 2, manifest.Length);
    }

    [Fact]
    public void Is_newer_as_semantic_versioning_says()
    {
        string[] inOrder = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.1.0", "1.10.0", "2.0.0"];
        var versions = inOrder.Select(v => ReleaseVersion.Parse(v)!.Value).ToArray();
        for (var i = 0; i < versions.Length; i++)
            for (var j = 0; j < versions.Length; j++) Assert.Equal(Math.Sign(i.CompareTo(j)), Math.Sign(versions[i].CompareTo(versions[j])));
        Assert.Equal(inOrder, versions.Select(v => v.ToString()));
        Assert.All(new[] { "", "1", "1.0", "1.0.0.0", "v1.0.0", "1.0.0-", "1.0.0-a b", "1.0.-1", "1.0.0\n" }, v => Assert.Null(ReleaseVersion.Parse(v)));
    }

    private UpdateClock Clock(Vendor vendor, CatalogDatabase db, TimeProvider? time = null) =>
        new(new UpdateSource(vendor.Url, vendor.Key, _http, time ?? _time), new UpdateLooks(db, time ?? _time), time ?? _time, NullLogger<UpdateClock>.Instance);

    private static async Task<HttpClient> SignedInAsync(string address, string setupLink)
    {
        var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = new Uri(address) };
        var token = (await File.ReadAllTextAsync(setupLink)).Trim().Split("token=")[1];
        (await client.PostAsJsonAsync("/api/v1/setup", new { token, userName = ServerFixture.UserName, password = ServerFixture.Password })).EnsureSuccessStatusCode();
        var answer = await client.PostAsJsonAsync("/api/v1/sessions", new { userName = ServerFixture.UserName, password = ServerFixture.Password });
        answer.EnsureSuccessStatusCode();
        client.DefaultRequestHeaders.Add("Cookie", answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        return client;
    }
}
