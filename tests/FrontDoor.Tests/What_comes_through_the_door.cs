using System.Net;
using Xunit;

namespace FrontDoor.Tests;

public sealed class What_comes_through_the_door(RunningDoor door) : IClassFixture<RunningDoor>
{
    [Fact]
    public async Task Carries_the_clients_real_address_and_not_the_one_it_claims()
    {
        using var client = door.Client();
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "9.9.9.9");
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "http");
        Assert.Equal($"a client=127.0.0.1 scheme=https host={RunningDoor.Name} sent=0", await client.GetStringAsync("/"));
    }

    [Fact]
    public async Task May_be_a_large_upload()
    {
        using var client = door.Client();
        using var answer = await client.PostAsync("/import", new ByteArrayContent(new byte[20_000_000]));
        Assert.EndsWith("sent=20000000", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_slowed_down_where_somebody_signs_in_too_often_and_nowhere_else()
    {
        using var client = door.Client();
        var statuses = new List<HttpStatusCode>();
        for (var attempt = 0; attempt < 40; attempt++) statuses.Add((await client.PostAsync("/api/v1/sessions", null)).StatusCode);
        Assert.All(statuses.Take(20), s => Assert.Equal(HttpStatusCode.OK, s));
        Assert.Contains(HttpStatusCode.TooManyRequests, statuses);
        for (var attempt = 0; attempt < 40; attempt++) Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/api/v1/sessions")).StatusCode);
    }

    [Fact]
    public async Task Is_never_the_private_health_page()
    {
        using var client = door.Client();
        foreach (var path in (string[])["/private/health", "/Private/health", "/PRIVATE/HEALTH", "/private", "/%70rivate/health"])
            Assert.Equal(HttpStatusCode.NotFound, (await client.GetAsync(path)).StatusCode);
    }

    [Fact]
    public async Task Is_sent_from_the_plain_port_to_the_encrypted_one_but_for_the_authoritys_questions()
    {
        using var client = door.PlainClient();
        using var moved = await client.GetAsync("/orgs?page=2");
        Assert.Equal((HttpStatusCode.MovedPermanently, $"https://{RunningDoor.Name}/orgs?page=2"), (moved.StatusCode, moved.Headers.Location!.ToString()));
        Assert.False(moved.Headers.Contains("Strict-Transport-Security"));
        Assert.StartsWith("certificates ", await client.GetStringAsync("/.well-known/acme-challenge/a-token"), StringComparison.Ordinal);
    }
}
