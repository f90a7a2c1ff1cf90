using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Pulumirpc;
using PulumiEngine.Values;
using Xunit;

namespace Provisioner.Tests.Provider;

/// <summary>A process that speaks the provider protocol, spoken to as Pulumi's engine speaks to it.</summary>
public sealed class The_provider(ProviderProcess provider) : IClassFixture<ProviderProcess>
{
    private const string Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

    [Fact]
    public async Task Prints_its_port_and_nothing_else_and_ends_when_it_is_asked_to()
    {
        await using var own = new ProviderProcess();
        await own.InitializeAsync();
        Assert.True((await own.Client.HandshakeAsync(new ProviderHandshakeRequest { EngineAddress = "127.0.0.1:1" })).AcceptSecrets);
        Assert.Equal("0.1.0", (await own.Client.GetPluginInfoAsync(new Empty())).Version);
        await own.CheckAsync(HostedStack.Inputs(HostedStack.Input(HostedStack.Authority.Issue([HostedStack.Domain]))));
        Assert.Equal("", await own.EndAsync());
    }

    [Fact]
    public async Task Tells_its_schema_with_both_resources_and_every_input()
    {
        using var schema = JsonDocument.Parse((await provider.Client.GetSchemaAsync(new GetSchemaRequest())).Schema);
        var resources = schema.RootElement.GetProperty("resources");
        foreach (var type in new[] { "appliance:index:Certificate", "appliance:index:Installation" })
        {
            Assert.Equal(["host", "hostKeyFingerprint", "secrets", "settings", "stack"], resources.GetProperty(type).GetProperty("inputProperties").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
            Assert.True(resources.GetProperty(type).GetProperty("inputProperties").GetProperty("secrets").GetProperty("secret").GetBoolean());
        }
    }

    [Fact]
    public async Task Keeps_nothing_of_the_stacks_configuration_that_it_is_handed()
    {
        var request = new CheckRequest { Urn = "urn:pulumi:acme::appliance::pulumi:providers:appliance::default", News = new Struct { Fields = { ["licence"] = PropertyValues.Secret(Value.ForString("SECRET-LICENCE-1234567")), ["domain"] = Value.ForString("backup.example.org") } } };
        var answer = await provider.Client.CheckConfigAsync(request);
        Assert.Empty(answer.Failures);
        Assert.Empty(answer.Inputs.Fields);
        Assert.Equal(DiffResponse.Types.DiffChanges.DiffNone, (await provider.Client.DiffConfigAsync(new DiffRequest { News = request.News })).Changes);
        var configured = await provider.Client.ConfigureAsync(new ConfigureRequest { Args = request.News });
        Assert.True(configured is { AcceptSecrets: true, SupportsPreview: true });
    }

    [Fact]
    public async Task Refuses_every_mistake_by_the_property_that_it_is_in_with_a_remedy_and_without_the_secret()
    {
        var input = HostedStack.Input(HostedStack.Authority.Issue([HostedStack.Domain]), ("certificateKey", "-----BEGIN NOTHING----- very secret"), ("version", "latest"), ("domain", "localhost"), ("wheels", "4"));
        var answer = await provider.CheckAsync(HostedStack.Inputs(input));
        Assert.Superset(new HashSet<string> { "secrets[\"certificateKey\"]", "settings[\"version\"]", "settings[\"domain\"]", "settings[\"wheels\"]" }, answer.Failures.Select(f => f.Property).ToHashSet());
        Assert.All(answer.Failures, f => Assert.True(f.Reason.Length > 20 && !f.Reason.Contains("very secret", StringComparison.Ordinal), f.Reason));
    }

    [Theory]
    [InlineData("desired", "it is computed")]
    [InlineData("hosts", "there is no such property")]
    [InlineData("host", "it is not an object")]
    [InlineData("hostKeyFingerprint", "it is no fingerprint")]
    public async Task Refuses_properties_that_are_not_on_its_page(string property, string words)
    {
        var inputs = Good();
        inputs.Fields[property] = Value.ForString("something");
        Assert.Contains((await provider.CheckAsync(inputs)).Failures, f => f.Property == property && f.Reason.StartsWith(words, StringComparison.Ordinal));
        inputs.Fields.Remove("stack");
        Assert.Contains((await provider.CheckAsync(inputs)).Failures, f => f.Property == "stack");
    }

    [Fact]
    public async Task Adds_what_follows_from_the_settings_and_hides_the_digests_of_secret_files()
    {
        var desired = (await provider.CheckAsync(Good())).Inputs.Fields["desired"].StructValue;
        Assert.Equal("0.1.0", desired.Fields["version"].StringValue);
        Assert.Equal("registry.example.org/backup/appliance:0.1.0", desired.Fields["images"].StructValue.Fields["app"].StringValue);
        Assert.Contains("/opt/appliance/release/compose.yaml", desired.Fields["files"].StructValue.Fields.Keys);
        Assert.EndsWith(" 755", desired.Fields["files"].StructValue.Fields["/opt/appliance/nginx/render"].StringValue, StringComparison.Ordinal);
        var certificate = (await provider.CheckAsync(Good(), urn: ProviderProcess.CertificateUrn)).Inputs.Fields["desired"].StructValue;
        Assert.Equal(("paid", HostedStack.Domain), (certificate.Fields["source"].StringValue, certificate.Fields["names"].ListValue.Values.Single().StringValue));
    }

    [Fact]
    public async Task Judges_nothing_that_is_not_known_yet_and_keeps_secrets_secret()
    {
        var inputs = Good();
        inputs.Fields["host"].StructValue.Fields["address"] = Value.ForString(Unknown);
        inputs.Fields["secrets"] = PropertyValues.Bare(inputs).Fields["secrets"];
        var answer = await provider.CheckAsync(inputs);
        Assert.Empty(answer.Failures);
        Assert.True(PropertyValues.IsSecret(answer.Inputs.Fields["secrets"]));
        Assert.Equal(Value.KindOneofCase.StructValue, answer.Inputs.Fields["desired"].KindCase);
        inputs.Fields["settings"].StructValue.Fields["domain"] = Value.ForString(Unknown);
        answer = await provider.CheckAsync(inputs);
        Assert.Empty(answer.Failures);
        Assert.Equal(Unknown, answer.Inputs.Fields["desired"].StringValue);
    }

    [Fact]
    public async Task Foresees_in_a_preview_without_going_anywhere()
    {
        // 203.0.113.20 answers nobody: a call that tried would hang and fail.
        var inputs = (await provider.CheckAsync(Good())).Inputs;
        var created = await provider.CreateAsync(inputs, preview: true);
        Assert.Equal("", created.Id);
        Assert.Equal(inputs.Fields["desired"].StructValue.Fields["files"], created.Properties.Fields["files"]);
        var certificate = await provider.CreateAsync((await provider.CheckAsync(Good(), urn: ProviderProcess.CertificateUrn)).Inputs, preview: true, ProviderProcess.CertificateUrn);
        Assert.Equal("CN=Hosted Intermediate", certificate.Properties.Fields["issuer"].StringValue);
        Assert.Equal(inputs.Fields["hostKeyFingerprint"], certificate.Properties.Fields["hostKeyFingerprint"]);
    }

    public static TheoryData<string, string, string[]> Changes => new()
    {
        { "version", "0.2.0", ["desired.commands[\"images\"]", "desired.commands[\"start\"]", "desired.files[\"/opt/appliance/release/environment\"]", "desired.images[\"app\"]", "desired.images[\"certificates\"]", "desired.images[\"worker\"]", "desired.version"] },
        { "imageRegistry", "other.example.org/backup", ["desired.commands[\"images\"]", "desired.commands[\"start\"]", "desired.files[\"/opt/appliance/release/environment\"]", "desired.images[\"app\"]", "desired.images[\"certificates\"]", "desired.images[\"db\"]", "desired.images[\"proxy\"]", "desired.images[\"worker\"]"] },
        { "alertEmails", "[\"somebody@example.org\"]", [] },
        { "destroyProtection", "false", [] },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Names_each_property_that_differs_and_never_replaces(string key, string value, string[] paths)
    {
        var certificate = HostedStack.Authority.Issue([HostedStack.Domain]);
        var before = (await provider.CheckAsync(HostedStack.Inputs(HostedStack.Input(certificate)))).Inputs;
        var after = (await provider.CheckAsync(HostedStack.Inputs(HostedStack.Input(certificate, (key, value))), before)).Inputs;
        var diff = await provider.DiffAsync(before, Standing(before), after);
        Assert.Equal(paths, diff.DetailedDiff.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(paths.Length > 0 ? DiffResponse.Types.DiffChanges.DiffSome : DiffResponse.Types.DiffChanges.DiffNone, diff.Changes);
        Assert.All(diff.DetailedDiff.Values, d => Assert.True(d is { Kind: PropertyDiff.Types.Kind.Update, InputDiff: true }));
        Assert.Empty(diff.Replaces);
        Assert.Empty((await provider.DiffAsync(before, Standing(before), before)).DetailedDiff);
    }

    [Fact]
    public async Task Changes_a_renewed_certificate_in_place()
    {
        var before = (await provider.CheckAsync(HostedStack.Inputs(HostedStack.Input(HostedStack.Authority.Issue([HostedStack.Domain]))), urn: ProviderProcess.CertificateUrn)).Inputs;
        var after = (await provider.CheckAsync(HostedStack.Inputs(HostedStack.Input(HostedStack.Authority.Issue([HostedStack.Domain]))), before, ProviderProcess.CertificateUrn)).Inputs;
        var diff = await provider.DiffAsync(before, Standing(before), after, ProviderProcess.CertificateUrn);
        Assert.Contains("desired.serial", diff.DetailedDiff.Keys);
        Assert.Empty(diff.Replaces);
        Assert.All(diff.DetailedDiff.Values, d => Assert.Equal(PropertyDiff.Types.Kind.Update, d.Kind));
    }

    [Fact]
    public async Task Sees_on_the_host_what_nobody_changed_in_the_stack()
    {
        var inputs = (await provider.CheckAsync(Good())).Inputs;
        var outputs = Standing(inputs);
        outputs.Fields["files"].StructValue.Fields["/opt/appliance/release/compose.yaml"] = Value.ForString("0000 644");
        outputs.Fields["files"].StructValue.Fields.Remove("/opt/appliance/nginx/tls.conf");
        var diff = await provider.DiffAsync(inputs, outputs, inputs);
        Assert.Equal(["desired.files[\"/opt/appliance/nginx/tls.conf\"]", "desired.files[\"/opt/appliance/release/compose.yaml\"]"], diff.DetailedDiff.Keys.Order(StringComparer.Ordinal));
        Assert.All(diff.DetailedDiff.Values, d => Assert.False(d.InputDiff));
    }

    [Theory]
    [InlineData(ProviderProcess.InstallationUrn, "storageDevice", "/dev/disk/by-id/scsi-1", "storageDevice: preparing the disk")]
    [InlineData(ProviderProcess.InstallationUrn, "devopsVersion", "2.0.0", "devopsVersion:")]
    public async Task Refuses_by_name_what_is_not_built_before_it_goes_anywhere(string urn, string key, string value, string words)
    {
        var input = HostedStack.Input(HostedStack.Authority.Issue([HostedStack.Domain]), (key, value));
        var inputs = (await provider.CheckAsync(HostedStack.Inputs(input), urn: urn)).Inputs;
        var refused = await Assert.ThrowsAsync<RpcException>(() => provider.CreateAsync(inputs, preview: false, urn));
        Assert.Contains(words, refused.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(refused.Trailers, t => t.Key == "grpc-status-details-bin");     // nothing exists
    }

    [Fact]
    public async Task Knows_no_other_resource_and_no_function()
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => provider.CheckAsync(new Struct(), urn: "urn:pulumi:acme::appliance::appliance:index:Kettle::kettle"));
        Assert.Contains("appliance:index:Kettle", refused.Status.Detail, StringComparison.Ordinal);
    }

    /// <summary>The outputs of a host that is as these inputs want it.</summary>
    private static Struct Standing(Struct inputs)
    {
        var outputs = inputs.Fields["desired"].StructValue.Clone();
        outputs.Fields["hostKeyFingerprint"] = inputs.Fields["hostKeyFingerprint"];
        return outputs;
    }

    private static Struct Good() => HostedStack.Inputs(HostedStack.Input(HostedStack.Authority.Issue([HostedStack.Domain])));
}
