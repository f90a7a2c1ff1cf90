using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ExampleStacks;
using Microsoft.Extensions.Time.Testing;
using Provisioner.Certificates.Clouds;
using Provisioner.Delivery.Preflight;
using Provisioner.Delivery.Preflight.Capacity;
using Provisioner.Delivery.Settings;
using Xunit;

namespace Delivery.Tests;

/// <summary>The pre-flight asks the cloud whether it would give the machine: by reads alone, with the credentials of the environment, and says so where it cannot.</summary>
public sealed class The_size_and_the_quota
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 10, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, string> AwsKeys = new() { ["AWS_ACCESS_KEY_ID"] = "AKIAEXAMPLE", ["AWS_SECRET_ACCESS_KEY"] = "the-secret-key-itself", ["AWS_SESSION_TOKEN"] = "the-session-token" };
    private static readonly Dictionary<string, string> AzureKeys = new() { ["ARM_TENANT_ID"] = "11111111-2222-3333-4444-555555555555", ["ARM_CLIENT_ID"] = "client", ["ARM_CLIENT_SECRET"] = "the-client-secret" };
    private static readonly Dictionary<string, string> GcpKeys = new() { ["GOOGLE_OAUTH_ACCESS_TOKEN"] = "ya29.the-token" };

    /// <summary>What AWS is asked by, and what it answers unless a test says otherwise.</summary>
    private sealed class AwsSide
    {
        public string Offered { get; set; } = "eu-central-1a eu-central-1b";
        public string Zones { get; set; } = "eu-central-1b eu-central-1a";
        public (int Status, string Body) Quota { get; set; } = (200, """{"Quota":{"ServiceCode":"ec2","ServiceName":"Amazon Elastic Compute Cloud (Amazon EC2)","QuotaArn":"arn:aws:servicequotas:eu-central-1:123456789012:ec2/L-1216C47A","QuotaCode":"L-1216C47A","QuotaName":"Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances","Value":64.0,"Unit":"None","Adjustable":true,"GlobalQuota":false}}""");

        /// <summary>Pages of instances: type, cores, threads, and "spot" for one of those.</summary>
        public List<string[]> Instances { get; } = [["r5n.xlarge 2 2"]];
        public (int Status, string Body)? Refusal { get; set; }

        public (int Status, string Body) Answer(CloudStub.Asked asked)
        {
            if (Refusal is { } refusal) return refusal;
            if (asked.Host.StartsWith("servicequotas.", StringComparison.Ordinal))
                return asked.Headers["x-amz-target"] == "ServiceQuotasV20190624.GetServiceQuota" ? Quota
                    : (200, """{"Quota":{"ServiceCode":"ec2","QuotaCode":"L-1216C47A","Value":5.0}}""");
            var form = asked.Body.Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
            Assert.Equal("2016-11-15", form["Version"]);
            switch (form["Action"])
            {
                case "DescribeInstanceTypeOfferings":
                    Assert.Equal(("availability-zone", "instance-type"), (form["LocationType"], form["Filter.1.Name"]));
                    return Xml("DescribeInstanceTypeOfferings", $"<instanceTypeOfferingSet>{Items(Offered, zone => $"<instanceType>{form["Filter.1.Value.1"]}</instanceType><location>{zone}</location><locationType>availability-zone</locationType>")}</instanceTypeOfferingSet>");
                case "DescribeAvailabilityZones":
                    return Xml("DescribeAvailabilityZones", $"<availabilityZoneInfo>{Items(Zones, zone => $"<zoneName>{zone}</zoneName><zoneState>available</zoneState><regionName>eu-central-1</regionName>")}</availabilityZoneInfo>");
                case "DescribeSubnets":
                    return Xml("DescribeSubnets", $"<subnetSet><item><subnetId>{form["SubnetId.1"]}</subnetId><availabilityZone>eu-central-1c</availabilityZone></item></subnetSet>");
                case "DescribeInstances":
                    var page = form.TryGetValue("NextToken", out var token) ? int.Parse(token, System.Globalization.CultureInfo.InvariantCulture) : 0;
                    var set = string.Concat(Instances[page].Select(text => text.Split(' ')).Select(parts => "<item><reservationId>r-1</reservationId><instancesSet><item>"
                        + $"<instanceType>{parts[0]}</instanceType>{(parts.Length > 3 ? "<instanceLifecycle>spot</instanceLifecycle>" : "")}<cpuOptions><coreCount>{parts[1]}</coreCount><threadsPerCore>{parts[2]}</threadsPerCore></cpuOptions></item></instancesSet></item>"));
                    return Xml("DescribeInstances", $"<reservationSet>{set}</reservationSet>{(page + 1 < Instances.Count ? $"<nextToken>{page + 1}</nextToken>" : "")}");
                default: throw new InvalidOperationException($"{form["Action"]} is none of the reads");
            }
        }

        private static (int, string) Xml(string action, string inside) => (200, $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><{action}Response xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>1</requestId>{inside}</{action}Response>");

        private static string Items(string list, Func<string, string> item) => string.Concat(list.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => $"<item>{item(one)}</item>"));
    }

    private sealed class AzureSide
    {
        public string Restrictions { get; set; } = "[]";
        public string Zones { get; set; } = "[\"1\",\"2\",\"3\"]";
        public string Size { get; set; } = "Standard_E4s_v5";
        public (int Limit, int Used) Family { get; set; } = (100, 20);
        public (int Limit, int Used) Region { get; set; } = (200, 30);
        public (int Status, string Body)? Refusal { get; set; }

        public (int Status, string Body) Answer(CloudStub.Asked asked)
        {
            if (asked.Host == "login.microsoftonline.com")
            {
                Assert.Contains("client_secret=the-client-secret", asked.Body, StringComparison.Ordinal);
                return (200, """{"token_type":"Bearer","expires_in":3599,"access_token":"eyJ.the-token"}""");
            }
            Assert.Equal("Bearer eyJ.the-token", asked.Headers["authorization"]);
            if (Refusal is { } refusal) return refusal;
            if (asked.Path.Contains("/skus?", StringComparison.Ordinal))
                // The first page names another kind of resource of the same name, and the place of the next.
                return asked.Path.Contains("skiptoken", StringComparison.Ordinal)
                    ? (200, $$"""{"value":[{"resourceType":"virtualMachines","name":"{{Size}}","tier":"Standard","size":"E4s_v5","family":"standardESv5Family","locations":["westeurope"],"locationInfo":[{"location":"westeurope","zones":{{Zones}},"zoneDetails":[]}],"capabilities":[{"name":"vCPUs","value":"4"}],"restrictions":{{Restrictions}}}]}""")
                    : (200, $$"""{"value":[{"resourceType":"disks","name":"{{Size}}","locations":["westeurope"]}],"nextLink":"https://management.azure.com{{asked.Path}}&$skiptoken=1"}""");
            return (200, $$$"""{"value":[{"limit":{{{Region.Limit}}},"unit":"Count","currentValue":{{{Region.Used}}},"name":{"value":"cores","localizedValue":"Total Regional vCPUs"}},{"limit":{{{Family.Limit}}},"unit":"Count","currentValue":{{{Family.Used}}},"name":{"value":"standardESv5Family","localizedValue":"Standard ESv5 Family vCPUs"}}]}""");
        }
    }

    private sealed class GcpSide
    {
        public bool Offered { get; set; } = true;
        public string Quotas { get; set; } = """{"metric":"CPUS","limit":24.0,"usage":24.0},{"metric":"N2_CPUS","limit":24.0,"usage":20.0}""";
        public (int Status, string Body)? Refusal { get; set; }

        public (int Status, string Body) Answer(CloudStub.Asked asked)
        {
            if (asked.Host == "oauth2.googleapis.com") return (200, """{"access_token":"ya29.the-token","expires_in":3599,"token_type":"Bearer"}""");
            Assert.Equal("Bearer ya29.the-token", asked.Headers["authorization"]);
            if (Refusal is { } refusal) return refusal;
            if (asked.Path.Contains("/machineTypes/", StringComparison.Ordinal))
                return Offered ? (200, """{"kind":"compute#machineType","name":"n2-highmem-4","guestCpus":4,"memoryMb":32768,"zone":"europe-west3-a"}""")
                    : (404, """{"error":{"code":404,"message":"The resource was not found","errors":[{"reason":"notFound"}]}}""");
            return (200, $$"""{"quotas":[{{Quotas}}]}""");
        }
    }

    private static async Task<(ImmutableArray<Finding> Found, CloudStub Stub)> LookAsync(string example, Dictionary<string, string> environment, Func<CloudStub.Asked, (int, string)> answer, params (string, string?)[] changes)
    {
        using var stub = new CloudStub(answer);
        var verdict = SettingsJudge.Judge(ExampleStack.Named(example).With(changes).Input, Now);
        var settings = verdict.Settings ?? throw new InvalidOperationException(verdict.ToString());
        return (await CapacityCheck.LookAsync(settings, new CloudAccess(environment.GetValueOrDefault, stub.Handler), new FakeTimeProvider(Now), CancellationToken.None), stub);
    }

    private static async Task<string> SeverityAsync(string example, Dictionary<string, string> environment, Func<CloudStub.Asked, (int, string)> answer, params (string, string?)[] changes) =>
        string.Join(' ', (await LookAsync(example, environment, answer, changes)).Found.Select(f => f.Severity));

    [Fact]
    public async Task On_AWS_they_are_read_from_EC2_and_Service_Quotas()
    {
        var (found, stub) = await LookAsync("aws-gp3-customer", AwsKeys, new AwsSide().Answer);
        Assert.Equal(["size r5n.xlarge in eu-central-1: offered in eu-central-1a.", "vCPU quota in eu-central-1: 60 of 64 vCPU are free; r5n.xlarge takes 4."], found.Select(f => f.ToString()));
        Assert.All(found, f => Assert.Equal(Severity.Fine, f.Severity));
        Assert.All(stub.Calls, asked =>
        {
            Assert.StartsWith("AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE/20261201/eu-central-1/", asked.Headers["authorization"], StringComparison.Ordinal);
            Assert.Equal("the-session-token", asked.Headers["x-amz-security-token"]);
            Assert.DoesNotContain("the-secret-key-itself", string.Join('\n', asked.Headers.Values.Append(asked.Body).Append(asked.Path)), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task On_AWS_what_stands_in_the_way_is_told_with_its_remedy()
    {
        var aws = new AwsSide { Offered = "eu-central-1b" };
        aws.Instances[0] = ["m5.4xlarge 8 2", "r5n.8xlarge 16 2", "p3.16xlarge 32 2", "c5.18xlarge 36 2 spot"];      // 48 of the Standard families
        aws.Instances.Add(["t3.2xlarge 4 2", "m5.xlarge 2 2"]);                                               // and 12 on the second page
        var (found, _) = await LookAsync("aws-gp3-customer", AwsKeys, aws.Answer, ("size", "r5n.2xlarge"));
        Assert.All(found, f => Assert.Equal(Severity.Error, f.Severity));
        Assert.Equal("AWS does not offer it in eu-central-1a, where the machine would stand.", found[0].Reason);
        Assert.Equal("Set availabilityZone to one of eu-central-1b, or take another size.", found[0].Remedy);
        Assert.Equal("4 of 64 vCPU are free, and r5n.2xlarge takes 8.", found[1].Reason);
        Assert.Contains("L-1216C47A", found[1].Remedy, StringComparison.Ordinal);
        Assert.Equal("Fine Error", await SeverityAsync("aws-gp3-customer", AwsKeys, aws.Answer, ("size", "r5n.2xlarge"), ("availabilityZone", "eu-central-1b")));
        aws.Offered = "";
        Assert.Equal("Error Fine", await SeverityAsync("aws-gp3-customer", AwsKeys, aws.Answer));
    }

    [Fact]
    public async Task On_AWS_the_zone_is_that_of_the_subnet_where_one_is_given()
    {
        var (found, _) = await LookAsync("aws-gp3-customer-vpn", AwsKeys, new AwsSide().Answer, ("availabilityZone", null));
        Assert.Equal("AWS does not offer it in eu-central-1c, where the machine would stand.", found[0].Reason);
        Assert.Equal("Name a subnet in one of eu-central-1a, eu-central-1b, or take another size.", found[0].Remedy);
    }

    [Fact]
    public async Task On_AWS_an_account_that_never_asked_for_more_has_the_quota_of_all_accounts()
    {
        var aws = new AwsSide { Quota = (400, """{"__type":"NoSuchResourceException","Message":"The request failed because the specified service quota does not exist."}""") };
        var (found, _) = await LookAsync("aws-gp3-customer", AwsKeys, aws.Answer);
        Assert.Equal((Severity.Error, "1 of 5 vCPU are free, and r5n.xlarge takes 4."), (found[1].Severity, found[1].Reason));
    }

    [Fact]
    public async Task On_Azure_they_are_read_from_the_sizes_and_the_usages_of_the_subscription()
    {
        var (found, stub) = await LookAsync("azure-premium-ssd-customer", AzureKeys, new AzureSide().Answer, ("availabilityZone", "1"));
        Assert.Equal(["size Standard_E4s_v5 in westeurope: offered to this subscription in zone 1.", "vCPU quota in westeurope: 80 of 100 vCPU are free; Standard_E4s_v5 takes 4."], found.Select(f => f.ToString()));
        Assert.All(stub.Calls.Where(asked => asked.Host == "management.azure.com"), asked => Assert.Equal("GET", asked.Method));
    }

    [Theory]
    [InlineData("[{\"type\":\"Location\",\"values\":[\"westeurope\"],\"restrictionInfo\":{\"locations\":[\"westeurope\"]},\"reasonCode\":\"NotAvailableForSubscription\"}]", "Azure does not offer it to this subscription (NotAvailableForSubscription).", "support request")]
    [InlineData("[{\"type\":\"Zone\",\"values\":[\"westeurope\"],\"restrictionInfo\":{\"locations\":[\"westeurope\"],\"zones\":[\"1\",\"3\"]},\"reasonCode\":\"NotAvailableForSubscription\"}]", "Azure does not offer it to this subscription in zone 1.", "availabilityZone to one of 2,")]
    public async Task On_Azure_a_restricted_size_is_told(string restrictions, string reason, string remedy)
    {
        var (found, _) = await LookAsync("azure-premium-ssd-customer", AzureKeys, new AzureSide { Restrictions = restrictions }.Answer, ("availabilityZone", "1"));
        Assert.Equal((Severity.Error, reason), (found[0].Severity, found[0].Reason));
        Assert.Contains(remedy, found[0].Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_Azure_the_quota_of_the_family_and_that_of_the_region_both_hold()
    {
        var (family, _) = await LookAsync("azure-premium-ssd-customer", AzureKeys, new AzureSide { Family = (10, 8) }.Answer);
        Assert.Equal((Severity.Error, "2 of 10 vCPU are free, and Standard_E4s_v5 takes 4."), (family[1].Severity, family[1].Reason));
        Assert.Contains("Standard ESv5 Family vCPUs", family[1].Remedy, StringComparison.Ordinal);
        var (region, _) = await LookAsync("azure-premium-ssd-customer", AzureKeys, new AzureSide { Region = (20, 18) }.Answer);
        Assert.Contains("Total Regional vCPUs", region[1].Remedy, StringComparison.Ordinal);
        Assert.Equal("Error Fine", await SeverityAsync("azure-premium-ssd-customer", AzureKeys, new AzureSide { Size = "Standard_E8s_v5" }.Answer));
    }

    [Fact]
    public async Task On_Google_Cloud_they_are_read_from_the_zone_and_the_region()
    {
        var (found, stub) = await LookAsync("gcp-pd-ssd-customer", GcpKeys, new GcpSide().Answer);
        Assert.Equal(["size n2-highmem-4 in europe-west3-a: offered in europe-west3-a.", "vCPU quota in europe-west3: 4 of 24 vCPU are free; n2-highmem-4 takes 4."], found.Select(f => f.ToString()));
        Assert.All(stub.Calls, asked => Assert.Equal("GET", asked.Method));
        Assert.Equal("Error Error", await SeverityAsync("gcp-pd-ssd-customer", GcpKeys, new GcpSide { Offered = false, Quotas = """{"metric":"N2_CPUS","limit":24.0,"usage":21.0}""" }.Answer));
        Assert.Equal("Fine Unknown", await SeverityAsync("gcp-pd-ssd-customer", GcpKeys, new GcpSide { Quotas = """{"metric":"CPUS","limit":24.0,"usage":0.0}""" }.Answer));
    }

    [Fact]
    public async Task On_Google_Cloud_a_service_account_signs_in_by_its_key()
    {
        using var rsa = RSA.Create(2048);
        var key = new JsonObject { ["type"] = "service_account", ["client_email"] = "deploy@acme.iam.gserviceaccount.com", ["private_key"] = rsa.ExportPkcs8PrivateKeyPem() }.ToJsonString();
        var (found, stub) = await LookAsync("gcp-pd-ssd-customer", new() { ["GOOGLE_CREDENTIALS"] = key }, new GcpSide().Answer);
        Assert.All(found, f => Assert.Equal(Severity.Fine, f.Severity));
        var form = stub.Calls.First().Body.Split('&').Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[1]));
        var parts = form["assertion"].Split('.');
        Assert.True(rsa.VerifyData(System.Text.Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        var claims = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1]))!;
        Assert.Equal(("deploy@acme.iam.gserviceaccount.com", "https://www.googleapis.com/auth/compute.readonly", "https://oauth2.googleapis.com/token"), ($"{claims["iss"]}", $"{claims["scope"]}", $"{claims["aud"]}"));
    }

    [Theory]
    [InlineData("aws-gp3-customer", "not looked at, because AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not in the environment.")]
    [InlineData("azure-premium-ssd-customer", "not looked at, because ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET (or ARM_OIDC_TOKEN) are not in the environment.")]
    [InlineData("gcp-pd-ssd-customer", "not looked at, because neither GOOGLE_OAUTH_ACCESS_TOKEN nor GOOGLE_CREDENTIALS nor GOOGLE_APPLICATION_CREDENTIALS is in the environment.")]
    public async Task Without_credentials_nothing_is_sent_and_that_is_said(string example, string reason)
    {
        var (found, stub) = await LookAsync(example, [], _ => throw new InvalidOperationException("asked"));
        Assert.NotEmpty(found);
        Assert.All(found, f => Assert.Equal((Severity.Unknown, reason), (f.Severity, f.Reason)));
        Assert.All(found, f => Assert.NotEqual("", f.Remedy));
        Assert.Empty(stub.Calls);
    }

    [Fact]
    public async Task An_existing_host_is_asked_about_nowhere() => Assert.Empty((await LookAsync("host-disk-customer", AwsKeys, _ => throw new InvalidOperationException("asked"))).Found);

    [Fact]
    public async Task A_refusal_is_told_by_its_code_and_what_is_missing_and_no_secret_is()
    {
        var (aws, _) = await LookAsync("aws-gp3-customer", AwsKeys, new AwsSide { Refusal = (403, "<?xml version=\"1.0\"?><Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>You are not authorized: the-secret-key-itself</Message></Error></Errors></Response>") }.Answer);
        Assert.Equal((Severity.Unknown, "not looked at, because ec2.eu-central-1.amazonaws.com answers 403 UnauthorizedOperation.", "Give the credentials in the environment the right to read: ec2:DescribeInstanceTypeOfferings."), (aws[0].Severity, aws[0].Reason, aws[0].Remedy));
        var (azure, _) = await LookAsync("azure-premium-ssd-customer", AzureKeys, new AzureSide { Refusal = (403, """{"error":{"code":"AuthorizationFailed","message":"The client 'x' with object id 'y' does not have authorization"}}""") }.Answer);
        Assert.Contains("AuthorizationFailed", azure[0].Reason, StringComparison.Ordinal);
        var (gcp, _) = await LookAsync("gcp-pd-ssd-customer", GcpKeys, new GcpSide { Refusal = (403, """{"error":{"code":403,"message":"Required 'compute.regions.get' permission","status":"PERMISSION_DENIED"}}""") }.Answer);
        Assert.Contains("PERMISSION_DENIED", gcp[1].Reason, StringComparison.Ordinal);
        foreach (var finding in (Finding[])[.. aws, .. azure, .. gcp]) Assert.DoesNotMatch("the-secret|the-client-secret|the-token|the-session", finding.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>proxy</html>")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("{\"Quota\":{\"Value\":\"many\"},\"value\":{},\"quotas\":[{\"metric\":null}]}")]
    public async Task An_answer_of_another_form_is_no_answer(string body)
    {
        foreach (var (example, keys) in new[] { ("aws-gp3-customer", AwsKeys), ("gcp-pd-ssd-customer", GcpKeys) })
        {
            var (found, _) = await LookAsync(example, keys, _ => (200, body));
            Assert.Equal(Severity.Unknown, found[1].Severity);
            Assert.StartsWith("not looked at, because ", found[1].Reason, StringComparison.Ordinal);
        }
        var (azure, _) = await LookAsync("azure-premium-ssd-customer", AzureKeys, _ => (200, body));
        Assert.All(azure, f => Assert.NotEqual(Severity.Fine, f.Severity));
    }

    [Fact]
    public async Task The_preflight_asks_unless_the_machine_stands_already()
    {
        using var stub = new CloudStub(new AwsSide().Answer);
        var settings = SettingsJudge.Judge(ExampleStack.Named("aws-gp3-customer").With(("imageRegistry", "localhost:1")).Input, DateTimeOffset.UtcNow).Settings!;
        var run = new PreflightRun(TimeProvider.System, [IPAddress.Parse("127.0.77.200")], 1) { Access = new CloudAccess(AwsKeys.GetValueOrDefault, stub.Handler) };
        Assert.Contains(await run.LookAsync(settings, probe: false, CancellationToken.None), f => f.What == "vCPU quota in eu-central-1" && f.Severity == Severity.Fine);
        var standing = new PreflightRun(TimeProvider.System, [IPAddress.Parse("127.0.77.200")], 1) { Access = run.Access, MachineStands = true };
        Assert.DoesNotContain(await standing.LookAsync(settings, probe: false, CancellationToken.None), f => f.What.StartsWith("vCPU quota", StringComparison.Ordinal));
    }

    /// <summary>The example of AWS's own page on signing.</summary>
    [Fact]
    public void A_request_is_signed_as_AWS_tells()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08") { Content = new ByteArrayContent([]) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        AwsSignature.Sign(request, [], new AwsCredentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", null), "us-east-1", "iam", new DateTimeOffset(2015, 8, 30, 12, 36, 0, TimeSpan.Zero));
        Assert.Equal("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            request.Headers.GetValues("Authorization").Single());
    }
}
