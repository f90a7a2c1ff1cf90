namespace PulumiEngine.Simulation;

/// <summary>
/// What Google Cloud would say of the resources that the program uses. Which changes force a replacement is read from the public declarations of the provider
/// that Pulumi's is made of (terraform-provider-google: <c>ForceNew</c> in google/services/{compute,dns,resourcemanager,monitoring}).
/// </summary>
internal static class GcpCloud
{
    private const string Image = "https://www.googleapis.com/compute/v1/projects/ubuntu-os-cloud/global/images/ubuntu-2404-noble-amd64-v20261101";

    public static void Fill(Simulated table)
    {
        table.Function("gcp:compute/getImage:getImage", _ => new { selfLink = Image, id = Image, name = Image.Split('/')[^1] });
        Named(table, "compute/network:Network", "global/networks").Replaces("autoCreateSubnetworks", "description");
        Named(table, "compute/subnetwork:Subnetwork", "regions/simulated/subnetworks").Replaces("network", "region", "description");
        Named(table, "compute/firewall:Firewall", "global/firewalls").Replaces("direction", "network");
        Named(table, "compute/address:Address", "regions/simulated/addresses", r => Of(r, "regions/simulated/addresses", ("address", $"198.51.100.{Number(r)}")))
            .Replaces("addressType", "networkTier", "region", "description");
        Named(table, "compute/instance:Instance", "zones/simulated/instances", r => Of(r, "zones/simulated/instances", ("instanceId", $"4{Convert.ToInt64(r.Hash, 16)}"),
                ("networkInterfaces", new[] { new { networkIp = $"10.80.0.{Number(r)}" } })))
            .Replaces("zone", "hostname", "metadataStartupScript", "bootDisk.source", "bootDisk.initializeParams", "bootDisk.kmsKeySelfLink", "bootDisk.deviceName", "bootDisk.mode",
                "networkInterfaces.network", "networkInterfaces.subnetwork");
        Named(table, "compute/disk:Disk", "zones/simulated/disks").Replaces("zone", "type", "image", "snapshot", "description", "diskEncryptionKey");
        table.Type("gcp:compute/attachedDisk:AttachedDisk").Replaces("deviceName", "disk", "instance", "zone");
        Named(table, "compute/resourcePolicy:ResourcePolicy", "regions/simulated/resourcePolicies").Replaces("region", "description", "snapshotSchedulePolicy");
        table.Type("gcp:compute/diskResourcePolicyAttachment:DiskResourcePolicyAttachment").Replaces("disk", "name", "zone");
        table.Type("gcp:dns/recordSet:RecordSet").Replaces("managedZone", "name");
        table.Type("gcp:serviceaccount/account:Account").Replaces("accountId").Computes(r =>
        {
            var email = $"{r.Text("accountId")}@simulated.iam.gserviceaccount.com";
            return new { email, member = $"serviceAccount:{email}" };
        });
        table.Type("gcp:projects/iAMMember:IAMMember").Replaces("project", "role", "member");
        table.Type("gcp:monitoring/notificationChannel:NotificationChannel").WithId(r => $"projects/simulated/notificationChannels/{r.Hash}");
    }

    private static SimulatedType Named(Simulated table, string type, string kind, Func<SimulatedResource, object>? computes = null) =>
        table.Type($"gcp:{type}").Replaces("name").WithId(r => Path(r, kind)).Computes(computes ?? (r => Of(r, kind)));

    private static Dictionary<string, object> Of(SimulatedResource resource, string kind, params (string Name, object Value)[] more)
    {
        var outputs = new Dictionary<string, object> { ["name"] = Own(resource), ["selfLink"] = $"https://www.googleapis.com/compute/v1/{Path(resource, kind)}" };
        foreach (var (name, value) in more) outputs[name] = value;
        return outputs;
    }

    private static string Path(SimulatedResource resource, string kind) => $"projects/simulated/{kind}/{Own(resource)}";

    private static string Own(SimulatedResource resource) => resource.Text("name") ?? $"{resource.Name}-{Simulated.Hash(resource.Urn)[..7]}";

    private static int Number(SimulatedResource resource) => 1 + Convert.ToInt32(Simulated.Hash(resource.Urn)[..2], 16) % 250;
}
