using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Appliance.Server.Tests.Alerts;

public sealed class Alerts_over_the_api(ServerFixture server)
{
    [Fact]
    public async Task Give_a_stored_password_to_no_other_server()
    {
        using var client = server.WithToken();
        static object Mail(string host, string to) => new { host, port = 587, security = "startTls", user = "ops", from = "backup@example.com", to = new[] { to } };
        using var made = await client.PostAsJsonAsync("/api/v1/alerts/channels", new { name = "Mail", kind = "mail", mail = Mail("mail.example.com", "a@example.com"), password = "s3cret of the mail server" });
        var address = $"/api/v1/alerts/channels/{(await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()}";
        using var elsewhere = await client.PutAsJsonAsync(address, new { mail = Mail("evil.example.com", "a@example.com") });
        Assert.Equal(HttpStatusCode.BadRequest, elsewhere.StatusCode);
        Assert.Contains("wants its password again", (await ServerFixture.JsonAsync(elsewhere)).GetProperty("cause").GetString(), StringComparison.Ordinal);
        using var receiver = await client.PutAsJsonAsync(address, new { mail = Mail("mail.example.com", "b@example.com") });
        Assert.Equal(HttpStatusCode.OK, receiver.StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync(address)).StatusCode);
    }

    [Fact]
    public async Task Are_set_up_changed_and_listed_without_a_secret()
    {
        using var client = server.WithToken();
        const string channels = "/api/v1/alerts/channels";
        using var made = await client.PostAsJsonAsync(channels, new { name = "Ops", kind = "webhook", url = "https://hooks.example.com/services/T0PSECRET", events = new[] { "jobFailed", "damage" } });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var channel = await made.Content.ReadFromJsonAsync<JsonElement>();
        Assert.InRange(channel.GetProperty("key").GetString()!.Length, 32, 64);
        Assert.Equal("hooks.example.com", channel.GetProperty("host").GetString());
        var listed = await client.GetStringAsync(channels);
        Assert.DoesNotContain("T0PSECRET", listed, StringComparison.Ordinal);
        Assert.DoesNotContain(channel.GetProperty("key").GetString()!, listed, StringComparison.Ordinal);

        var address = $"{channels}/{channel.GetProperty("id").GetString()}";
        using var changed = await client.PutAsJsonAsync(address, new { enabled = false });
        Assert.False((await changed.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("enabled").GetBoolean());
        using var refused = await client.PostAsJsonAsync(channels, new { name = "", kind = "pigeon", events = new[] { "fullMoon" } });
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var cause = (await ServerFixture.JsonAsync(refused)).GetProperty("cause").GetString()!;
        Assert.All(["1 to 120 characters", "mail, webhook and slack", "'fullMoon'"], word => Assert.Contains(word, cause, StringComparison.Ordinal));
        using var mail = await client.PostAsJsonAsync(channels, new { name = "Mail", kind = "mail", mail = new { host = "not a host", port = 0, security = "maybe", from = "nobody", to = Array.Empty<string>() } });
        cause = (await ServerFixture.JsonAsync(mail)).GetProperty("cause").GetString()!;
        Assert.All(["host", "port", "tls, startTls or none", "'nobody'", "receivers"], word => Assert.Contains(word, cause, StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync(address)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync(address)).StatusCode);
        Assert.Equal(JsonValueKind.Array, (await client.GetFromJsonAsync<JsonElement>("/api/v1/alerts")).ValueKind);
    }
}
