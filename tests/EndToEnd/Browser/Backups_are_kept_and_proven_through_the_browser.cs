using OrgSimulator;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Browser;

/// <summary>What an administrator sets once: when backups run, how long they stay, which must stay, and whether what is stored can still be read.</summary>
[Collection(BrowserFixture.Name)]
public sealed class Backups_are_kept_and_proven_through_the_browser(BrowserFixture browser)
{
    [Fact]
    public async Task Schedules_retention_holds_and_verification()
    {
        await using var visitor = await browser.ArriveAsAdministratorAsync();
        var page = visitor.Page;
        await using var salesforce = await OrgSimulatorHost.StartAsync(new() { Generate = 300, Seed = 11, Warnings = TextWriter.Null });
        await visitor.ConnectAsync(salesforce, "Acme kept");
        await visitor.Button("Back up now").ClickAsync();
        await visitor.SeesJobAsync("Completed");

        await visitor.Link("Acme kept").First.ClickAsync();
        await page.GetByLabel("Runs").FillAsync("every full moon");
        await visitor.Button("Add").ClickAsync();
        await Expect(page.GetByRole(Microsoft.Playwright.AriaRole.Alert).Filter(new() { HasText = "every full moon" })).ToBeVisibleAsync();
        await page.GetByLabel("Runs").FillAsync("daily 02:30");
        await visitor.Button("Add").ClickAsync();
        await Expect(visitor.Row("daily 02:30")).ToContainTextAsync("Etc/UTC");

        await page.GetByLabel("Newest").FillAsync("2");
        await visitor.Button("Save policy").ClickAsync();
        await Expect(page.GetByTestId("retention-row")).ToContainTextAsync("Kept");
        await visitor.ShowAsync("20-schedules-and-retention");

        await visitor.Button("Verify now").ClickAsync();
        await visitor.SeesJobAsync("Completed");
        await visitor.ShowAsync("21-verification-job");
        await visitor.Link("Acme kept").First.ClickAsync();
        await Expect(page.GetByTestId("verification-last")).ToContainTextAsync("all sound");
        await visitor.ShowAsync("22-org-verified");
        await visitor.FitsAPhoneAsync("22-org-verified");

        await visitor.Link("Browse").First.ClickAsync();
        await page.GetByLabel("Reason").FillAsync("case 17");
        await visitor.Button("Hold").ClickAsync();
        await Expect(page.GetByText("case 17")).ToBeVisibleAsync();
        await visitor.ShowAsync("23-snapshot-held");
        await visitor.Button("Lift the hold").ClickAsync();
        await Expect(page.GetByLabel("Reason")).ToBeVisibleAsync();
        await visitor.FitsAPhoneAsync("23-snapshot-no-longer-held");
        Assert.Empty(visitor.Complaints);
    }
}
