namespace Pulumi.Aws.S3.Inputs;

public sealed class BucketVersioningVersioningConfigurationArgs : ResourceArgs
{
    [Input("status", required: true)] public Input<string> Status { get; set; } = null!;
}

public sealed class BucketServerSideEncryptionConfigurationRuleArgs : ResourceArgs
{
    [Input("applyServerSideEncryptionByDefault")] public Input<BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs>? ApplyServerSideEncryptionByDefault { get; set; }
    [Input("bucketKeyEnabled")] public Input<bool>? BucketKeyEnabled { get; set; }
}

public sealed class BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs : ResourceArgs
{
    [Input("sseAlgorithm", required: true)] public Input<string> SseAlgorithm { get; set; } = null!;
    [Input("kmsMasterKeyId")] public Input<string>? KmsMasterKeyId { get; set; }
}

public sealed class BucketOwnershipControlsRuleArgs : ResourceArgs
{
    [Input("objectOwnership", required: true)] public Input<string> ObjectOwnership { get; set; } = null!;
}

public sealed class BucketLifecycleConfigurationRuleArgs : ResourceArgs
{
    [Input("id", required: true)] public Input<string> Id { get; set; } = null!;
    [Input("status", required: true)] public Input<string> Status { get; set; } = null!;
    [Input("filter")] public Input<BucketLifecycleConfigurationRuleFilterArgs>? Filter { get; set; }
    [Input("abortIncompleteMultipartUpload")] public Input<BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs>? AbortIncompleteMultipartUpload { get; set; }
    [Input("noncurrentVersionExpiration")] public Input<BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs>? NoncurrentVersionExpiration { get; set; }
}

public sealed class BucketLifecycleConfigurationRuleFilterArgs : ResourceArgs
{
    [Input("prefix")] public Input<string>? Prefix { get; set; }
}

public sealed class BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs : ResourceArgs
{
    [Input("daysAfterInitiation")] public Input<int>? DaysAfterInitiation { get; set; }
}

public sealed class BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs : ResourceArgs
{
    [Input("noncurrentDays", required: true)] public Input<int> NoncurrentDays { get; set; } = null!;
}
