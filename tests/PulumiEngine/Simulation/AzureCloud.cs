namespace PulumiEngine.Simulation;

/// <summary>
/// What Azure would say of the resources that the program uses. Which changes force a replacement is read from the public declarations of the provider that
/// Pulumi's is made of (terraform-provider-azurerm: <c>ForceNew</c> in internal/services; location, resource group and zone force it everywhere).
/// </summary>
internal static class AzureCloud
{
    private const string Subscription = "/subscriptions/11111111-2222-3333-4444-555555555555";
    private static readonly string[] Place = ["name", "location", "resourceGroupName"];

    public static void Fill(Simulated table)
    {
        table.Function("azure:dns/getZone:getZone", a => new
        {
            id = $"{Subscription}/resourceGroups/{a.Fields["resourceGroupName"].StringValue}/providers/Microsoft.Network/dnsZones/{a.Fields["name"].StringValue}",
            name = a.Fields["name"].StringValue, nameServers = new[] { "ns1-01.azure-dns.com." },
        });
        table.Type("azure:core/resourceGroup:ResourceGroup").Replaces("name", "location").WithId(r => $"{Subscription}/resourceGroups/{Own(r)}").Computes(r => new { name = Own(r) });
        Placed(table, "network/virtualNetwork:VirtualNetwork", "Microsoft.Network/virtualNetworks");
        Placed(table, "network/subnet:Subnet", "Microsoft.Network/virtualNetworks/simulated/subnets").Replaces("virtualNetworkName");
        Placed(table, "network/networkSecurityGroup:NetworkSecurityGroup", "Microsoft.Network/networkSecurityGroups");
        Placed(table, "network/publicIp:PublicIp", "Microsoft.Network/publicIPAddresses", r => new { name = Own(r), ipAddress = $"198.51.100.{Number(r)}" }).Replaces("sku", "zones", "ipVersion");
        Placed(table, "network/networkInterface:NetworkInterface", "Microsoft.Network/networkInterfaces", r => new { name = Own(r), privateIpAddress = $"10.80.0.{Number(r)}" });
        table.Type("azure:network/networkInterfaceSecurityGroupAssociation:NetworkInterfaceSecurityGroupAssociation").Replaces("networkInterfaceId", "networkSecurityGroupId");
        Placed(table, "compute/linuxVirtualMachine:LinuxVirtualMachine", "Microsoft.Compute/virtualMachines", r => new
        {
            name = Own(r), virtualMachineId = $"22222222-3333-4444-5555-{r.Hash}0000",
            identity = new { type = "SystemAssigned", principalId = $"33333333-4444-5555-6666-{r.Hash}0000", tenantId = "44444444-5555-6666-7777-888888888888" },
        }).Replaces("adminUsername", "adminPassword", "adminSshKeys", "computerName", "customData", "disablePasswordAuthentication", "secureBootEnabled", "vtpmEnabled",
            "sourceImageId", "sourceImageReference", "zone", "osDisk.storageAccountType", "osDisk.diskEncryptionSetId", "osDisk.name").Conceals("customData", "adminPassword");
        Placed(table, "compute/managedDisk:ManagedDisk", "Microsoft.Compute/disks").Replaces("createOption", "zone", "diskEncryptionSetId");
        table.Type("azure:compute/dataDiskAttachment:DataDiskAttachment").Replaces("lun", "managedDiskId", "virtualMachineId", "createOption");
        table.Type("azure:dns/aRecord:ARecord").Replaces("name", "zoneName", "resourceGroupName").Computes(r => new { fqdn = $"{r.Text("name")}.{r.Text("zoneName")}." });
        table.Type("azure:authorization/assignment:Assignment").Replaces("scope", "roleDefinitionName", "principalId");
        Placed(table, "dataprotection/backupVault:BackupVault", "Microsoft.DataProtection/backupVaults", r => new
        {
            name = Own(r), identity = new { type = "SystemAssigned", principalId = $"55555555-6666-7777-8888-{r.Hash}0000", tenantId = "44444444-5555-6666-7777-888888888888" },
        }).Replaces("datastoreType", "redundancy");
        table.Type("azure:dataprotection/backupPolicyDisk:BackupPolicyDisk").Replaces("vaultId", "backupRepeatingTimeIntervals", "defaultRetentionDuration", "name");
        table.Type("azure:dataprotection/backupInstanceDisk:BackupInstanceDisk").Replaces("vaultId", "location", "diskId", "snapshotResourceGroupName", "name");
        Placed(table, "monitoring/actionGroup:ActionGroup", "Microsoft.Insights/actionGroups");
        table.Type("azure:monitoring/metricAlert:MetricAlert").Replaces("name", "resourceGroupName");
    }

    private static SimulatedType Placed(Simulated table, string type, string kind, Func<SimulatedResource, object>? computes = null) => table.Type($"azure:{type}")
        .Replaces(Place)
        .WithId(r => $"{Subscription}/resourceGroups/{r.Text("resourceGroupName")}/providers/{kind}/{Own(r)}")
        .Computes(computes ?? (r => new { name = Own(r) }));

    /// <summary>The name in Azure: as given, else the resource's with some digits.</summary>
    private static string Own(SimulatedResource resource) => resource.Text("name") ?? resource.Name + Simulated.Hash(resource.Urn)[..7];

    private static int Number(SimulatedResource resource) => 1 + Convert.ToInt32(Simulated.Hash(resource.Urn)[..2], 16) % 250;
}
