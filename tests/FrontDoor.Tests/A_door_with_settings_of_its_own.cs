using System.Net;
using Xunit;

namespace FrontDoor.Tests;

public sealed class A_door_with_settings_of_its_own : IAsyncLifetime
{
    private readonly RunningDoor _door = new();

    public ValueTask InitializeAsync() => _door.InitializeAsync();

    public ValueTask DisposeAsync() => _door.DisposeAsync();

    [Fact]
    public async Task Answers_the_authority_from_a_folder_believes_trusted_hops_closes_for_maintenance_and_staples_only_where_a_responder_is_named()
    {
        Assert.False(File.Exists($"{_door.Folder}/nginx/current/parts/tls-stapling.conf"));
        await _door.StopAsync();
        Assert.True(await _door.StartAsync(("TRUSTED_HOPS", "127.0.0.1/32 10.0.0.0/8"), ("CERTIFICATES", ""), ("CHALLENGES", $"{_door.Folder}/challenges")), _door.Said);
        Directory.CreateDirectory($"{_door.Folder}/challenges/.well-known/acme-challenge");
        await File.WriteAllTextAsync($"{_door.Folder}/challenges/.well-known/acme-challenge/a-token", "a-token.of-the-account");
        using (var plain = _door.PlainClient())
        {
            Assert.Equal("a-token.of-the-account", await plain.GetStringAsync("/.well-known/acme-challenge/a-token"));
            Assert.Equal(HttpStatusCode.NotFound, (await plain.GetAsync("/.well-known/acme-challenge/another")).StatusCode);
        }
        using var client = _door.Client();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "X-Forwarded-For", "6.6.6.6, 203.0.113.7, 10.1.2.3" } } };
        // Read from the right: the last one that is no hop of ours. What stands before it, the client may have made up.
        Assert.Contains("client=203.0.113.7 ", await (await client.SendAsync(request)).Content.ReadAsStringAsync(), StringComparison.Ordinal);

        await File.WriteAllTextAsync($"{_door.Folder}/front/maintenance", "");
        using (var closed = await client.GetAsync("/"))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, closed.StatusCode);
            Assert.Contains("Maintenance", await closed.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.NotNull(closed.Headers.RetryAfter);
        }
        File.Delete($"{_door.Folder}/front/maintenance");
        Assert.StartsWith("a ", await client.GetStringAsync("/"), StringComparison.Ordinal);

        var was = _door.Serving;
        _door.Place("with-responder", RunningDoor.Issue(responder: true));
        await _door.UntilAsync(() => _door.Serving != was, "the other certificate");
        Assert.Contains("ssl_stapling on", await File.ReadAllTextAsync($"{_door.Folder}/nginx/current/parts/tls-stapling.conf"), StringComparison.Ordinal);

        // Nobody is behind the door: that is told, without the one-time secret of the request.
        _door.Switch("127.0.0.1:1");
        await _door.UntilAsync(() => _door.Serving.Contains("127.0.0.1:1 ", StringComparison.Ordinal), "no server");
        using var later = _door.Client();
        foreach (var path in new[] { "/orgs", "/setup?token=very-secret", "/oauth/callback?code=very-secret" }) Assert.Equal(HttpStatusCode.ServiceUnavailable, (await later.GetAsync(path)).StatusCode);
        Assert.Contains("/orgs", _door.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", _door.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Takes_up_a_certificate_while_the_server_has_been_away_since_the_start()
    {
        await _door.StopAsync();
        _door.Switch("nowhere.invalid:8080");
        Assert.True(await _door.StartAsync(), _door.Said);
        using var client = _door.Client(reuse: false);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await client.GetAsync("/")).StatusCode);

        var renewed = RunningDoor.Issue();
        _door.Place("renewed", renewed);
        await _door.UntilAsync(() => { using var answer = client.GetAsync("/").GetAwaiter().GetResult(); return _door.Seen == renewed.Certificate.SerialNumber; }, "the renewed certificate");
        _door.Switch(_door.A.Address);
        await _door.UntilAsync(() => _door.Serving.Contains(_door.A.Address, StringComparison.Ordinal), "server a");
        Assert.StartsWith("a ", await client.GetStringAsync("/"), StringComparison.Ordinal);

        // From now on a server stands behind the door, and a name that is not found takes nothing from it.
        _door.Switch("nowhere.invalid:8080");
        await _door.UntilAsync(() => _door.Said.Contains("nowhere.invalid:8080 is not found", StringComparison.Ordinal), "the refusal");
        Assert.StartsWith("a ", await client.GetStringAsync("/"), StringComparison.Ordinal);
    }
}
