using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OrgSimulator;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Browser;

/// <summary>The road of the Salesforce administrator from a fresh machine to a restored record, as somebody at a browser walks it.</summary>
[Collection(BrowserFixture.Name)]
public sealed class A_lost_record_comes_back_through_the_browser(BrowserFixture browser)
{
    [Fact]
    public async Task From_sign_in_over_connect_backup_and_browse_to_restore()
    {
        await using var visitor = await browser.ArriveAsAdministratorAsync();
        var page = visitor.Page;
        await Expect(page).ToHaveTitleAsync("Home | Backup & Archive");

        await using var salesforce = await OrgSimulatorHost.StartAsync(new() { Generate = 600, Seed = 7, Warnings = TextWriter.Null });
        using var colleague = new SalesforceUser(salesforce);
        var ada = await colleague.CreateAsync("Lead", new { FirstName = "Ada", LastName = "Lovelace", Company = "Analytical Engines", Title = "Mathematician", Email = "ada@engines.example" });

        await visitor.ConnectAsync(salesforce, "Acme production", show: true);
        await Expect(page).ToHaveTitleAsync("Acme production | Backup & Archive");
        await Expect(page.GetByText("No snapshot yet.")).ToBeVisibleAsync();
        await visitor.ShowAsync("05-org-without-snapshot");

        await BackUpUnderOurEyesAsync(visitor, salesforce);

        await colleague.UpdateAsync("Lead", ada, new { Title = "Countess", Rating = "Hot" });
        await visitor.Link("Acme production").First.ClickAsync();
        await visitor.Button("Back up now").ClickAsync();
        await visitor.SeesJobAsync("Completed");

        await BrowseToAsync(visitor, ada);

        await colleague.DeleteAsync("Lead", ada);
        Assert.Null(await colleague.FindAsync(ada));

        await RestoreAsync(visitor);
        var back = await colleague.FindAsync(ada);
        Assert.Equal("Lovelace", back?.GetProperty("LastName").GetString());
        Assert.Equal("Countess", back?.GetProperty("Title").GetString());

        await visitor.Link("Home").First.ClickAsync();
        await Expect(visitor.Heading("Acme production")).ToBeVisibleAsync();
        await visitor.ShowAsync("16-home");
        await visitor.FitsAPhoneAsync("16-home");
        await visitor.Link("Acme production").ClickAsync();
        await Expect(visitor.Row("Restore plan")).ToBeVisibleAsync();
        await visitor.ShowAsync("17-org");
        await visitor.FitsAPhoneAsync("17-org");
        await SeeTheOtherPagesAsync(visitor);
        Assert.Empty(visitor.Complaints);
    }

    private static async Task SeeTheOtherPagesAsync(Visitor visitor)
    {
        await visitor.Link("Restore").First.ClickAsync();
        await visitor.Page.GetByLabel("Chosen objects").CheckAsync();
        await visitor.Page.GetByLabel("Lead").CheckAsync();
        await Expect(visitor.Page.GetByText("1 chosen")).ToBeVisibleAsync();
        await visitor.ShowAsync("18-restore-scope");
        await visitor.FitsAPhoneAsync("18-restore-scope");
        await visitor.Link("Jobs").ClickAsync();
        await Expect(visitor.Row("Acme production").First).ToBeVisibleAsync();
        await visitor.ShowAsync("19-jobs");
        await visitor.FitsAPhoneAsync("19-jobs");
    }

    /// <summary>One read is held back, so the page can be seen at work; then it must reach the end by itself.</summary>
    private static async Task BackUpUnderOurEyesAsync(Visitor visitor, OrgSimulatorHost salesforce)
    {
        var page = visitor.Page;
        var goOn = new TaskCompletionSource();
        salesforce.Faults.Before = (call, cancellationToken) =>
            call.Path.Contains("FROM%20Task", StringComparison.Ordinal) || call.Path.Contains("FROM+Task", StringComparison.Ordinal) ? goOn.Task.WaitAsync(cancellationToken) : Task.CompletedTask;
        try
        {
            await visitor.Button("Back up now").ClickAsync();
            await visitor.SeesJobAsync("In progress");
            await Expect(page).ToHaveTitleAsync("Backup: In progress | Backup & Archive");
            await Expect(page.GetByRole(AriaRole.Progressbar, new() { Name = "Objects" })).Not.ToHaveAttributeAsync("aria-valuenow", "0");
            await Expect(visitor.Button("Abort")).ToBeEnabledAsync();
            await page.EvaluateAsync("window.openSince = 'the start'");
            await visitor.ShowAsync("06-backup-in-progress");
            await visitor.FitsAPhoneAsync("06-backup-in-progress");
        }
        finally
        {
            goOn.SetResult();
            salesforce.Faults.Before = null;
        }
        await visitor.SeesJobAsync("Completed");
        await Expect(page).ToHaveTitleAsync("Backup: Completed | Backup & Archive");
        Assert.Equal("the start", await page.EvaluateAsync<string>("window.openSince"));
        await Expect(visitor.Fact("Live records in the snapshot")).ToHaveTextAsync(new Regex(@"^\d{3},?\d*$"));
        await visitor.ShowAsync("07-backup-completed");
        await visitor.FitsAPhoneAsync("07-backup-completed");
    }

    private static async Task BrowseToAsync(Visitor visitor, string lead)
    {
        var page = visitor.Page;
        await visitor.Link("Open the snapshot").ClickAsync();
        await Expect(visitor.Fact("Certificate of completeness")).ToHaveTextAsync("Complete");
        await Expect(visitor.Row("Lead")).ToContainTextAsync("Complete");
        await visitor.ShowAsync("08-snapshot");
        await visitor.FitsAPhoneAsync("08-snapshot");

        await visitor.Link("Lead").ClickAsync();
        await Expect(visitor.Row("Lovelace")).ToBeVisibleAsync();
        await Expect(page).ToHaveTitleAsync("Lead | Backup & Archive");
        await visitor.ShowAsync("09-records");
        await visitor.FitsAPhoneAsync("09-records");

        await visitor.Link(lead).ClickAsync();
        await Expect(visitor.Heading("Ada Lovelace")).ToBeVisibleAsync();
        await Expect(page.GetByText("ada@engines.example")).ToBeVisibleAsync();
        var history = page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Mathematician" });
        await Expect(history).ToContainTextAsync("Countess");
        await visitor.ShowAsync("10-record-with-history");
        await visitor.FitsAPhoneAsync("10-record-with-history");
    }

    private static async Task RestoreAsync(Visitor visitor)
    {
        var page = visitor.Page;
        await visitor.Button("Restore this record …").ClickAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/restores/"));
        await Expect(visitor.Heading("Restore into Acme production")).ToBeVisibleAsync();
        await Expect(visitor.Fact("Take from recycle bin")).ToHaveTextAsync("1");
        await Expect(visitor.Fact("Cannot be restored")).ToHaveTextAsync("0");
        await visitor.ShowAsync("12-restore-plan");
        await visitor.FitsAPhoneAsync("12-restore-plan");

        await visitor.Button("Restore 1 record").ClickAsync();
        await visitor.SeesJobAsync("Completed");
        await Expect(visitor.Fact("Taken from the recycle bin")).ToHaveTextAsync("1");
        await Expect(visitor.Fact("Failed")).ToHaveTextAsync("0");
        await Expect(page.GetByText("No record failed.")).ToBeVisibleAsync();
        await visitor.ShowAsync("13-restore-completed");
    }
}
