namespace PulumiEngine.Simulation;

/// <summary>
/// What AWS would say of the resources that the program uses. Which changes force a replacement is read from the public declarations of the provider that
/// Pulumi's is made of (terraform-provider-aws: <c>ForceNew</c> in internal/service/{ec2,ebs,s3,iam,kms,route53,sns,cloudwatch}); in doubt a property is listed.
/// </summary>
internal static class AwsCloud
{
    /// <summary>What a look-up for the newest image finds; a test enters another one.</summary>
    private const string Image = "ami-0a1b2c3d4e5f60718";

    public static void Fill(Simulated table)
    {
        Functions(table);
        Network(table);
        Machine(table);
        Data(table);
        Rights(table);
    }

    private static void Functions(Simulated table) => table
        .Function("aws:ssm/getParameter:getParameter", a => new { id = a.Fields["name"].StringValue, arn = $"arn:aws:ssm:::parameter{a.Fields["name"].StringValue}", insecureValue = Image, value = Image })
        .Function("aws:ec2/getAmi:getAmi", _ => new { id = Image, imageId = Image, architecture = "x86_64", name = "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20261101" })
        .Function("aws:index/getRegion:getRegion", a => new { region = a.Fields.TryGetValue("region", out var given) ? given.StringValue : "us-east-1", description = "simulated" })
        .Function("aws:index/getPartition:getPartition", _ => new { partition = "aws", dnsSuffix = "amazonaws.com", id = "aws" })
        .Function("aws:index/getCallerIdentity:getCallerIdentity", _ => new { accountId = "123456789012", arn = "arn:aws:iam::123456789012:user/deployer", id = "123456789012", userId = "AIDASIMULATED" })
        .Function("aws:index/getAvailabilityZones:getAvailabilityZones", _ => new { names = new[] { "simulated-1a", "simulated-1b", "simulated-1c" }, zoneIds = new[] { "sim1-az1", "sim1-az2", "sim1-az3" } })
        .Function("aws:ec2/getSubnet:getSubnet", a => new { id = a.Fields["id"].StringValue, availabilityZone = "simulated-1b", vpcId = "vpc-0123456789abcdef0" })
        .Function("aws:route53/getZone:getZone", a => new { zoneId = "Z0SIMULATEDZONE", id = "Z0SIMULATEDZONE", name = a.Fields["name"].StringValue });

    private static void Network(Simulated table)
    {
        table.Type("aws:ec2/vpc:Vpc").Replaces("cidrBlock").WithId(r => $"vpc-{Seventeen(r)}")
            .Computes(r => new { arn = Arn("ec2", $"vpc/{r.Id}"), ipv6CidrBlock = r.Text("assignGeneratedIpv6CidrBlock") == "true" ? "2001:db8:1200::/56" : "" });
        table.Type("aws:ec2/subnet:Subnet").Replaces("vpcId", "cidrBlock", "availabilityZone").WithId(r => $"subnet-{Seventeen(r)}")
            .Computes(r => new { availabilityZone = r.Text("availabilityZone") ?? "simulated-1a" });
        table.Type("aws:ec2/internetGateway:InternetGateway").WithId(r => $"igw-{Seventeen(r)}");
        table.Type("aws:ec2/routeTable:RouteTable").Replaces("vpcId").WithId(r => $"rtb-{Seventeen(r)}");
        table.Type("aws:ec2/route:Route").Replaces("routeTableId", "destinationCidrBlock", "destinationIpv6CidrBlock");
        table.Type("aws:ec2/routeTableAssociation:RouteTableAssociation").Replaces("subnetId");
        table.Type("aws:ec2/vpcEndpoint:VpcEndpoint").Replaces("vpcId", "serviceName", "vpcEndpointType").WithId(r => $"vpce-{Seventeen(r)}");
        table.Type("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").Replaces("vpcId").WithId(r => $"sg-{Seventeen(r)}");
        table.Type("aws:ec2/securityGroup:SecurityGroup").Replaces("vpcId", "description", "name", "namePrefix").WithId(r => $"sg-{Seventeen(r)}")
            .Computes(r => new { arn = Arn("ec2", $"security-group/{r.Id}") });
        foreach (var rule in new[] { "Ingress", "Egress" })
            table.Type($"aws:vpc/securityGroup{rule}Rule:SecurityGroup{rule}Rule").Replaces("securityGroupId").WithId(r => $"sgr-{Seventeen(r)}");
        table.Type("aws:route53/record:Record").Replaces("zoneId", "name", "type").Computes(r => new { fqdn = r.Text("name") ?? "" });
    }

    private static void Machine(Simulated table)
    {
        table.Type("aws:ec2/instance:Instance")
            .Replaces("ami", "associatePublicIpAddress", "availabilityZone", "ebsOptimized", "keyName", "subnetId",
                "rootBlockDevice.encrypted", "rootBlockDevice.kmsKeyId", "userDataReplaceOnChange")
            .ReplacesWhen(news => news.Fields.TryGetValue("userDataReplaceOnChange", out var asked) && asked.BoolValue, "userData", "userDataBase64")
            .WithId(r => $"i-{Seventeen(r)}")
            .Computes(r => new
            {
                arn = Arn("ec2", $"instance/{r.Id}"), instanceState = "running", privateIp = $"10.80.0.{Number(r)}", publicIp = $"203.0.113.{Number(r)}",
                availabilityZone = "simulated-1a", primaryNetworkInterfaceId = $"eni-{Seventeen(r)}",
                ipv6Addresses = r.Text("ipv6AddressCount") is null ? Array.Empty<string>() : ["2001:db8:1200::15"],
            });
        table.Type("aws:ec2/volumeAttachment:VolumeAttachment").Replaces("deviceName", "instanceId", "volumeId");
        table.Type("aws:ec2/eip:Eip").Replaces("domain").WithId(r => $"eipalloc-{Seventeen(r)}")
            .Computes(r => new { allocationId = $"eipalloc-{Seventeen(r)}", publicIp = $"198.51.100.{Number(r)}" });
        table.Type("aws:ec2/eipAssociation:EipAssociation").Replaces("allocationId", "instanceId");
        table.Type("aws:cloudwatch/metricAlarm:MetricAlarm").Replaces("name").Computes(r => new { arn = Arn("cloudwatch", $"alarm:{r.Text("name")}") });
        table.Type("aws:sns/topic:Topic").Replaces("name", "namePrefix", "fifoTopic").Computes(r => new { arn = Arn("sns", r.Id) }).WithId(r => Arn("sns", r.Name));
        table.Type("aws:sns/topicSubscription:TopicSubscription").Replaces("endpoint", "protocol", "topic");
    }

    private static void Data(Simulated table)
    {
        table.Type("aws:ebs/volume:Volume").Replaces("availabilityZone", "encrypted", "kmsKeyId", "snapshotId").WithId(r => $"vol-{Seventeen(r)}")
            .Computes(r => new { arn = Arn("ec2", $"volume/{r.Id}") });
        table.Type("aws:s3/bucket:Bucket").Replaces("bucket", "bucketPrefix", "objectLockEnabled").WithId(r => (r.Text("bucketPrefix") ?? r.Name) + r.Hash)
            .Computes(r => new { bucket = r.Id, arn = $"arn:aws:s3:::{r.Id}", bucketRegionalDomainName = $"{r.Id}.s3.amazonaws.com" });
        foreach (var companion in new[] { "Versioning", "ServerSideEncryptionConfiguration", "PublicAccessBlock", "OwnershipControls", "LifecycleConfiguration", "Policy" })
            table.Type($"aws:s3/bucket{companion}:Bucket{companion}").Replaces("bucket").WithId(r => r.Text("bucket") ?? r.Name);
        table.Type("aws:kms/key:Key").WithId(r => $"11111111-2222-3333-4444-{r.Hash}0000")
            .Computes(r => new { keyId = r.Id, arn = Arn("kms", $"key/{r.Id}") });
        table.Type("aws:kms/alias:Alias").Replaces("name").WithId(r => r.Text("name") ?? r.Name).Computes(r => new { arn = Arn("kms", r.Id) });
        table.Type("aws:dlm/lifecyclePolicy:LifecyclePolicy").WithId(r => $"policy-{Seventeen(r)}").Computes(r => new { arn = Arn("dlm", $"policy/{r.Id}") });
    }

    private static void Rights(Simulated table)
    {
        table.Type("aws:iam/role:Role").Replaces("name", "namePrefix", "path").WithId(r => $"{r.Name}-{r.Hash}")
            .Computes(r => new { name = r.Id, arn = $"arn:aws:iam::123456789012:role/{r.Id}" });
        table.Type("aws:iam/rolePolicy:RolePolicy").Replaces("role", "name", "namePrefix").Computes(r => new { name = r.Name });
        table.Type("aws:iam/rolePolicyAttachment:RolePolicyAttachment").Replaces("role", "policyArn");
        table.Type("aws:iam/instanceProfile:InstanceProfile").Replaces("name", "namePrefix", "path").WithId(r => $"{r.Name}-{r.Hash}")
            .Computes(r => new { name = r.Id, arn = $"arn:aws:iam::123456789012:instance-profile/{r.Id}" });
    }

    private static string Seventeen(SimulatedResource resource) => "0" + resource.Hash + resource.Hash;

    private static int Number(SimulatedResource resource) => 1 + Convert.ToInt32(resource.Hash[..2], 16) % 250;

    private static string Arn(string service, string what) => $"arn:aws:{service}:simulated-1:123456789012:{what}";
}
