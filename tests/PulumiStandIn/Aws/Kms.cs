namespace Pulumi.Aws.Kms;

[AwsResourceType("aws:kms/key:Key")]
public sealed class Key(string name, KeyArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("aws:kms/key:Key", name, args ?? new(), Package.Options(options))
{
    [Output("keyId")] public Output<string> KeyId { get; private set; } = null!;
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
}

public sealed class KeyArgs : ResourceArgs
{
    [Input("description")] public Input<string>? Description { get; set; }
    [Input("deletionWindowInDays")] public Input<int>? DeletionWindowInDays { get; set; }
    [Input("enableKeyRotation")] public Input<bool>? EnableKeyRotation { get; set; }
    [Input("policy")] public Input<string>? Policy { get; set; }
}

[AwsResourceType("aws:kms/alias:Alias")]
public sealed class Alias(string name, AliasArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:kms/alias:Alias", name, args, Package.Options(options))
{
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
    [Output("name")] public Output<string> Name { get; private set; } = null!;
}

public sealed class AliasArgs : ResourceArgs
{
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("targetKeyId", required: true)] public Input<string> TargetKeyId { get; set; } = null!;
}
