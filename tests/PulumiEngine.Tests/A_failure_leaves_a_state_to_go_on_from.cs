using PulumiEngine.Deploying;

namespace PulumiEngine.Tests;

public sealed class A_failure_leaves_a_state_to_go_on_from : IDisposable
{
    private readonly ProbeRun _site = SiteRun.New();

    [Fact]
    public async Task What_was_made_before_is_kept_and_the_next_run_makes_the_rest()
    {
        _site.Failures.Add(new InjectedFailure("record", Operation.Create, "the zone is locked"));
        var failed = await _site.UpAsync();
        Assert.False(failed.Succeeded);
        Assert.Contains(failed.Errors, e => e.EndsWith("create failed: the zone is locked", StringComparison.Ordinal));
        Assert.Equal("the zone is locked", failed.Step("record").Error);
        var machine = failed.State.Resources.Single(r => r.Type == "acme:index:Machine").Id;
        Assert.DoesNotContain(failed.State.Resources, r => r.Type == "acme:index:Record");

        _site.Failures.Clear();
        var next = (await _site.UpAsync()).MustSucceed();
        Assert.Equal(Operation.Create, next.Step("record").Operation);
        Assert.Equal((Operation.Same, machine), (next.Step("machine").Operation, next.Step("machine").Id));
        Assert.False((await _site.UpAsync()).HasChanges);
    }

    [Fact]
    public async Task A_failed_update_keeps_the_old_state_and_is_tried_again()
    {
        await _site.UpAsync();
        _site.Config["gigabytes"] = "200";
        _site.Failures.Add(new InjectedFailure("acme:index:Volume", Operation.Update, "busy"));
        var failed = await _site.UpAsync();
        Assert.False(failed.Succeeded);
        Assert.Equal(100, failed.State.Resources.Single(r => r.Type == "acme:index:Volume").Inputs.Fields["gigabytes"].NumberValue);
        _site.Failures.Clear();
        Assert.Equal(["gigabytes"], (await _site.UpAsync()).MustSucceed().Step("volume").Changed);
    }

    [Fact]
    public async Task A_replaced_one_that_could_not_be_deleted_is_deleted_by_the_next_run()
    {
        var old = (await _site.UpAsync()).Step("machine").Id;
        _site.Config["image"] = "image-2";
        _site.Failures.Add(new InjectedFailure("machine", Operation.Delete, "still attached"));
        var failed = await _site.UpAsync();
        Assert.False(failed.Succeeded);
        Assert.Equal(old, Assert.Single(failed.State.Resources, r => r.Doomed).Id);
        _site.Failures.Clear();
        var next = (await _site.UpAsync()).MustSucceed();
        Assert.Equal(old, Assert.Single(next.Changes).Id);
        Assert.DoesNotContain(next.State.Resources, r => r.Doomed);
    }

    [Fact]
    public async Task A_failure_in_the_simulated_cloud_is_none_of_a_preview()
    {
        _site.Failures.Add(new InjectedFailure("record", Operation.Create, "the zone is locked"));
        (await _site.PreviewAsync()).MustSucceed();
    }

    public void Dispose() => _site.Dispose();
}
