using Provisioner.Delivery.Rendering;
using Provisioner.Delivery.Settings;
using Pulumi;

namespace Provisioner.Cloud;

/// <summary>A machine that stands already: an address and a login. Nothing is created.</summary>
public sealed class ExistingHost : ComponentResource
{
    public ApplianceHost Host { get; }

    public ExistingHost(StackSettings settings) : base("appliance:host:ExistingHost", settings.Stack)
    {
        var access = settings.Access;
        var address = Output.Create(access.Address!);
        var device = settings.Storage.Disk.Device is { } path ? Output.Create(new DataDiskPath(path)) : null;
        var bucket = settings.Storage.S3 is { Bucket: { } name } s3 ? new HostBucket(Output.Create(name), s3.Prefix, s3.Region, s3.Endpoint) : null;
        Host = new ApplianceHost(address, new HostLogin(address, access.Port, access.Login, access.Via), new HostDisks(null, device), bucket, []);
        RegisterOutputs();
    }
}
