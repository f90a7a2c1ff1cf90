using PulumiEngine.Deploying;

namespace PulumiEngine.Tests;

public sealed class What_must_stay_stays : IDisposable
{
    private readonly ProbeRun _site = SiteRun.New();

    [Fact]
    public async Task A_protected_resource_is_not_deleted_and_the_preview_says_so_already()
    {
        _site.Config["protectVolume"] = "true";
        await _site.UpAsync();
        _site.Config["withVolume"] = "false";
        foreach (var result in new[] { await _site.PreviewAsync(), await _site.UpAsync() })
        {
            Assert.False(result.Succeeded);
            Assert.Contains(result.Errors, e => e.Contains("::volume\" cannot be deleted because it is protected", StringComparison.Ordinal));
            Assert.Contains(result.State.Resources, r => r.Type == "acme:index:Volume");
        }
    }

    [Fact]
    public async Task A_protected_resource_is_not_replaced()
    {
        _site.Config["protectMachine"] = "true";
        var machine = (await _site.UpAsync()).Step("machine").Id;
        _site.Config["image"] = "image-2";
        var up = await _site.UpAsync();
        Assert.Contains(up.Errors, e => e.Contains("unable to replace resource", StringComparison.Ordinal) && e.Contains("protect", StringComparison.Ordinal));
        Assert.Equal(machine, up.State.Resources.Single(r => r.Type == "acme:index:Machine").Id);
    }

    [Fact]
    public async Task A_retained_one_leaves_the_state_and_stays_where_it_is()
    {
        _site.Config["retainVolume"] = "true";
        await _site.UpAsync();
        _site.Config["withVolume"] = "false";
        var deleted = (await _site.UpAsync()).MustSucceed().Step("volume");
        Assert.Equal((Operation.Delete, true), (deleted.Operation, deleted.Retained));
    }

    [Fact]
    public async Task Destroy_refuses_before_anything_has_gone_as_long_as_something_is_protected()
    {
        _site.Config["protectVolume"] = "true";
        await _site.UpAsync();
        var refused = await _site.DestroyAsync();
        Assert.False(refused.Succeeded);
        Assert.Empty(refused.Steps);

        _site.ExcludeProtected = true;
        var destroyed = (await _site.DestroyAsync()).MustSucceed();
        Assert.Equal(["machine", "record"], destroyed.Steps.Where(s => s.Type.StartsWith("acme", StringComparison.Ordinal)).Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.Contains(destroyed.State.Resources, r => r.Type == "acme:index:Volume");
    }

    [Fact]
    public async Task Destroy_takes_everything_else_children_before_parents()
    {
        await _site.UpAsync();
        var destroyed = (await _site.DestroyAsync()).MustSucceed();
        Assert.Empty(destroyed.State.Resources);
        var names = destroyed.Steps.Select(s => s.Name).ToList();
        Assert.True(names.IndexOf("record") < names.IndexOf("machine") && names.IndexOf("machine") < names.IndexOf("site") && names.IndexOf("site") < names.IndexOf("probe-dev"), string.Join(" ", names));
    }

    [Fact]
    public async Task What_holds_for_a_component_holds_for_its_children_that_say_nothing_else()
    {
        (_site.Config["protectSite"], _site.Config["retainSite"], _site.Config["protectVolume"]) = ("true", "true", "false");
        var states = (await _site.UpAsync()).MustSucceed().State.Resources.Where(r => r.Type.StartsWith("acme", StringComparison.Ordinal)).ToDictionary(r => Values.Urn.NameOf(r.Urn));
        Assert.Equal([("machine", true), ("record", true), ("site", true), ("volume", false)], states.Select(s => (s.Key, s.Value.Protect)).Order());
        Assert.All(states.Values, s => Assert.True(s.RetainOnDelete));
    }

    public void Dispose() => _site.Dispose();
}
