using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Catalog;
using Appliance.Server.Jobs;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Appliance.Server.Tests;

public sealed class Schedules_over_the_api(ServerFixture server)
{
    [Fact]
    public async Task Are_added_changed_switched_off_and_removed()
    {
        using var client = server.WithToken();
        var orgId = await OrgAsync("00D000000000081EAA");
        var address = $"/api/v1/orgs/{orgId}/schedules";
        var added = await client.PostAsJsonAsync(address, new { kind = "incremental", cadence = "daily 02:30", timeZone = "Europe/Berlin" });
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var id = (await ServerFixture.JsonAsync(added)).GetProperty("id").GetGuid();

        var changed = await ServerFixture.JsonAsync(await client.PutAsJsonAsync($"{address}/{id}", new { enabled = false }));
        Assert.Equal(("daily 02:30", "Europe/Berlin", false), (changed.GetProperty("cadence").GetString(), changed.GetProperty("timeZone").GetString(), changed.GetProperty("enabled").GetBoolean()));
        Assert.False(changed.TryGetProperty("nextDue", out _));

        Assert.Equal(HttpStatusCode.NoContent, (await client.PutAsJsonAsync($"{address}/off", new { off = true })).StatusCode);
        Assert.True((await client.GetFromJsonAsync<JsonElement>(address)).GetProperty("off").GetBoolean());

        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"{address}/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await client.DeleteAsync($"{address}/{id}")).StatusCode);
        Assert.Equal(0, (await client.GetFromJsonAsync<JsonElement>(address)).GetProperty("schedules").GetArrayLength());
    }

    [Fact]
    public async Task Are_refused_with_every_mistake_at_once()
    {
        using var client = server.WithToken();
        var orgId = await OrgAsync("00D000000000082EAA");
        using var answer = await client.PostAsJsonAsync($"/api/v1/orgs/{orgId}/schedules", new { kind = "partial", cadence = "now and then", timeZone = "Berlin" });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var cause = (await ServerFixture.JsonAsync(answer)).GetProperty("cause").GetString()!;
        Assert.All(["'partial'", "'now and then'", "'Berlin'"], word => Assert.Contains(word, cause, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Queue_a_backup_when_their_time_has_come()
    {
        using var client = server.WithToken();
        var orgId = await OrgAsync("00D000000000083EAA");
        var services = server.App.Services;
        var schedules = services.GetRequiredService<Schedules>();
        var row = new ScheduleRow
        {
            Id = Guid.CreateVersion7(), OrgId = orgId, Kind = "full", Cadence = "daily 02:30", TimeZone = "Etc/UTC", CreatedBy = "admin",
            NextDue = services.GetRequiredService<TimeProvider>().GetUtcNow().AddMinutes(-1),
        };
        await schedules.PutAsync(row, CancellationToken.None);
        await services.GetRequiredService<ScheduleClock>().FireAsync(CancellationToken.None);   // the server's own clock may have been quicker
        var after = await schedules.FindAsync(orgId, row.Id, CancellationToken.None);
        Assert.True(after!.NextDue > row.NextDue);
        var job = await client.GetFromJsonAsync<JsonElement>($"/api/v1/jobs/{after.LastJobId}");
        Assert.Equal(("backup", "schedule"), (job.GetProperty("kind").GetString(), job.GetProperty("createdBy").GetString()));
    }

    [Fact]
    public async Task Take_templates_which_then_stay()
    {
        using var client = server.WithToken();
        var orgId = await OrgAsync("00D000000000084EAA");
        var services = server.App.Services;
        var template = new TemplateRow { Id = Guid.CreateVersion7(), OrgId = orgId, Name = "Customers", Description = "", Content = "{\"objects\":[{\"object\":\"Account\"}]}", ChangedBy = "admin" };
        Assert.True(await services.GetRequiredService<Templates>().PutAsync(template, CancellationToken.None));
        var address = $"/api/v1/orgs/{orgId}/schedules";
        foreach (var wrong in new object[] { new { kind = "templated", cadence = "hourly" }, new { kind = "full", cadence = "hourly", templateIds = new[] { template.Id } }, new { kind = "templated", cadence = "hourly", templateIds = new[] { Guid.NewGuid() } } })
            Assert.Equal(HttpStatusCode.BadRequest, (await client.PostAsJsonAsync(address, wrong)).StatusCode);
        using var added = await client.PostAsJsonAsync(address, new { kind = "templated", cadence = "hourly", templateIds = new[] { template.Id } });
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
        var id = (await ServerFixture.JsonAsync(added)).GetProperty("id").GetGuid();
        Assert.Equal(HttpStatusCode.Conflict, (await client.DeleteAsync($"/api/v1/orgs/{orgId}/templates/{template.Id}")).StatusCode);

        var schedules = services.GetRequiredService<Schedules>();
        var row = (await schedules.FindAsync(orgId, id, CancellationToken.None))!;
        Assert.Equal([template.Id], row.TemplateIds);
        await schedules.PutAsync(row with { NextDue = services.GetRequiredService<TimeProvider>().GetUtcNow().AddMinutes(-1) }, CancellationToken.None);
        await services.GetRequiredService<ScheduleClock>().FireAsync(CancellationToken.None);
        var job = await services.GetRequiredService<Catalog.Jobs>().GetAsync((await schedules.FindAsync(orgId, id, CancellationToken.None))!.LastJobId!.Value, CancellationToken.None);
        var parameters = JsonSerializer.Deserialize<Appliance.Engine.Jobs.BackupParameters>(job!.Parameters, JsonSerializerOptions.Web)!;
        Assert.Equal((Appliance.Engine.Jobs.BackupKind.Templated, template.Id), (parameters.Kind, Assert.Single(parameters.Templates)));
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"{address}/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"/api/v1/orgs/{orgId}/templates/{template.Id}")).StatusCode);
    }

    private async Task<Guid> OrgAsync(string salesforceId)
    {
        server.Anonymous().Dispose();   // skips where there is no database
        var org = await server.App.Services.GetRequiredService<Orgs>().AddAsync(new OrgConnection(
            "Acme", salesforceId, new Uri("https://login.salesforce.com"), "client", null, new Uri("https://127.0.0.1:1"), "token", "refresh"), CancellationToken.None);
        return org.Id;
    }
}
