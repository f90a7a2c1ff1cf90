using System.Text.Json.Nodes;
using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Aws.Iam;

namespace Provisioner.Cloud.Aws;

/// <summary>What the machine itself may do in the account: its own prefix of its bucket, its own challenge records, its own management channel. No more.</summary>
internal sealed class AwsRole
{
    public Output<string> Profile { get; }
    /// <summary>A container, one hop behind the machine, has to reach the role.</summary>
    public bool FromContainers { get; }
    /// <summary>What the appliance may not start without: its own rights.</summary>
    public IReadOnlyList<Resource> Grants { get; }

    public AwsRole(Site site, AwsBucket? bucket, AwsKey key)
    {
        var settings = site.Settings;
        var grants = new List<Resource>();
        var role = new Role(site.Named("machine"), new RoleArgs
        {
            AssumeRolePolicy = AwsPolicy.TakenBy("ec2.amazonaws.com"),
            Description = $"The appliance {settings.Stack}",
        }, site.Part());
        if (bucket?.Arn is { } arn && settings.Storage.S3!.AccessKey is null)
        {
            FromContainers = true;
            Grant("vaults", Output.Tuple(arn, key.BucketKey ?? Output.Create("")).Apply(ids => Vaults(ids.Item1, bucket.Host.Prefix, ids.Item2, bucket.Locked)));
        }
        if (settings is { Domain: { Provider: DnsProvider.Route53 }, Certificate: AcmeCertificate { Challenge: AcmeChallenge.Dns01 } })
        {
            FromContainers = true;
            Grant("challenges", AwsName.ZoneOf(site).Apply(zone => Challenges(zone, settings)));
        }
        if (settings.Access.Via == DeployVia.Ssm)
            _ = new RolePolicyAttachment(site.Named("management"), new RolePolicyAttachmentArgs
            {
                Role = role.Name, PolicyArn = $"arn:{AwsPolicy.Partition(settings.Machine.Region)}:iam::aws:policy/AmazonSSMManagedInstanceCore",
            }, site.Part());
        Profile = new InstanceProfile(site.Named("machine"), new InstanceProfileArgs { Role = role.Name }, site.Part()).Name;
        Grants = grants;

        void Grant(string what, Output<string> policy) =>
            grants.Add(new RolePolicy(site.Named(what), new RolePolicyArgs { Role = role.Name, Policy = policy }, site.Part()));
    }

    private static string Vaults(string bucket, string prefix, string key, bool locked)
    {
        string[] objects = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];
        string[] locks = ["s3:PutObjectRetention", "s3:GetObjectRetention", "s3:PutObjectLegalHold", "s3:GetObjectLegalHold"];
        var list = AwsPolicy.Allow(["s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"], bucket);
        return AwsPolicy.Document(
            AwsPolicy.Allow(locked ? [.. objects, .. locks] : objects, $"{bucket}/{prefix}*"),
            prefix.Length > 0 ? list.When("StringLike", "s3:prefix", $"{prefix}*") : list,
            AwsPolicy.Allow(["s3:GetBucketLocation", "s3:GetBucketVersioning", "s3:GetBucketObjectLockConfiguration"], bucket),
            key.Length > 0 ? AwsPolicy.Allow(["kms:Decrypt", "kms:GenerateDataKey"], key) : null);
    }

    /// <summary>Only the one TXT record by which the certificate is proved.</summary>
    private static string Challenges(string zone, StackSettings settings)
    {
        var partition = AwsPolicy.Partition(settings.Machine.Region);
        var write = AwsPolicy.Allow(["route53:ChangeResourceRecordSets"], $"arn:{partition}:route53:::hostedzone/{zone}");
        write["Condition"] = new JsonObject
        {
            ["ForAllValues:StringEquals"] = new JsonObject
            {
                ["route53:ChangeResourceRecordSetsNormalizedRecordNames"] = new JsonArray($"_acme-challenge.{settings.Domain.Name}"),
                ["route53:ChangeResourceRecordSetsRecordTypes"] = new JsonArray("TXT"),
            },
        };
        return AwsPolicy.Document(
            write,
            AwsPolicy.Allow(["route53:ListResourceRecordSets"], $"arn:{partition}:route53:::hostedzone/{zone}"),
            AwsPolicy.Allow(["route53:GetChange"], $"arn:{partition}:route53:::change/*"),
            AwsPolicy.Allow(["route53:ListHostedZonesByName"], "*"));
    }
}
