using Google.Protobuf.WellKnownTypes;
using Pulumirpc;
using PulumiEngine.Deploying;
using PulumiEngine.Providers;
using PulumiEngine.Values;

namespace PulumiEngine.Tests;

public sealed class A_provider_process_is_driven_for_real : IAsyncLifetime
{
    private const string Password = "correct-horse-battery";

    private readonly RecordingProvider _provider = new();
    private readonly ProbeRun _site = new("site") { Secrets = { ["password"] = Password, ["acme:token"] = "token-of-the-provider" }, Config = { ["acme:zone"] = "a" } };

    public async ValueTask InitializeAsync() => _site.Plugins["acme"] = await _provider.StartAsync();

    [Fact]
    public async Task In_the_order_of_the_protocol_and_configured_from_its_namespace()
    {
        (await _site.UpAsync()).MustSucceed();
        Assert.Equal(["Handshake", "GetPluginInfo", "CheckConfig", "Configure", "Check", "Create"], _provider.Methods.Take(6));
        Assert.Equal("Cancel", _provider.Methods[^1]);
        Assert.Equal(3, _provider.Methods.Count(m => m == "Create"));
        var configured = Assert.Single(_provider.Requests<ConfigureRequest>());
        Assert.Equal("a", configured.Args.Fields["zone"].StringValue);
        Assert.True(PropertyValues.IsSecret(configured.Args.Fields["token"]));
        Assert.Equal("urn:pulumi:dev::probe::pulumi:providers:acme::default", configured.Urn);
    }

    [Fact]
    public async Task A_preview_creates_nothing()
    {
        var preview = (await _site.PreviewAsync()).MustSucceed();
        Assert.All(_provider.Requests<CreateRequest>(), c => Assert.True(c.Preview));
        Assert.DoesNotContain(_provider.Methods, m => m is "Update" or "Delete" or "Read");
        Assert.All(preview.Changes, s => Assert.Equal(Operation.Create, s.Operation));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Secrets_reach_it_marked_or_bare_as_it_takes_them_and_stay_secret_in_the_state(bool accepts)
    {
        _provider.AcceptsSecrets = accepts;
        var up = (await _site.UpAsync()).MustSucceed();
        var sent = _provider.Requests<CreateRequest>().Single(c => c.Name == "machine").Properties.Fields["password"];
        Assert.Equal(accepts, PropertyValues.IsSecret(sent));
        var state = up.State.Resources.Single(r => r.Type == "acme:index:Machine");
        Assert.True(PropertyValues.IsSecret(state.Inputs.Fields["password"]));
        Assert.True(PropertyValues.IsSecret(state.Outputs.Fields["password"]));
        Assert.DoesNotContain(Password, await File.ReadAllTextAsync(_site.StatePath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_older_one_without_a_handshake_serves_as_well()
    {
        _provider.KnowsHandshake = false;
        (await _site.UpAsync()).MustSucceed();
        Assert.Equal(3, _provider.Methods.Count(m => m == "Create"));
    }

    [Fact]
    public async Task Its_own_difference_decides_between_same_update_and_replace()
    {
        await _site.UpAsync();
        _provider.OnDiff = diff => diff.Name switch
        {
            "machine" => new DiffResponse
            {
                Changes = DiffResponse.Types.DiffChanges.DiffSome, HasDetailedDiff = true, Diffs = { "image" }, DetailedDiff = { ["image"] = new PropertyDiff { Kind = PropertyDiff.Types.Kind.UpdateReplace } },
            },
            "volume" => new DiffResponse { Changes = DiffResponse.Types.DiffChanges.DiffSome, Diffs = { "gigabytes" } },
            _ => null,
        };
        var preview = (await _site.PreviewAsync()).MustSucceed();
        Assert.Equal((Operation.Replace, "image"), (preview.Step("machine").Operation, preview.Step("machine").Replacing.Single()));
        Assert.Equal((Operation.Update, "gigabytes"), (preview.Step("volume").Operation, preview.Step("volume").Changed.Single()));
        Assert.Equal(Operation.Same, preview.Step("record").Operation);
        Assert.All(_provider.Requests<UpdateRequest>(), u => Assert.True(u.Preview));
        (await _site.UpAsync()).MustSucceed();
        Assert.Equal("machine-id", Assert.Single(_provider.Requests<DeleteRequest>()).Id);
    }

    [Fact]
    public async Task What_it_refuses_is_told_property_by_property()
    {
        _provider.OnCheck = check => check.Name != "volume" ? null : new CheckResponse { Failures = { new CheckFailure { Property = "gigabytes", Reason = "too many" }, new CheckFailure { Property = "zone", Reason = "not yours" } } };
        var preview = await _site.PreviewAsync();
        Assert.Contains(preview.Errors, e => e.EndsWith("gigabytes: too many; zone: not yours", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_configuration_that_it_refuses_ends_the_run()
    {
        _provider.OnCheckConfig = _ => new CheckResponse { Failures = { new CheckFailure { Property = "zone", Reason = "there is no zone a" } } };
        var preview = await _site.PreviewAsync();
        Assert.Contains(preview.Errors, e => e.EndsWith("zone: there is no zone a", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_resource_that_exists_unfinished_is_kept_and_finished_by_the_next_run()
    {
        _provider.OnCreate = create => create is { Name: "machine", Preview: false } ? throw RecordingProvider.Unfinished("machine-1", create.Properties, "it does not answer yet") : null;
        var failed = await _site.UpAsync();
        Assert.Contains(failed.Errors, e => e.EndsWith("create failed: it does not answer yet", StringComparison.Ordinal));
        Assert.Equal("machine-1", failed.State.Resources.Single(r => r.Type == "acme:index:Machine").Id);

        _provider.OnCreate = _ => null;
        var next = (await _site.UpAsync()).MustSucceed();
        Assert.Equal((Operation.Update, "machine-1"), (next.Step("machine").Operation, next.Step("machine").Id));
        Assert.False((await _site.UpAsync()).HasChanges);
    }

    [Fact]
    public async Task A_failed_create_leaves_nothing_in_the_state()
    {
        _provider.OnCreate = create => create.Name == "record" ? throw new Grpc.Core.RpcException(new Grpc.Core.Status(Grpc.Core.StatusCode.Unknown, "the zone is locked")) : null;
        var failed = await _site.UpAsync();
        Assert.Contains(failed.Errors, e => e.EndsWith("create failed: the zone is locked", StringComparison.Ordinal));
        Assert.DoesNotContain(failed.State.Resources, r => r.Type == "acme:index:Record");
    }

    [Fact]
    public async Task Refresh_reads_what_stands_and_forgets_what_is_gone()
    {
        await _site.UpAsync();
        _provider.OnRead = read => read.Name switch
        {
            "record" => new ReadResponse(),
            "volume" => new ReadResponse { Id = read.Id, Properties = new Struct { Fields = { ["gigabytes"] = Value.ForNumber(300) } } },
            _ => null,
        };
        var refreshed = (await _site.RefreshAsync()).MustSucceed();
        Assert.Equal(Operation.Delete, refreshed.Step("record").Operation);
        Assert.Contains("gigabytes", refreshed.Step("volume").Changed);
        Assert.DoesNotContain(refreshed.State.Resources, r => r.Type == "acme:index:Record");
    }

    [Theory]
    [InlineData("echo ready", "printed no port first but: ready")]
    [InlineData("echo no such plugin >&2; exit 3", "no such plugin")]
    public async Task One_that_does_not_come_up_is_told_with_its_own_words(string script, string told)
    {
        _site.Plugins["acme"] = new PluginCommand(["sh", "-c", script], "/");
        var preview = await _site.PreviewAsync();
        Assert.False(preview.Succeeded);
        Assert.Contains(preview.Errors, e => e.Contains(told, StringComparison.Ordinal));
    }

    public async ValueTask DisposeAsync()
    {
        _site.Dispose();
        await _provider.DisposeAsync();
    }
}
