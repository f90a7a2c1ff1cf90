using System.Text.RegularExpressions;
using Microsoft.Playwright;
using OrgSimulator;
using Xunit;
using static Microsoft.Playwright.Assertions;

namespace EndToEnd.Browser;

/// <summary>A person at a browser: finds things by the words and roles on the page. What the browser's console complains about is kept.</summary>
internal sealed class Visitor : IAsyncDisposable
{
    public const string UserName = "grace.hopper", Password = "correct horse battery staple";
    private static readonly string Screenshots = Directory.CreateDirectory(Path.Combine(RepositoryFolder.Path, "artifacts", "screenshots")).FullName;
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    private Visitor(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Console += (_, message) => { if (message.Type is "error" or "warning") Complain(message.Text); };
        page.PageError += (_, error) => Complain(error);
    }

    public IPage Page { get; }

    /// <summary>Errors and warnings of the browser's console so far, on the appliance's pages.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public static async Task<Visitor> OpenAsync(IBrowserContext context) => new(context, await context.NewPageAsync());

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    /// <summary>A link, or what looks like a button and leads to another page.</summary>
    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true });

    /// <summary>The value beside a label in a page's header or figures.</summary>
    public ILocator Fact(string label) => Page.Locator("dl > div").Filter(new() { Has = Page.Locator("dt", new() { HasTextRegex = new Regex($"^{Regex.Escape(label)}$") }) }).Locator("dd");

    public ILocator Row(string text) => Page.GetByRole(AriaRole.Row).Filter(new() { HasText = text });

    public async Task SetUpAsync(Uri link)
    {
        await Page.GotoAsync(link.ToString());
        await Expect(Heading("Create the administrator")).ToBeVisibleAsync();
        await ShowAsync("01-set-up");
        await Page.GetByLabel("User name").FillAsync(UserName);
        await Page.GetByLabel("Password").FillAsync(Password);
        await Button("Create administrator").ClickAsync();
        await Expect(Heading("No org is connected yet")).ToBeVisibleAsync();
        await ShowAsync("03-home-without-org");
    }

    /// <summary>Fills in the sign-in page that is open; what was asked for before comes next.</summary>
    public async Task SignInAsync()
    {
        await Expect(Heading("Sign in")).ToBeVisibleAsync();
        await Page.GetByLabel("User name").FillAsync(UserName);
        await Page.GetByLabel("Password").FillAsync(Password);
        await Button("Sign in").ClickAsync();
        await Expect(Page.GetByText(UserName)).ToBeVisibleAsync();
    }

    public async Task SignOutAsync()
    {
        await Button("Sign out").ClickAsync();
        await Expect(Heading("Sign in")).ToBeVisibleAsync();
    }

    /// <summary>From Home by the page for connecting and Salesforce's own sign-in to the org's page.</summary>
    public async Task ConnectAsync(OrgSimulatorHost salesforce, string name, bool show = false)
    {
        await Page.GotoAsync("/");
        await Link("Connect an org").First.ClickAsync();
        await Expect(Heading("Connect an org")).ToBeVisibleAsync();
        if (show) await ShowAsync("04-connect");
        await Page.GetByLabel("Name").FillAsync(name);
        await Page.GetByLabel("Login address").FillAsync(salesforce.Url);
        await Page.GetByLabel("Consumer key").FillAsync("3MVG9.browser.test");
        await ApproveAsync(salesforce);
        await Expect(Heading(name)).ToBeVisibleAsync();
    }

    /// <summary>From the filled-in page for connecting to Salesforce's sign-in and back to the org's page.</summary>
    public async Task ApproveAsync(OrgSimulatorHost salesforce)
    {
        await Button("Continue at Salesforce").ClickAsync();
        await Expect(Heading("Simulated Salesforce org")).ToBeVisibleAsync();
        await Page.GetByLabel("Username").FillAsync(salesforce.Options.User);
        await Page.GetByLabel("Password").FillAsync(salesforce.Options.Password);
        await Button("Log In and Allow").ClickAsync();
        await Expect(Page).ToHaveURLAsync(new Regex("/orgs/[0-9a-f-]{36}$"));
    }

    /// <summary>Waits on a job's page, which must change by itself, until the job is in that state.</summary>
    public Task SeesJobAsync(string state) => Expect(Fact("State")).ToHaveTextAsync(state);

    /// <summary>Keeps a picture of the page, for people to judge.</summary>
    /// <remarks>The picture of a whole page moves a scrolled page and moves it back a little later: between a press and its release the button would slip away. A page at its top stays.</remarks>
    public async Task ShowAsync(string name)
    {
        await Page.EvaluateAsync("() => scrollTo(0, 0)");
        await Page.ScreenshotAsync(new() { Path = Path.Combine(Screenshots, $"{name}.png"), FullPage = true, Animations = ScreenshotAnimations.Disabled });
        await SettleAsync();
    }

    /// <summary>The same page as wide as a phone: nothing may stick out to the side.</summary>
    public async Task FitsAPhoneAsync(string name)
    {
        await Page.SetViewportSizeAsync(390, 844);
        await ShowAsync($"{name}-phone");
        Assert.Equal(390, await Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await Page.SetViewportSizeAsync(1280, 800);
        await SettleAsync();
    }

    // Two frames later everything stands where the next press will look for it.
    private Task SettleAsync() => Page.EvaluateAsync("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");

    // Salesforce's pages are not ours, and the simulator's have no icon.
    private void Complain(string text)
    {
        if (Page.Url.StartsWith("https://", StringComparison.Ordinal)) _complaints.Add($"{Page.Url}: {text}");
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
