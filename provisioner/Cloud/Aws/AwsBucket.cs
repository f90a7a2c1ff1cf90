using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Aws.S3;
using Pulumi.Aws.S3.Inputs;

namespace Provisioner.Cloud.Aws;

/// <summary>The bucket that the vaults live in: made here, or the customer's own.</summary>
internal sealed class AwsBucket
{
    public required HostBucket Host { get; init; }
    /// <summary>Null for an S3-compatible service that is not AWS's: no role of ours reaches it.</summary>
    public required Output<string>? Arn { get; init; }
    public required bool Locked { get; init; }
    /// <summary>What must guard it before anything is stored; nothing where it stands already.</summary>
    public IReadOnlyList<Resource> Guards { get; init; } = [];

    public static AwsBucket? For(Site site, AwsKey key)
    {
        if (site.Settings.Storage.S3 is not { } s3) return null;
        var partition = AwsPolicy.Partition(site.Settings.Machine.Region);
        if (s3.Bucket is { } name)
            return new AwsBucket
            {
                Host = new HostBucket(Output.Create(name), s3.Prefix, s3.Region, s3.Endpoint),
                Arn = s3.Endpoint is null ? Output.Create($"arn:{partition}:s3:::{name}") : null,
                Locked = s3.ObjectLockDays is not null,
            };
        var (bucket, guards) = Create(site, s3, key);
        return new AwsBucket { Host = new HostBucket(bucket.BucketName, s3.Prefix, s3.Region, null), Arn = bucket.Arn, Locked = s3.ObjectLockDays is not null, Guards = guards };
    }

    private static (Bucket, IReadOnlyList<Resource> Guards) Create(Site site, S3Settings s3, AwsKey key)
    {
        var options = site.Kept();
        options.IgnoreChanges.AddRange(["bucketPrefix", "objectLockEnabled"]);     // either would mean another, empty bucket
        var bucket = new Bucket(site.Named("vaults"), new BucketArgs
        {
            BucketPrefix = $"{Site.Within(29, site.Name)}-vaults-",      // S3 takes 37 characters before what it adds
            ForceDestroy = false,
            // No default retention: keys are kept beside the data and must stay erasable, so the appliance locks object by object.
            ObjectLockEnabled = s3.ObjectLockDays is not null,
            Tags = { { "Name", site.Named("vaults") } },
        }, options);
        var name = bucket.Id;
        // The bucket outlives the stack, so what guards it must too.
        var guards = new List<Resource>
        {
            new BucketPublicAccessBlock(site.Named("vaults"), new BucketPublicAccessBlockArgs
            {
                Bucket = name, BlockPublicAcls = true, BlockPublicPolicy = true, IgnorePublicAcls = true, RestrictPublicBuckets = true,
            }, Staying(site)),
            new BucketOwnershipControls(site.Named("vaults"), new BucketOwnershipControlsArgs
            {
                Bucket = name, Rule = new BucketOwnershipControlsRuleArgs { ObjectOwnership = "BucketOwnerEnforced" },
            }, Staying(site)),
            new BucketServerSideEncryptionConfiguration(site.Named("vaults"), new BucketServerSideEncryptionConfigurationArgs
            {
                Bucket = name,
                Rules =
                {
                    new BucketServerSideEncryptionConfigurationRuleArgs
                    {
                        ApplyServerSideEncryptionByDefault = new BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs
                        {
                            SseAlgorithm = "aws:kms", KmsMasterKeyId = key.BucketKey!,
                        },
                        BucketKeyEnabled = true,
                    },
                },
            }, Staying(site)),
        };
        var versions = new BucketVersioning(site.Named("vaults"), new BucketVersioningArgs
        {
            Bucket = name, VersioningConfiguration = new BucketVersioningVersioningConfigurationArgs { Status = "Enabled" },
        }, Staying(site));
        _ = new BucketLifecycleConfiguration(site.Named("vaults"), new BucketLifecycleConfigurationArgs
        {
            Bucket = name,
            Rules =
            {
                new BucketLifecycleConfigurationRuleArgs
                {
                    Id = "left-overs",
                    Status = "Enabled",
                    Filter = new BucketLifecycleConfigurationRuleFilterArgs { Prefix = s3.Prefix },
                    AbortIncompleteMultipartUpload = new BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs { DaysAfterInitiation = 7 },
                    NoncurrentVersionExpiration = new BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs { NoncurrentDays = 30 },
                },
            },
        }, Staying(site, versions));
        var policy = new BucketPolicy(site.Named("vaults"), new BucketPolicyArgs
        {
            Bucket = name,
            Policy = bucket.Arn.Apply(arn => AwsPolicy.Document(
                AwsPolicy.Deny(["s3:*"], arn, $"{arn}/*").For("AWS", "*").When("Bool", "aws:SecureTransport", "false"),
                AwsPolicy.Deny(["s3:*"], arn, $"{arn}/*").For("AWS", "*").When("NumericLessThan", "s3:TlsVersion", "1.2"))),
        }, Staying(site, [.. guards]));      // S3 refuses several changes of one bucket's access at once
        return (bucket, [policy, versions]);
    }

    private static CustomResourceOptions Staying(Site site, params Resource[] after)
    {
        var options = site.Part(after);
        options.RetainOnDelete = true;
        return options;
    }
}
