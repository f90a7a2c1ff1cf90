using System.Text;
using System.Text.Json.Nodes;
using ExampleStacks;
using PulumiEngine.Deploying;
using PulumiEngine.Values;
using Xunit;

namespace Cloud.Tests;

/// <summary>The policy that every recording of every example is held to.</summary>
public sealed class The_security_of_a_stack
{
    private static readonly string[] World = ["0.0.0.0/0", "::/0", "*", "Internet", "Any"];

    public static TheoryData<string> All => Examples.WithUnusual;

    [Theory]
    [MemberData(nameof(All))]
    public async Task Opens_nothing_but_443_and_80_to_the_world(string stack)
    {
        foreach (var (from, port, what) in (await ResourcesAsync(stack)).SelectMany(Doors))
            Assert.False(World.Contains(from) && port is not ("443" or "80"), $"{what}: {port} is open to {from}");
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Opens_22_to_the_deployer_alone(string stack)
    {
        var deployer = Examples.Named(stack).Input.Values.GetValueOrDefault("appliance:deployerAddress");
        var open = (await ResourcesAsync(stack)).SelectMany(Doors).Where(d => d.Port == "22").Select(d => d.From).Distinct().ToList();
        if (deployer is null) Assert.Empty(open);
        else Assert.Equal([deployer.Contains('/', StringComparison.Ordinal) ? deployer : $"{deployer}/32"], open);
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Gives_no_public_address_to_a_machine_behind_a_vpn(string stack)
    {
        if (Examples.Named(stack).Input.Values.GetValueOrDefault("appliance:network") != "vpn") return;
        var resources = await ResourcesAsync(stack);
        Assert.DoesNotContain(resources, r => r.Type.Split(':')[^1] is "Eip" or "PublicIp" or "Address");
        Assert.All(resources.Where(r => r.Type == "aws:ec2/instance:Instance"), r => Assert.Equal("false", r.Text("associatePublicIpAddress")));
        Assert.All(resources.Where(r => r.Type == "gcp:compute/instance:Instance"), r => Assert.Null(r.Node("networkInterfaces")!.AsArray()[0]!["accessConfigs"]));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Takes_machines_that_cannot_be_tricked_into_giving_their_role_away(string stack)
    {
        foreach (var machine in (await ResourcesAsync(stack)).Where(r => r.Type == "aws:ec2/instance:Instance"))
        {
            Assert.Equal("required", machine.Text("metadataOptions.httpTokens"));
            var grants = (await ResourcesAsync(stack)).Any(r => r.Type == "aws:iam/rolePolicy:RolePolicy");
            Assert.Equal(grants ? "2" : "1", machine.Text("metadataOptions.httpPutResponseHopLimit"));
        }
        foreach (var machine in (await ResourcesAsync(stack)).Where(r => r.Type == "azure:compute/linuxVirtualMachine:LinuxVirtualMachine"))
            Assert.Equal(("true", "true", "true"), (machine.Text("secureBootEnabled"), machine.Text("vtpmEnabled"), machine.Text("disablePasswordAuthentication")));
        foreach (var machine in (await ResourcesAsync(stack)).Where(r => r.Type == "gcp:compute/instance:Instance"))
            Assert.Equal(("true", "true", "true"), (machine.Text("shieldedInstanceConfig.enableSecureBoot"), machine.Text("shieldedInstanceConfig.enableVtpm"), machine.Text("metadata.block-project-ssh-keys")));
    }

    /// <summary>Azure and Google encrypt every disk; there only the network's way to it is to be shut.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public async Task Encrypts_every_disk_and_keeps_it_private(string stack)
    {
        foreach (var resource in await ResourcesAsync(stack))
        {
            if (resource.Type == "aws:ebs/volume:Volume") Assert.Equal(("true", true, true), (resource.Text("encrypted"), resource.Inputs.ContainsKey("kmsKeyId"), resource.Protect));
            if (resource.Type == "aws:ec2/instance:Instance") Assert.Equal("true", resource.Text("rootBlockDevice.encrypted"));
            if (resource.Type == "azure:compute/managedDisk:ManagedDisk") Assert.Equal(("false", "DenyAll", true), (resource.Text("publicNetworkAccessEnabled"), resource.Text("networkAccessPolicy"), resource.Protect));
            if (resource.Type == "gcp:compute/disk:Disk" && resource.Name.EndsWith("-data", StringComparison.Ordinal)) Assert.True(resource.Protect);
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Encrypts_every_bucket_and_shuts_the_public_out(string stack)
    {
        var resources = await ResourcesAsync(stack);
        foreach (var bucket in resources.Where(r => r.Type == "aws:s3/bucket:Bucket"))
        {
            Assert.True(bucket.Protect);
            Assert.Equal("false", bucket.Text("forceDestroy"));
            var shut = Companion("PublicAccessBlock");
            Assert.All(new[] { "blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets" }, p => Assert.Equal("true", shut.Text(p)));
            Assert.Equal("aws:kms", Companion("ServerSideEncryptionConfiguration").Node("rules")!.AsArray()[0]!["applyServerSideEncryptionByDefault"]!["sseAlgorithm"]!.ToString());
            Assert.Equal("BucketOwnerEnforced", Companion("OwnershipControls").Text("rule.objectOwnership"));
            Assert.Equal("Enabled", Companion("Versioning").Text("versioningConfiguration.status"));
            var policy = JsonNode.Parse(Companion("Policy").Text("policy")!)!["Statement"]!.AsArray();
            Assert.Contains(policy, s => (string?)s!["Effect"] == "Deny" && (string?)s["Condition"]?["Bool"]?["aws:SecureTransport"] == "false");
        }

        Registration Companion(string kind) => resources.Single(r => r.Type.EndsWith($":Bucket{kind}", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Grants_a_role_nothing_everywhere(string stack)
    {
        var grants = (await ResourcesAsync(stack)).Where(r => r.Type == "aws:iam/rolePolicy:RolePolicy").ToList();
        foreach (var statement in grants.SelectMany(r => JsonNode.Parse(r.Text("policy")!)!["Statement"]!.AsArray()))
        {
            Assert.DoesNotContain(Registration.Texts(statement!["Action"]), a => a == "*" || a.EndsWith(":*", StringComparison.Ordinal));
            Assert.True((string?)(statement["Resource"] as JsonValue) != "*" || Registration.Texts(statement["Action"]).All(a => a.Contains(":List", StringComparison.Ordinal)), statement.ToJsonString());
        }
        if (stack.StartsWith("aws-s3", StringComparison.Ordinal))
            Assert.Contains(grants, g => g.Name.EndsWith("-vaults", StringComparison.Ordinal));
    }

    /// <summary>Else the first files could be refused, or lie there without the key.</summary>
    [Theory]
    [InlineData("aws-s3-customer", true)]
    [InlineData("aws-s3-customer-vpn", false)]
    public async Task Stores_nothing_before_its_rights_and_the_guards_of_its_bucket_stand(string stack, bool created)
    {
        var resources = await ResourcesAsync(stack);
        var first = resources.Single(r => r.Type == "appliance:index:Certificate");
        Assert.Contains(first.Waits, w => w.Contains("aws:iam/rolePolicy:RolePolicy::", StringComparison.Ordinal) && w.EndsWith("-vaults", StringComparison.Ordinal));
        Assert.Equal(created, first.Waits.Any(w => w.Contains("aws:s3/bucketPolicy:BucketPolicy::", StringComparison.Ordinal)));
        var policy = resources.SingleOrDefault(r => r.Type == "aws:s3/bucketPolicy:BucketPolicy");
        if (created) Assert.Contains(policy!.Waits, w => w.Contains("BucketServerSideEncryptionConfiguration::", StringComparison.Ordinal));
        Assert.NotNull(resources.Single(r => r.Type == "appliance:index:Installation").Node("host.bucket"));
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Lets_nobody_in_by_a_policy_for_everybody(string stack)
    {
        foreach (var resource in await ResourcesAsync(stack))
            foreach (var text in new[] { "policy", "assumeRolePolicy" }.Select(resource.Text).OfType<string>())
                foreach (var statement in JsonNode.Parse(text)!["Statement"]!.AsArray().Where(s => (string?)s!["Effect"] == "Allow"))
                {
                    Assert.DoesNotContain("*", Registration.Texts(statement!["Principal"]));
                    Assert.True(resource.Type != "aws:s3/bucketPolicy:BucketPolicy", $"{resource}: a bucket's policy only forbids");
                }
    }

    /// <summary>On Azure and Google Cloud a right is a role by name: these and no others, and none over a whole subscription.</summary>
    [Theory]
    [MemberData(nameof(All))]
    public async Task Gives_only_the_roles_that_it_needs(string stack)
    {
        foreach (var right in await ResourcesAsync(stack))
        {
            if (right.Type == "azure:authorization/assignment:Assignment")
            {
                Assert.Contains(right.Text("roleDefinitionName"), new[] { "DNS Zone Contributor", "Disk Backup Reader", "Disk Snapshot Contributor" });
                Assert.Contains("/resourceGroups/", right.Text("scope"), StringComparison.OrdinalIgnoreCase);
            }
            if (right.Type.StartsWith("gcp:projects/", StringComparison.Ordinal)) Assert.Equal("roles/dns.admin", right.Text("role"));
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Shuts_the_side_doors(string stack)
    {
        var resources = await ResourcesAsync(stack);
        var protectedMachine = Examples.Named(stack).Input.Values.GetValueOrDefault("appliance:destroyProtection") != "false" ? "true" : "false";
        foreach (var resource in resources)
            switch (resource.Type)
            {
                case "gcp:compute/firewall:Firewall":                          // else it would hold for every machine of the network
                    Assert.NotEmpty(resource.Node("targetTags")!.AsArray());
                    break;
                case "gcp:compute/instance:Instance":
                    Assert.Equal(("FALSE", protectedMachine), (resource.Text("metadata.serial-port-enable"), resource.Text("deletionProtection")));
                    break;
                case "aws:ec2/instance:Instance":
                    Assert.Equal(protectedMachine, resource.Text("disableApiTermination"));
                    break;
                case "aws:ec2/vpc:Vpc":                                        // the group that every network comes with lets nobody through
                    var closed = Assert.Single(resources, r => r.Type == "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup");
                    Assert.False(closed.Inputs.ContainsKey("ingress") || closed.Inputs.ContainsKey("egress"));
                    break;
                case "aws:kms/key:Key":
                    Assert.Equal("true", resource.Text("enableKeyRotation"));
                    break;
            }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Shows_no_secret_in_a_call_in_the_state_in_user_data_or_in_an_output(string stack)
    {
        var run = await ExampleRuns.OfAsync(stack);
        var input = run.Stack.Input;
        var secrets = input.SecretKeys.Select(k => input.Values[k]).SelectMany(Recognisable).ToList();
        var seen = run.Recordings.SelectMany(Registration.OpenTexts)
            .Concat(Registration.Texts(Registration.Open(JsonNode.Parse(run.State))))
            .Append(run.State)
            .Concat(Registration.Texts(Registration.Open(JsonNode.Parse(run.Up.Outputs.ToString()))))
            .Concat(run.Up.Logs.Select(l => l.Message)).Append(run.Up.Output).ToList();
        // User data may be called secret (Azure's SDK does it, a program could), but everybody on the machine can read it.
        var userData = run.Up.Steps.SelectMany(UserData).ToList();
        seen.AddRange(userData);
        seen.AddRange(seen.Where(LooksBase64).Select(t => Encoding.UTF8.GetString(Convert.FromBase64String(t))).ToList());      // user data
        foreach (var secret in secrets) Assert.DoesNotContain(seen, t => t.Contains(secret, StringComparison.Ordinal));
        Assert.Equal(stack.StartsWith("host", StringComparison.Ordinal) ? 0 : 1, userData.Count);
        Assert.True(userData.Count == 0 || seen.Exists(t => t.StartsWith("#cloud-config", StringComparison.Ordinal)), "the user data was not looked at");
        if (stack.Contains("flosum", StringComparison.Ordinal)) Assert.NotEmpty(secrets);
        if (input.SecretKeys.Count > 0) Assert.Contains("ciphertext", run.State, StringComparison.OrdinalIgnoreCase);
    }

    private static async Task<IReadOnlyList<Registration>> ResourcesAsync(string stack) => Registration.Of((await ExampleRuns.OfAsync(stack)).Up.MustSucceed().RecordingPath!);

    /// <summary>Who may come in where, in every cloud's own words.</summary>
    private static IEnumerable<(string From, string Port, string What)> Doors(Registration resource)
    {
        switch (resource.Type)
        {
            case "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
                Assert.Equal(resource.Text("fromPort"), resource.Text("toPort"));
                yield return (resource.Text("cidrIpv4") ?? resource.Text("cidrIpv6")!, resource.Text("fromPort")!, resource.Name);
                break;
            case "aws:ec2/securityGroup:SecurityGroup":
                Assert.False(resource.Inputs.ContainsKey("ingress"), "rules stand in resources of their own");
                break;
            case "azure:network/networkSecurityGroup:NetworkSecurityGroup":
                foreach (var rule in resource.Node("securityRules")!.AsArray().Where(r => (string?)r!["access"] == "Allow" && (string?)r["direction"] == "Inbound"))
                foreach (var from in rule!["sourceAddressPrefixes"]!.AsArray())
                    yield return ((string)from!, (string)rule["destinationPortRange"]!, resource.Name);
                Assert.Contains(resource.Node("securityRules")!.AsArray(), r => (string?)r!["access"] == "Deny" && (string?)r["destinationPortRange"] == "*");
                break;
            case "gcp:compute/firewall:Firewall":
                foreach (var from in resource.Node("sourceRanges")!.AsArray())
                foreach (var port in resource.Node("allows")!.AsArray().SelectMany(a => a!["ports"]!.AsArray()))
                    yield return ((string)from!, (string)port!, resource.Name);
                break;
        }
    }

    /// <summary>Every cloud's user data as it was sent, whether the program called it secret or not.</summary>
    private static IEnumerable<string> UserData(Step step)
    {
        var inputs = PropertyValues.Bare(step.Inputs).Fields;
        foreach (var name in new[] { "userData", "userDataBase64", "customData" })
            if (inputs.TryGetValue(name, out var data)) yield return data.StringValue;
        if (inputs.TryGetValue("metadata", out var metadata) && metadata.StructValue.Fields.TryGetValue("user-data", out var shown)) yield return shown.StringValue;
    }

    /// <summary>A key in PEM is known by any of its lines; short words would be found by chance.</summary>
    private static IEnumerable<string> Recognisable(string secret) => secret.Split('\n').Select(l => l.Trim()).Where(l => l.Length >= 12 && !l.StartsWith("-----", StringComparison.Ordinal));

    private static bool LooksBase64(string text) => text.Length > 40 && text.Length % 4 == 0 && Convert.TryFromBase64String(text, new byte[text.Length], out _);
}
