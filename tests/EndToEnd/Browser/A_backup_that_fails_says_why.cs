using Microsoft.Playwright;
using OrgSimulator;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Browser;

[Collection(BrowserFixture.Name)]
public sealed class A_backup_that_fails_says_why(BrowserFixture browser)
{
    [Fact]
    public async Task An_org_that_takes_back_its_approval_is_named_and_can_be_connected_again()
    {
        await using var salesforce = await OrgSimulatorHost.StartAsync(new() { Generate = 200, Seed = 9, Warnings = TextWriter.Null });
        await using var visitor = await browser.ArriveAsAdministratorAsync();
        var alert = visitor.Page.GetByRole(AriaRole.Alert);
        await visitor.ConnectAsync(salesforce, "Revoked sandbox");

        salesforce.Sessions.RevokeAll();
        await visitor.Button("Back up now").ClickAsync();
        await visitor.SeesJobAsync("Paused");
        await Expect(alert).ToContainTextAsync("Reconnect the org");
        await Expect(visitor.Link("Connect the org again")).ToBeVisibleAsync();
        await visitor.ShowAsync("40-backup-failed");
        await visitor.FitsAPhoneAsync("40-backup-failed");
        await visitor.Link("Revoked sandbox").First.ClickAsync();
        await Expect(visitor.Fact("Connection")).ToHaveTextAsync("Token expired");
        await Expect(alert).ToContainTextAsync("Connect the org again");
        await visitor.ShowAsync("41-token-expired");

        await visitor.Link("Connect again").ClickAsync();
        await Expect(visitor.Heading("Connect Revoked sandbox again")).ToBeVisibleAsync();
        await visitor.ShowAsync("42-connect-again");
        await visitor.ApproveAsync(salesforce);
        await Expect(visitor.Fact("Connection")).ToHaveTextAsync("Token valid");
        await visitor.Button("Back up now").ClickAsync();
        await visitor.SeesJobAsync("Completed");
    }
}
