using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Appliance.Catalog;
using Appliance.Server.Alerts;
using Appliance.Server.Api;
using Dapper;
using Xunit;

namespace Appliance.Server.Tests.Alerts;

public sealed class Webhooks_tell_what_happened(ServerFixture server)
{
    [Fact]
    public async Task Signed_so_that_a_receiver_knows_who_said_it_and_when()
    {
        await using var scene = await AlertScene.NewAsync(server);
        var (_, key) = await scene.WebhookAsync();
        var alert = await scene.RaiseAsync();
        Assert.Equal(1, await scene.Delivery.SendDueAsync(default));
        var (headers, body) = Assert.Single(scene.Received);
        using var hmac = new HMACSHA256(Encoding.UTF8.GetBytes(key));
        var signed = hmac.ComputeHash([.. Encoding.ASCII.GetBytes($"{headers["X-Appliance-Timestamp"]}."), .. body]);
        Assert.Equal("sha256=" + Convert.ToHexStringLower(signed), headers["X-Appliance-Signature"]);
        Assert.InRange(long.Parse(headers["X-Appliance-Timestamp"]!, System.Globalization.CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.AddMinutes(-5).ToUnixTimeSeconds(), DateTimeOffset.UtcNow.AddMinutes(1).ToUnixTimeSeconds());
        var said = JsonElement.Parse(body);
        Assert.Equal((alert.Id.ToString(), "jobFailed", "The cause.", "Simulated"), (said.GetProperty("id").GetString(), said.GetProperty("kind").GetString(), said.GetProperty("text").GetString(), said.GetProperty("org").GetString()));
        Assert.Equal(DeliveryState.Delivered, (await scene.DeliveryOfAsync(alert)).State);
        Assert.Equal(0, await scene.Delivery.SendDueAsync(default));
    }

    [Fact]
    public async Task Again_when_they_are_not_taken_and_in_the_end_the_log_says_that_nobody_was_told()
    {
        await using var scene = await AlertScene.NewAsync(server);
        await scene.WebhookAsync();
        var answers = new Queue<int>([503, 500, 200]);
        scene.Answer = _ => answers.Dequeue();
        var first = await scene.RaiseAsync();
        Assert.Equal(3, await scene.Delivery.SendDueAsync(default));
        Assert.Equal((DeliveryState.Delivered, 3, "HTTP 200"), (await scene.DeliveryOfAsync(first)) is var d ? (d.State, d.Attempts, d.Answer!) : default);
        Assert.Single(scene.Received.Select(r => r.Headers["X-Appliance-Delivery"].ToString()).Distinct());

        scene.Answer = _ => 302;                // a redirect is not followed
        var second = await scene.RaiseAsync();
        Assert.Equal(4, await scene.Delivery.SendDueAsync(default));
        Assert.Equal((DeliveryState.Failed, 4, "HTTP 302"), (await scene.DeliveryOfAsync(second)) is var f ? (f.State, f.Attempts, f.Answer!) : default);
    }

    [Fact]
    public async Task By_one_of_several_processes_each()
    {
        await using var scene = await AlertScene.NewAsync(server);
        await scene.WebhookAsync();
        for (var i = 0; i < 12; i++) await scene.RaiseAsync($"Number {i}");
        using var other = scene.NewDelivery();
        var sent = await Task.WhenAll(scene.Delivery.SendDueAsync(default), other.SendDueAsync(default));
        Assert.Equal(12, sent.Sum());
        Assert.Equal(12, scene.Received.Select(r => r.Headers["X-Appliance-Delivery"].ToString()).Distinct().Count());
    }

    [Fact]
    public async Task Only_of_what_a_channel_wants_and_not_while_it_is_off()
    {
        await using var scene = await AlertScene.NewAsync(server);
        var (row, _) = await scene.WebhookAsync("damage");
        Assert.Empty((await scene.Alerts.ListAsync(null, 5, default)).SelectMany(a => a.Deliveries));
        await scene.RaiseAsync();
        Assert.Equal(0, await scene.Delivery.SendDueAsync(default));
        await scene.Changes.PutAsync(row, new ChannelWish { Events = [] }, "ann", default);
        await scene.RaiseAsync();
        Assert.Equal(1, await scene.Delivery.SendDueAsync(default));
        await scene.Changes.PutAsync((await scene.Channels.FindAsync(row.Id, default))!, new ChannelWish { Enabled = false }, "ann", default);
        await scene.RaiseAsync();
        Assert.Equal(0, await scene.Delivery.SendDueAsync(default));
        Assert.Single(scene.Received);
    }

    /// <summary>Else anybody who may set up a channel could reach the cloud's metadata service or the database through us.</summary>
    [Theory]
    [InlineData("https://127.0.0.1/hook")]
    [InlineData("https://[::1]/hook")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("https://10.1.2.3/hook")]
    [InlineData("https://[fd00::1]/hook")]
    [InlineData("https://[::ffff:192.168.1.1]/hook")]
    [InlineData("http://hooks.example.com/hook")]
    [InlineData("https://user:password@hooks.example.com/hook")]
    [InlineData("file:///etc/passwd")]
    [InlineData("hook")]
    public async Task Never_to_an_address_that_is_not_of_the_open_internet(string url)
    {
        await using var scene = await AlertScene.NewAsync(server);
        var (row, _, mistakes) = await scene.NewChanges(new AlertOptions()).PutAsync(null, new ChannelWish { Name = "Inside", Kind = "webhook", Url = url }, "ann", default);
        Assert.Null(row);
        Assert.Contains("address", mistakes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nor_to_a_name_that_leads_there()
    {
        await using var scene = await AlertScene.NewAsync(server);
        using var inside = new TcpListener(IPAddress.Loopback, 0);
        inside.Start();
        var changes = scene.NewChanges(new AlertOptions());
        var (row, _, mistakes) = await changes.PutAsync(null, new ChannelWish { Name = "Inside", Kind = "slack", Url = $"https://localhost:{((IPEndPoint)inside.LocalEndpoint).Port}/hook" }, "ann", default);
        Assert.Equal("", mistakes);
        var sent = await changes.TestAsync(row!, "ann", default);
        Assert.False(sent.Delivered);
        Assert.Contains("private network", sent.Answer, StringComparison.Ordinal);
        Assert.False(inside.Pending());                                                                 // nobody even knocked
    }

    [Fact]
    public async Task And_neither_address_nor_key_can_be_read_in_the_catalog()
    {
        await using var scene = await AlertScene.NewAsync(server);
        var (row, key) = await scene.WebhookAsync();
        Assert.DoesNotContain(key, row.ToString(), StringComparison.Ordinal);
        await using var connection = await scene.Backups.Db.Source.OpenConnectionAsync();
        var stored = await connection.QuerySingleAsync<(string Settings, byte[] Secret)>("SELECT settings, secret FROM alert_channels");
        Assert.DoesNotContain("/hook", stored.Settings + Encoding.Latin1.GetString(stored.Secret), StringComparison.Ordinal);
        Assert.DoesNotContain(key, stored.Settings + Encoding.Latin1.GetString(stored.Secret), StringComparison.Ordinal);
        Assert.Equal(new Uri(scene.Url), ChannelSecret.Of((await scene.Channels.FindAsync(row.Id, default))!).Url);
    }
}
