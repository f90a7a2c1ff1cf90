using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Catalog;
using Microsoft.Extensions.DependencyInjection;
using OrgSimulator;
using Xunit;

namespace Appliance.Server.Tests.Budget;

public sealed class The_budget_over_the_api(ServerFixture server)
{
    [Fact]
    public async Task Is_set_shown_and_forecast()
    {
        await using var simulator = await OrgSimulatorHost.StartAsync(new SimulatorOptions { Generate = 300, Seed = 41, ApiLimit = 5_000, Warnings = TextWriter.Null });
        using var client = server.WithToken();
        var org = await server.App.Services.GetRequiredService<Orgs>().AddAsync(
            new OrgConnection("Budgeted", simulator.Store.OrganizationId, simulator.Uri, "test", null, simulator.Uri, simulator.NewAccessToken(), simulator.NewRefreshToken()), default);
        var address = $"/api/v1/orgs/{org.Id}/budget";
        var first = await client.GetFromJsonAsync<JsonElement>(address);
        Assert.Equal((80, 80), (first.GetProperty("restPercent").GetInt32(), first.GetProperty("bulkPercent").GetInt32()));
        Assert.Equal((5_000, 4_000), (first.GetProperty("rest").GetProperty("max").GetInt32(), first.GetProperty("rest").GetProperty("allowed").GetInt32()));
        Assert.Equal(simulator.Meter.Used, first.GetProperty("rest").GetProperty("used").GetInt32());

        Assert.Equal(HttpStatusCode.NoContent, (await client.PutAsJsonAsync(address, new { restPercent = 60 })).StatusCode);
        foreach (var percent in new[] { 0, 101, -5 }) Assert.Equal(HttpStatusCode.BadRequest, (await client.PutAsJsonAsync(address, new { bulkPercent = percent })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.PutAsJsonAsync($"/api/v1/orgs/{Guid.NewGuid()}/budget", new { restPercent = 60 })).StatusCode);
        var second = await client.GetFromJsonAsync<JsonElement>(address);
        Assert.Equal((60, 80), (second.GetProperty("restPercent").GetInt32(), second.GetProperty("bulkPercent").GetInt32()));
        Assert.Equal(3_000, second.GetProperty("rest").GetProperty("allowed").GetInt32());

        using var answer = await client.PostAsJsonAsync($"/api/v1/orgs/{org.Id}/backups/forecasts", new { kind = "full" });
        var forecast = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(answer.IsSuccessStatusCode, forecast.ToString());
        Assert.True(forecast.GetProperty("fits").GetBoolean());
        Assert.InRange(forecast.GetProperty("records").GetInt64(), 250, 600);
        await client.PutAsJsonAsync(address, new { restPercent = 1 });
        using var tight = await client.PostAsJsonAsync($"/api/v1/orgs/{org.Id}/backups/forecasts", new { kind = "full" });
        Assert.False((await tight.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("fits").GetBoolean());
        Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsJsonAsync($"/api/v1/orgs/{org.Id}/backups/forecasts", new { kind = "nightly" })).StatusCode);
    }
}
