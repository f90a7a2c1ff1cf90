using PulumiEngine.Deploying;

namespace PulumiEngine.Tests;

public sealed class A_run_tells_what_it_changes : IDisposable
{
    private readonly ProbeRun _site = SiteRun.New();

    [Fact]
    public async Task The_first_creates_and_the_second_changes_nothing()
    {
        var preview = (await _site.PreviewAsync()).MustSucceed();
        Assert.All(preview.Changes, s => Assert.Equal(Operation.Create, s.Operation));
        Assert.Equal(["machine", "probe-dev", "record", "site", "volume"], preview.Changes.Select(s => s.Name).Order(StringComparer.Ordinal));
        Assert.False(File.Exists(_site.StatePath), "a preview wrote a state");

        var up = (await _site.UpAsync()).MustSucceed();
        Assert.Equal(preview.Changes.Select(s => s.Urn).Order(StringComparer.Ordinal), up.Changes.Select(s => s.Urn).Order(StringComparer.Ordinal));
        Assert.False((await _site.PreviewAsync()).MustSucceed().HasChanges);
        var second = (await _site.UpAsync()).MustSucceed();
        Assert.False(second.HasChanges);
        Assert.Equal(up.Outputs, second.Outputs);
    }

    [Fact]
    public async Task A_property_that_can_change_in_place_is_an_update_of_just_that()
    {
        await _site.UpAsync();
        _site.Config["gigabytes"] = "200";
        _site.Config["owner"] = "sales";
        var preview = (await _site.PreviewAsync()).MustSucceed();
        Assert.Equal(["machine: tags.owner", "volume: gigabytes"], preview.Changes.Select(s => $"{s.Name}: {string.Join(",", s.Changed)}").Order(StringComparer.Ordinal));
        Assert.All(preview.Changes, s => Assert.Equal(Operation.Update, s.Operation));
        var ids = (await _site.UpAsync()).MustSucceed().State.Resources.ToDictionary(r => r.Urn, r => r.Id);
        Assert.Equal(ids, (await _site.UpAsync()).State.Resources.ToDictionary(r => r.Urn, r => r.Id));
    }

    [Fact]
    public async Task A_property_that_cannot_is_a_replacement_and_what_hangs_on_it_follows()
    {
        var old = (await _site.UpAsync()).MustSucceed();
        _site.Config["image"] = "image-2";
        var preview = (await _site.PreviewAsync()).MustSucceed();
        Assert.Equal(Operation.Replace, preview.Step("machine").Operation);
        Assert.Equal(["image"], preview.Step("machine").Replacing);
        Assert.Equal(Operation.Update, preview.Step("record").Operation);     // its target is not known before the new machine stands
        Assert.Equal(["target"], preview.Step("record").Changed);

        var up = (await _site.UpAsync()).MustSucceed();
        Assert.NotEqual(old.Step("machine").Id, up.Step("machine").Id);
        var deleted = Assert.Single(up.Steps, s => s.Operation == Operation.Delete);
        Assert.Equal((old.Step("machine").Id, true), (deleted.Id, deleted.OfReplaced));
        Assert.True(up.Steps.ToList().IndexOf(deleted) > up.Steps.ToList().IndexOf(up.Step("record")), "the old machine went before its dependents had left it");
        Assert.False((await _site.UpAsync()).HasChanges);
    }

    [Fact]
    public async Task Delete_before_replace_turns_the_order_round()
    {
        await _site.UpAsync();
        (_site.Config["image"], _site.Config["deleteFirst"]) = ("image-2", "true");
        var steps = (await _site.UpAsync()).MustSucceed().Steps.Where(s => s.Name == "machine").Select(s => s.Operation);
        Assert.Equal([Operation.Delete, Operation.Replace], steps);
    }

    [Fact]
    public async Task Ignored_changes_keep_the_old_value()
    {
        await _site.UpAsync();
        (_site.Config["image"], _site.Config["ignoreImage"]) = ("image-2", "true");
        var up = (await _site.UpAsync()).MustSucceed();
        Assert.False(up.HasChanges);
        Assert.Equal("image-1", up.State.Resources.Single(r => r.Type == "acme:index:Machine").Inputs.Fields["image"].StringValue);
    }

    [Fact]
    public async Task Replace_on_changes_replaces_what_the_provider_would_update()
    {
        await _site.UpAsync();
        (_site.Config["size"], _site.Config["replaceOnSize"]) = ("large", "true");
        Assert.Equal(["size"], (await _site.PreviewAsync()).Step("machine").Replacing);
    }

    [Fact]
    public async Task An_alias_renames_and_replaces_nothing()
    {
        await _site.UpAsync();
        (_site.Config["machineName"], _site.Config["oldMachineName"]) = ("app", "machine");
        (_site.Config["siteName"], _site.Config["oldSiteName"]) = ("place", "site");
        var up = (await _site.UpAsync()).MustSucceed();
        Assert.Empty(up.Changes.Select(s => $"{s.Operation} {s.Urn}"));
        Assert.DoesNotContain(up.State.Resources, r => r.Urn.EndsWith("::machine", StringComparison.Ordinal));
        Assert.False((await _site.UpAsync()).HasChanges);
    }

    [Fact]
    public async Task What_the_program_no_longer_names_is_deleted_last_made_first()
    {
        await _site.UpAsync();
        (_site.Config["withRecord"], _site.Config["withVolume"]) = ("false", "false");
        var up = (await _site.UpAsync()).MustSucceed();
        Assert.Equal([Operation.Delete, Operation.Delete], up.Changes.Select(s => s.Operation));
        Assert.Equal(["machine", "probe-dev", "site"], up.State.Resources.Where(r => !r.Type.StartsWith("pulumi:providers", StringComparison.Ordinal)).Select(r => Values.Urn.NameOf(r.Urn)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Inputs_that_the_provider_refuses_end_the_preview_with_its_words()
    {
        _site.Config["gigabytes"] = "20000";
        var preview = await _site.PreviewAsync();
        Assert.False(preview.Succeeded);
        Assert.Contains(preview.Errors, e => e.Contains("volume", StringComparison.Ordinal) && e.Contains("gigabytes: a volume has at most 16384 GB", StringComparison.Ordinal));
        Assert.DoesNotContain(preview.Errors, e => e.Contains("RpcException", StringComparison.Ordinal));
    }

    public void Dispose() => _site.Dispose();
}
