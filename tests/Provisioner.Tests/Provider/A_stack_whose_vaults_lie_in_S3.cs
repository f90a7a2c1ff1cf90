using ExampleStacks;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Xunit;

namespace Provisioner.Tests.Provider;

/// <summary>Only the cloud knows how the bucket is called that it makes: it comes with the host, not with the settings.</summary>
public sealed class A_stack_whose_vaults_lie_in_S3(ProviderProcess provider) : IClassFixture<ProviderProcess>
{
    private const string Unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9", Environment = "/opt/appliance/release/environment";

    [Fact]
    public async Task Is_planned_whole_once_the_cloud_has_named_the_bucket()
    {
        var preview = await provider.CheckAsync(Inputs(Unknown));
        Assert.Empty(preview.Failures);
        Assert.Equal(["version"], preview.Inputs.Fields["desired"].StructValue.Fields.Keys);
        Assert.DoesNotContain("files", (await provider.CreateAsync(preview.Inputs, preview: true)).Properties.Fields.Keys);

        var planned = await Files("acme-vaults-2026");
        Assert.Equal(planned, await Files("acme-vaults-2026"));
        var other = await Files("acme-vaults-2027");
        Assert.Equal([Environment], planned.Keys.Where(path => !planned[path].Equals(other[path])));
    }

    /// <summary>Later is too late: the cloud's part of the stack comes first, and takes the rights to the old place away.</summary>
    [Fact]
    public async Task Is_led_to_no_other_place_and_told_so_in_the_preview()
    {
        var stands = (await provider.CheckAsync(Inputs("acme-vaults-2026"))).Inputs;
        foreach (var bucket in new[] { "acme-vaults-2026", Unknown }) Assert.Empty((await provider.CheckAsync(Inputs(bucket), stands)).Failures);
        var moved = Assert.Single((await provider.CheckAsync(Inputs("acme-vaults-2027"), stands)).Failures);
        Assert.Contains("The vaults lie in s3://acme-vaults-2026/", moved.Reason, StringComparison.Ordinal);
        Assert.Contains("a deployment moves none", moved.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_refused_while_the_bucket_has_no_name()
    {
        var inputs = (await provider.CheckAsync(Inputs(null))).Inputs;
        var refused = await Assert.ThrowsAsync<RpcException>(() => provider.CreateAsync(inputs, preview: false));
        Assert.Contains("The bucket of the vaults has no name. Set host.bucket", refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_refused_on_a_host_that_is_not_on_AWS()
    {
        var stack = ExampleStack.Named("host-s3-customer-vpn").Input;
        var inputs = (await provider.CheckAsync(HostedStack.Inputs(stack))).Inputs;
        var refused = await Assert.ThrowsAsync<RpcException>(() => provider.CreateAsync(inputs, preview: false));
        Assert.Contains("storage: s3 needs an access key on a host that is not on AWS", refused.Status.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain(stack.Values["appliance:s3SecretKey"], refused.Status.Detail, StringComparison.Ordinal);
    }

    private async Task<Dictionary<string, Value>> Files(string bucket)
    {
        var checkedInputs = await provider.CheckAsync(Inputs(bucket));
        Assert.Empty(checkedInputs.Failures);
        return new Dictionary<string, Value>(checkedInputs.Inputs.Fields["desired"].StructValue.Fields["files"].StructValue.Fields);
    }

    private static Struct Inputs(string? bucket)
    {
        var inputs = HostedStack.Inputs(ExampleStack.Named("aws-s3-customer").Input);
        if (bucket is not null) inputs.Fields["host"].StructValue.Fields["bucket"] = Value.ForString(bucket);
        return inputs;
    }
}
