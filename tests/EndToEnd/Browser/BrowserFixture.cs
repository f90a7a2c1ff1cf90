using Microsoft.Playwright;
using Xunit;

namespace EndToEnd.Browser;

/// <summary>One stack and one headless Chromium for all walks; they come one after the other, so a small machine serves one page at a time.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserFixture : ICollectionFixture<BrowserFixture>, IAsyncLifetime
{
    public const string Name = "browser";
    private const string Chromium = "/usr/bin/chromium";
    private const float Patience = 60_000;      // ms: how long a person of these tests waits for anything to appear
    private static readonly string? Unavailable = File.Exists(Chromium) ? ApplianceStack.Unavailable : $"{Chromium} is not on this machine.";

    private ApplianceStack? _stack;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private bool _hasAdministrator;

    public async ValueTask InitializeAsync()
    {
        if (Unavailable is not null) return;
        _stack = await ApplianceStack.StartAsync();
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Chromium,
            // Background networking is off because the tests' network reaches this machine only.
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", $"--ignore-certificate-errors-spki-list={_stack.CertificatePin}"],
        });
        Assertions.SetDefaultExpectTimeout(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_stack is not null) await _stack.DisposeAsync();
    }

    /// <summary>Somebody who has just opened a browser: no cookie, no page.</summary>
    internal async Task<Visitor> ArriveAsync()
    {
        if (Unavailable is not null) Assert.Skip(Unavailable);
        var context = await _browser!.NewContextAsync(new() { BaseURL = _stack!.Address.ToString(), ViewportSize = new() { Width = 1280, Height = 800 }, Locale = "en-US" });
        context.SetDefaultTimeout(Patience);
        return await Visitor.OpenAsync(context);
    }

    /// <summary>The administrator, signed in. The first one to come makes the administrator with the set-up link and signs in afresh.</summary>
    internal async Task<Visitor> ArriveAsAdministratorAsync()
    {
        var visitor = await ArriveAsync();
        if (!_hasAdministrator)
        {
            await visitor.SetUpAsync(_stack!.SetupLink);
            _hasAdministrator = true;
            await visitor.SignOutAsync();
        }
        await visitor.Page.GotoAsync("/signin");
        await visitor.SignInAsync();
        return visitor;
    }
}
