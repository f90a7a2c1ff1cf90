using Microsoft.Playwright;
using OrgSimulator;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Browser;

[Collection(BrowserFixture.Name)]
public sealed class The_keyboard_is_enough(BrowserFixture browser)
{
    [Fact]
    public async Task To_sign_in_and_start_a_backup()
    {
        await using var salesforce = await OrgSimulatorHost.StartAsync(new() { Generate = 200, Seed = 8, Warnings = TextWriter.Null });
        await using var visitor = await browser.ArriveAsAdministratorAsync();
        await visitor.ConnectAsync(salesforce, "Keyboard sandbox");
        await visitor.SignOutAsync();

        var page = visitor.Page;
        await Expect(page.GetByLabel("User name")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(Visitor.UserName);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync(Visitor.Password);
        await page.Keyboard.PressAsync("Enter");
        await Expect(visitor.Heading("Keyboard sandbox")).ToBeVisibleAsync();

        await TabToAsync(visitor.Link("Keyboard sandbox"));
        await visitor.ShowAsync("30-focus-is-seen");
        await page.Keyboard.PressAsync("Enter");
        await Expect(visitor.Button("Back up now")).ToBeVisibleAsync();
        await TabToAsync(visitor.Button("Back up now"));
        await page.Keyboard.PressAsync("Enter");
        await visitor.SeesJobAsync("Completed");
    }

    private static async Task TabToAsync(ILocator wanted)
    {
        for (var step = 0; step < 60; step++)
        {
            if (await wanted.EvaluateAsync<bool>("element => element === document.activeElement")) return;
            await wanted.Page.Keyboard.PressAsync("Tab");
        }
        Assert.Fail($"Sixty presses of Tab do not reach {wanted}.");
    }
}
