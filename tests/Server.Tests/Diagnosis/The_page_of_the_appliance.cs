using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Diagnosis;
using Appliance.Server.Pages;
using Appliance.Server.Tests.SelfBackups;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using Xunit;

namespace Appliance.Server.Tests.Diagnosis;

public sealed class The_page_of_the_appliance(ServerFixture server)
{
    [Fact]
    public async Task Shows_what_is_wrong_first_and_makes_the_recovery_key_and_a_self_backup()
    {
        await using var appliance = await LookedAtAppliance.WellAsync(server);
        await LookedAtAppliance.ChangeAsync(appliance, "UPDATE orgs SET token_state = 'Broken'");
        File.Delete(appliance.Place.RecoveryPublicFile);
        var first = Assert.Single(Directory.GetFiles(Path.Combine(appliance.Storage, "self")));
        await using var db = await appliance.OpenAsync();
        await using var browser = new BunitContext();
        browser.JSInterop.Mode = JSRuntimeMode.Loose;
        browser.AddAuthorization().SetAuthorized("ann");
        browser.Services.AddMudServices();
        browser.Services.AddSingleton(TimeProvider.System).AddSingleton(db).AddSingleton(new AuditLog(db, TimeProvider.System))
            .AddSingleton(new Doctor(appliance.Place, new EngineOptions { StorageRoot = appliance.Storage }, null, TimeProvider.System))
            .AddSingleton(new Engine.SelfBackups.SelfBackups(appliance.Place, TimeProvider.System));
        var page = browser.Render<AppliancePage>();
        var patience = TimeSpan.FromMinutes(1);
        page.WaitForAssertion(() => Assert.Contains("its token has ended", page.FindAll("[data-testid=finding]")[0].TextContent, StringComparison.Ordinal), patience);
        Assert.Contains("There is no recovery key yet", page.Markup, StringComparison.Ordinal);

        await page.Find("[data-testid=recovery-key]").ClickAsync(new());
        page.WaitForAssertion(() => Assert.Equal(44, page.Find("[data-testid=recovery-key-value]").TextContent.Length), patience);
        await page.Find("[data-testid=self-backup]").ClickAsync(new());
        page.WaitForAssertion(() => Assert.False(File.Exists(first)), patience);      // of one day the newest is kept
        Assert.Contains("1 self-backup", page.Find("[data-testid=self-backups]").TextContent, StringComparison.Ordinal);
        Assert.Equal(2, (await new AuditLog(db, TimeProvider.System).ListAsync(10, default)).Count(a => a.Action is "recovery key made" or "self-backup taken"));
    }

    [Fact]
    public async Task Is_what_programs_get_from_the_report()
    {
        using var client = server.WithToken();
        var report = await client.GetFromJsonAsync<JsonElement>("/api/v1/system/report");
        Assert.Contains(report.GetProperty("grade").GetString(), new[] { "well", "warning", "error" });
        Assert.Contains(report.GetProperty("findings").EnumerateArray(), f => f.GetProperty("check").GetString() == "catalog" && f.GetProperty("grade").GetString() == "well");
    }
}
