namespace Pulumi.Gcp.Compute.Inputs;

public sealed class FirewallAllowArgs : ResourceArgs
{
    [Input("protocol", required: true)] public Input<string> Protocol { get; set; } = null!;
    [Input("ports")] private InputList<string>? _ports; public InputList<string> Ports { get => _ports ??= new(); set => _ports = value; }
}

public sealed class InstanceBootDiskArgs : ResourceArgs
{
    [Input("kmsKeySelfLink")] public Input<string>? KmsKeySelfLink { get; set; }
    [Input("source")] public Input<string>? Source { get; set; }
    [Input("autoDelete")] public Input<bool>? AutoDelete { get; set; }
}

public sealed class InstanceNetworkInterfaceArgs : ResourceArgs
{
    [Input("subnetwork")] public Input<string>? Subnetwork { get; set; }
    [Input("accessConfigs")] private InputList<InstanceNetworkInterfaceAccessConfigArgs>? _accessConfigs; public InputList<InstanceNetworkInterfaceAccessConfigArgs> AccessConfigs { get => _accessConfigs ??= new(); set => _accessConfigs = value; }
}

public sealed class InstanceNetworkInterfaceAccessConfigArgs : ResourceArgs
{
    [Input("natIp")] public Input<string>? NatIp { get; set; }
    [Input("networkTier")] public Input<string>? NetworkTier { get; set; }
}

public sealed class InstanceServiceAccountArgs : ResourceArgs
{
    [Input("email")] public Input<string>? Email { get; set; }
    [Input("scopes", required: true)] private InputList<string>? _scopes; public InputList<string> Scopes { get => _scopes ??= new(); set => _scopes = value; }
}

public sealed class InstanceShieldedInstanceConfigArgs : ResourceArgs
{
    [Input("enableSecureBoot")] public Input<bool>? EnableSecureBoot { get; set; }
    [Input("enableVtpm")] public Input<bool>? EnableVtpm { get; set; }
    [Input("enableIntegrityMonitoring")] public Input<bool>? EnableIntegrityMonitoring { get; set; }
}

public sealed class DiskDiskEncryptionKeyArgs : ResourceArgs
{
    [Input("kmsKeySelfLink")] public Input<string>? KmsKeySelfLink { get; set; }
}

public sealed class ResourcePolicySnapshotSchedulePolicyArgs : ResourceArgs
{
    [Input("schedule", required: true)] public Input<ResourcePolicySnapshotSchedulePolicyScheduleArgs> Schedule { get; set; } = null!;
    [Input("retentionPolicy")] public Input<ResourcePolicySnapshotSchedulePolicyRetentionPolicyArgs>? RetentionPolicy { get; set; }
}

public sealed class ResourcePolicySnapshotSchedulePolicyScheduleArgs : ResourceArgs
{
    [Input("dailySchedule")] public Input<ResourcePolicySnapshotSchedulePolicyScheduleDailyScheduleArgs>? DailySchedule { get; set; }
    [Input("hourlySchedule")] public Input<ResourcePolicySnapshotSchedulePolicyScheduleHourlyScheduleArgs>? HourlySchedule { get; set; }
}

public sealed class ResourcePolicySnapshotSchedulePolicyScheduleDailyScheduleArgs : ResourceArgs
{
    [Input("daysInCycle", required: true)] public Input<int> DaysInCycle { get; set; } = null!;
    [Input("startTime", required: true)] public Input<string> StartTime { get; set; } = null!;
}

public sealed class ResourcePolicySnapshotSchedulePolicyScheduleHourlyScheduleArgs : ResourceArgs
{
    [Input("hoursInCycle", required: true)] public Input<int> HoursInCycle { get; set; } = null!;
    [Input("startTime", required: true)] public Input<string> StartTime { get; set; } = null!;
}

public sealed class ResourcePolicySnapshotSchedulePolicyRetentionPolicyArgs : ResourceArgs
{
    [Input("maxRetentionDays", required: true)] public Input<int> MaxRetentionDays { get; set; } = null!;
    [Input("onSourceDiskDelete")] public Input<string>? OnSourceDiskDelete { get; set; }
}
