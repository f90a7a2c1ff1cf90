using System.Text.RegularExpressions;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Browser;

[Collection(BrowserFixture.Name)]
public sealed class Without_a_sign_in_there_is_only_the_sign_in_page(BrowserFixture browser)
{
    [Fact]
    public async Task A_browser_that_was_signed_out_is_sent_to_sign_in_and_then_to_the_page_it_asked_for()
    {
        await using var visitor = await browser.ArriveAsAdministratorAsync();
        var page = visitor.Page;
        await visitor.Link("Audit log").ClickAsync();
        await Expect(visitor.Row("signed in").First).ToBeVisibleAsync();
        await visitor.ShowAsync("20-audit-log");
        await visitor.FitsAPhoneAsync("20-audit-log");

        await visitor.SignOutAsync();
        await page.GoBackAsync();
        await Expect(visitor.Heading("Sign in")).ToBeVisibleAsync();

        await page.GotoAsync("/settings/tokens");
        await Expect(page).ToHaveURLAsync(new Regex(@"/signin\?returnUrl="));
        await Expect(page).ToHaveTitleAsync("Sign in | Backup & Archive");
        await visitor.ShowAsync("02-sign-in");
        await visitor.FitsAPhoneAsync("02-sign-in");
        await visitor.SignInAsync();
        await Expect(page).ToHaveURLAsync(new Regex("/settings/tokens$"));
        await Expect(visitor.Heading("API tokens")).ToBeVisibleAsync();
        await visitor.ShowAsync("21-tokens");
        await visitor.FitsAPhoneAsync("21-tokens");
        Assert.Empty(visitor.Complaints);
    }

    [Fact]
    public async Task A_wrong_password_is_refused_in_words()
    {
        await using (await browser.ArriveAsAdministratorAsync()) { }    // there is an administrator
        await using var visitor = await browser.ArriveAsync();
        await visitor.Page.GotoAsync("/");
        await visitor.Page.GetByLabel("User name").FillAsync("somebody");
        await visitor.Page.GetByLabel("Password").FillAsync("not the password");
        await visitor.Button("Sign in").ClickAsync();
        await Expect(visitor.Page.GetByRole(Microsoft.Playwright.AriaRole.Alert)).ToContainTextAsync("password");
        await visitor.ShowAsync("22-sign-in-refused");
    }
}
