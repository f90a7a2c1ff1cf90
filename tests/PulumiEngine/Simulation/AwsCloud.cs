using Google.Protobuf.WellKnownTypes;

namespace PulumiEngine.Simulation;

/// <summary>
/// What the AWS provider computes and cannot change in place. Sources: the property lists of @pulumi/aws 7.48.0 (which outputs there are) and the "Forces new
/// resource" notes of the provider's public documentation (what replaces).
/// </summary>
internal static class AwsCloud
{
    private const string Account = "123456789012";

    public static void Fill(Simulated table)
    {
        table.Function("aws:ec2/getAmi:getAmi", _ => new { id = "ami-0abcdef1234567890", imageId = "ami-0abcdef1234567890", architecture = "x86_64", name = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server" })
            .Function("aws:index/getRegion:getRegion", a => new { region = Text(a, "region") ?? "us-east-1", name = Text(a, "region") ?? "us-east-1", id = Text(a, "region") ?? "us-east-1" })
            .Function("aws:index/getCallerIdentity:getCallerIdentity", _ => new { accountId = Account, id = Account, arn = $"arn:aws:iam::{Account}:user/preview", userId = "AIDAPREVIEW" })
            .Function("aws:index/getPartition:getPartition", _ => new { partition = "aws", dnsSuffix = "amazonaws.com", id = "aws" })
            .Function("aws:index/getAvailabilityZones:getAvailabilityZones", _ => new { id = "us-east-1", names = new[] { "us-east-1a", "us-east-1b", "us-east-1c" } })
            .Function("aws:route53/getZone:getZone", a => new { id = "Z0123456789EXAMPLE", zoneId = "Z0123456789EXAMPLE", name = Text(a, "name") ?? "example.org" });

        table.Type("aws:ec2/vpc:Vpc").Replaces("cidrBlock").WithId(r => $"vpc-{r.Hash}").Computes(r => new { arn = Arn("ec2", $"vpc/{r.Id}"), defaultSecurityGroupId = $"sg-{r.Hash}" });
        table.Type("aws:ec2/subnet:Subnet").Replaces("vpcId", "cidrBlock", "availabilityZone").WithId(r => $"subnet-{r.Hash}").Computes(r => new { availabilityZone = r.Text("availabilityZone") ?? "us-east-1a" });
        table.Type("aws:ec2/securityGroup:SecurityGroup").Replaces("vpcId", "description", "name", "namePrefix").WithId(r => $"sg-{r.Hash}").Computes(r => new { arn = Arn("ec2", $"security-group/{r.Id}") });
        table.Type("aws:ec2/eip:Eip").Replaces("domain").WithId(r => $"eipalloc-{r.Hash}").Computes(r => new { publicIp = "203.0.113.7", allocationId = r.Id });
        table.Type("aws:ec2/instance:Instance")
            .Replaces("ami", "availabilityZone", "subnetId", "keyName", "rootBlockDevice.encrypted", "rootBlockDevice.kmsKeyId", "ebsBlockDevices", "associatePublicIpAddress")
            .WithId(r => $"i-{r.Hash}").Computes(r => new { arn = Arn("ec2", $"instance/{r.Id}"), publicIp = "203.0.113.7", privateIp = "10.0.1.4", availabilityZone = r.Text("availabilityZone") ?? "us-east-1a" });
        table.Type("aws:ebs/volume:Volume").Replaces("availabilityZone", "encrypted", "kmsKeyId", "snapshotId").WithId(r => $"vol-{r.Hash}").Computes(r => new { arn = Arn("ec2", $"volume/{r.Id}") });
        table.Type("aws:s3/bucket:Bucket").Replaces("bucket", "bucketPrefix", "objectLockEnabled").WithId(r => r.Text("bucket") ?? $"{r.Text("bucketPrefix") ?? "bucket-"}{r.Hash}")
            .Computes(r => new { bucket = r.Id, arn = $"arn:aws:s3:::{r.Id}", bucketRegionalDomainName = $"{r.Id}.s3.us-east-1.amazonaws.com" });
    }

    private static string Arn(string service, string resource) => $"arn:aws:{service}:us-east-1:{Account}:{resource}";

    private static string? Text(Struct args, string name) => args.Fields.TryGetValue(name, out var value) ? value.StringValue : null;
}
