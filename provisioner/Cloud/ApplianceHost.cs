using Provisioner.Delivery.Rendering;
using Provisioner.Delivery.Settings;
using Pulumi;

namespace Provisioner.Cloud;

/// <summary>What every cloud gives, and all that the appliance needs of a machine.</summary>
/// <param name="Address">The IPv4 address that the name points to; private with <see cref="NetworkMode.Vpn"/>.</param>
/// <param name="Ready">What must stand before anything is installed: the data disk in its place, the name in its zone.</param>
public sealed record ApplianceHost(Output<string> Address, HostLogin Login, HostDisks Disks, HostBucket? Bucket, IReadOnlyList<Resource> Ready);

/// <param name="Address">Where SSH answers.</param>
/// <param name="Target">With <see cref="DeployVia.Ssm"/>: the instance to which Systems Manager forwards a port.</param>
public sealed record HostLogin(Output<string> Address, int Port, string User, DeployVia Via, Output<string>? Target = null);

/// <param name="Data">The cloud's name of the data disk; null on a host that stands already.</param>
/// <param name="Path">Its stable path on the machine; null where a folder is used as it is.</param>
public sealed record HostDisks(Output<string>? Data, Output<DataDiskPath>? Path);

/// <param name="Name">Name of the bucket that the vaults live in.</param>
public sealed record HostBucket(Output<string> Name, string Prefix, string Region, Uri? Endpoint);
