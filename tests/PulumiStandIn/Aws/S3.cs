namespace Pulumi.Aws.S3;

[AwsResourceType("aws:s3/bucket:Bucket")]
public sealed class Bucket(string name, BucketArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("aws:s3/bucket:Bucket", name, args ?? new(), Package.Options(options))
{
    [Output("bucket")] public Output<string> BucketName { get; private set; } = null!;
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
}

public sealed class BucketArgs : ResourceArgs
{
    [Input("bucketPrefix")] public Input<string>? BucketPrefix { get; set; }
    [Input("forceDestroy")] public Input<bool>? ForceDestroy { get; set; }
    [Input("objectLockEnabled")] public Input<bool>? ObjectLockEnabled { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AwsResourceType("aws:s3/bucketVersioning:BucketVersioning")]
public sealed class BucketVersioning(string name, BucketVersioningArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:s3/bucketVersioning:BucketVersioning", name, args, Package.Options(options));

public sealed class BucketVersioningArgs : ResourceArgs
{
    [Input("bucket", required: true)] public Input<string> Bucket { get; set; } = null!;
    [Input("versioningConfiguration", required: true)] public Input<Inputs.BucketVersioningVersioningConfigurationArgs> VersioningConfiguration { get; set; } = null!;
}

[AwsResourceType("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration")]
public sealed class BucketServerSideEncryptionConfiguration(string name, BucketServerSideEncryptionConfigurationArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", name, args, Package.Options(options));

public sealed class BucketServerSideEncryptionConfigurationArgs : ResourceArgs
{
    [Input("bucket", required: true)] public Input<string> Bucket { get; set; } = null!;
    [Input("rules", required: true)] private InputList<Inputs.BucketServerSideEncryptionConfigurationRuleArgs>? _rules; public InputList<Inputs.BucketServerSideEncryptionConfigurationRuleArgs> Rules { get => _rules ??= new(); set => _rules = value; }
}

[AwsResourceType("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")]
public sealed class BucketPublicAccessBlock(string name, BucketPublicAccessBlockArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", name, args, Package.Options(options));

public sealed class BucketPublicAccessBlockArgs : ResourceArgs
{
    [Input("bucket", required: true)] public Input<string> Bucket { get; set; } = null!;
    [Input("blockPublicAcls")] public Input<bool>? BlockPublicAcls { get; set; }
    [Input("blockPublicPolicy")] public Input<bool>? BlockPublicPolicy { get; set; }
    [Input("ignorePublicAcls")] public Input<bool>? IgnorePublicAcls { get; set; }
    [Input("restrictPublicBuckets")] public Input<bool>? RestrictPublicBuckets { get; set; }
}

[AwsResourceType("aws:s3/bucketOwnershipControls:BucketOwnershipControls")]
public sealed class BucketOwnershipControls(string name, BucketOwnershipControlsArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:s3/bucketOwnershipControls:BucketOwnershipControls", name, args, Package.Options(options));

public sealed class BucketOwnershipControlsArgs : ResourceArgs
{
    [Input("bucket", required: true)] public Input<string> Bucket { get; set; } = null!;
    [Input("rule", required: true)] public Input<Inputs.BucketOwnershipControlsRuleArgs> Rule { get; set; } = null!;
}

[AwsResourceType("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration")]
public sealed class BucketLifecycleConfiguration(string name, BucketLifecycleConfigurationArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", name, args, Package.Options(options));

public sealed class BucketLifecycleConfigurationArgs : ResourceArgs
{
    [Input("bucket", required: true)] public Input<string> Bucket { get; set; } = null!;
    [Input("rules")] private InputList<Inputs.BucketLifecycleConfigurationRuleArgs>? _rules; public InputList<Inputs.BucketLifecycleConfigurationRuleArgs> Rules { get => _rules ??= new(); set => _rules = value; }
}

[AwsResourceType("aws:s3/bucketPolicy:BucketPolicy")]
public sealed class BucketPolicy(string name, BucketPolicyArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:s3/bucketPolicy:BucketPolicy", name, args, Package.Options(options));

public sealed class BucketPolicyArgs : ResourceArgs
{
    [Input("bucket", required: true)] public Input<string> Bucket { get; set; } = null!;
    [Input("policy", required: true)] public InputUnion<string, Iam.Inputs.PolicyDocumentArgs> Policy { get; set; } = null!;
}
