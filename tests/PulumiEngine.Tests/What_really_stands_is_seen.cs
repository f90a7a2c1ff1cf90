using PulumiEngine.Deploying;

namespace PulumiEngine.Tests;

public sealed class What_really_stands_is_seen : IDisposable
{
    private readonly ProbeRun _site = SiteRun.New();

    [Fact]
    public async Task Refresh_says_nothing_when_nothing_has_drifted()
    {
        await _site.UpAsync();
        Assert.False((await _site.RefreshAsync()).MustSucceed().HasChanges);
        Assert.False((await _site.UpAsync()).HasChanges);
    }

    [Fact]
    public async Task Refresh_takes_over_what_has_and_names_the_property()
    {
        var machine = (await _site.UpAsync()).Step("machine");
        _site.Simulated.Existing(machine.Type, machine.Id, new Dictionary<string, object> { ["image"] = "image-1", ["size"] = "large", ["address"] = "10.9.9.9", ["tags"] = new { owner = "crm" } });
        var refreshed = (await _site.RefreshAsync()).MustSucceed();
        Assert.Equal(["address", "size"], refreshed.Step("machine").Changed);
        Assert.Equal(Operation.Refresh, Assert.Single(refreshed.Changes).Operation);
        Assert.Equal("10.9.9.9", refreshed.State.Resources.Single(r => r.Type == machine.Type).Outputs.Fields["address"].StringValue);
    }

    public void Dispose() => _site.Dispose();
}
