namespace Pulumi.Aws;

[AwsResourceType("pulumi:providers:aws")]
public sealed class Provider(string name, ProviderArgs? args = null, CustomResourceOptions? options = null)
    : ProviderResource("aws", name, args ?? new(), Package.Options(options, "accessKey", "secretKey", "token"));

public sealed class ProviderArgs : ResourceArgs
{
    [Input("region")] public Input<string>? Region { get; set; }
    [Input("defaultTags", json: true)] public Input<Inputs.ProviderDefaultTagsArgs>? DefaultTags { get; set; }
    [Input("allowedAccountIds", json: true)] private InputList<string>? _allowedAccountIds; public InputList<string> AllowedAccountIds { get => _allowedAccountIds ??= new(); set => _allowedAccountIds = value; }
    // The official package sets these itself.
    [Input("skipCredentialsValidation", json: true)] private Input<bool> SkipCredentialsValidation { get; } = false;
    [Input("skipRegionValidation", json: true)] private Input<bool> SkipRegionValidation { get; } = true;
}

public static class GetAvailabilityZones
{
    public static Output<GetAvailabilityZonesResult> Invoke(GetAvailabilityZonesInvokeArgs? args = null, InvokeOptions? options = null) =>
        Deployment.Instance.Invoke<GetAvailabilityZonesResult>("aws:index/getAvailabilityZones:getAvailabilityZones", args ?? new(), Package.Invoke(options));
}

public sealed class GetAvailabilityZonesInvokeArgs : InvokeArgs
{
    [Input("state")] public Input<string>? State { get; set; }
}

[OutputType]
public sealed class GetAvailabilityZonesResult
{
    public readonly System.Collections.Immutable.ImmutableArray<string> Names;

    [OutputConstructor]
    private GetAvailabilityZonesResult(System.Collections.Immutable.ImmutableArray<string> names) => Names = names;
}

public static class GetCallerIdentity
{
    public static Output<GetCallerIdentityResult> Invoke(GetCallerIdentityInvokeArgs? args = null, InvokeOptions? options = null) =>
        Deployment.Instance.Invoke<GetCallerIdentityResult>("aws:index/getCallerIdentity:getCallerIdentity", args ?? new(), Package.Invoke(options));
}

public sealed class GetCallerIdentityInvokeArgs : InvokeArgs;

[OutputType]
public sealed class GetCallerIdentityResult
{
    public readonly string AccountId;
    public readonly string Arn;

    [OutputConstructor]
    private GetCallerIdentityResult(string accountId, string arn) => (AccountId, Arn) = (accountId, arn);
}
