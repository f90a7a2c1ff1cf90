using System.Globalization;
using System.Text.Json;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Rendering;

/// <summary>The user data of a machine: pure text from the settings and where its data disk will be. No secret ever stands in it.</summary>
public static class CloudInit
{
    /// <summary>
    /// Bridges from which containers reach the metadata address: that of app, worker and certificates. The compose file gives it this name, because those that Docker makes up are
    /// not known before. The tool that orders the first certificate runs on the machine itself, which the rule does not concern.
    /// </summary>
    public static readonly string[] IdentityBridges = ["appliance-cloud"];

    /// <param name="settings">A stack on a cloud.</param>
    /// <param name="dataDisk">One of <see cref="DataDiskPath"/>.</param>
    /// <exception cref="ArgumentException">The stack takes an existing host: that has no user data.</exception>
    public static string Render(StackSettings settings, DataDiskPath dataDisk)
    {
        if (settings.Access.PublicKey is not { } publicKey) throw new ArgumentException("An existing host is not made by cloud-init.", nameof(settings));
        var name = settings.Domain.Name;
        return Template.Fill(Template.Read("cloud-init/user-data.yaml"), new Dictionary<string, string>
        {
            ["hostname"] = name.Split('.')[0],
            ["domain"] = name,
            ["login"] = settings.Access.Login,
            ["public_key"] = JsonSerializer.Serialize(publicKey),       // a JSON text is a YAML text, whatever stands in the key's comment
            ["data_disk"] = Template.Fill(Template.Read("cloud-init/data-disk"), new Dictionary<string, string> { ["candidates"] = string.Join(' ', dataDisk.Candidates) }),
            ["metadata_rule"] = Template.Fill(Template.Read("cloud-init/metadata-rule"), new Dictionary<string, string> { ["bridges"] = string.Join(' ', IdentityBridges) }),
            ["docker"] = Docker(settings),
            ["time_source"] = TimeSource(settings.Cloud),
        });
    }

    private static string Docker(StackSettings settings) => string.Create(CultureInfo.InvariantCulture, $$"""
        {
          "live-restore": true,
          "log-driver": "json-file",
          "log-opts": { "max-size": "20m", "max-file": "5" },
          "default-address-pools": [{ "base": "{{settings.Network.DockerCidr}}", "size": {{Math.Max(24, settings.Network.DockerCidr.PrefixLength)}} }]
        }
        """);

    /// <summary>Each cloud has a clock of its own beside its machines.</summary>
    private static string TimeSource(Cloud cloud) => cloud switch
    {
        Cloud.Aws => "server 169.254.169.123 prefer iburst minpoll 4 maxpoll 4",
        Cloud.Azure => "refclock PHC /dev/ptp_hyperv poll 3 dpoll -2 offset 0 stratum 2",
        Cloud.Gcp => "server metadata.google.internal prefer iburst",
        Cloud.Host => throw new ArgumentException("An existing host keeps its own time.", nameof(cloud)),
    };
}

/// <summary>Where the data disk shows itself, by a name that does not depend on the order of devices.</summary>
/// <param name="Candidates">Paths, of which one will be there; the kind of machine decides which.</param>
public sealed record DataDiskPath(params string[] Candidates)
{
    /// <param name="volumeId">Such as "vol-0123456789abcdef0". All machines of the size table have NVMe disks.</param>
    public static DataDiskPath Aws(string volumeId) => new("/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_" + volumeId.Replace("-", "", StringComparison.Ordinal));

    /// <param name="lun">The number under which the disk is attached.</param>
    public static DataDiskPath Azure(int lun) => new(
        string.Create(CultureInfo.InvariantCulture, $"/dev/disk/azure/scsi1/lun{lun}"), string.Create(CultureInfo.InvariantCulture, $"/dev/disk/azure/data/by-lun/{lun}"));

    /// <param name="deviceName">The name under which the disk is attached.</param>
    public static DataDiskPath Gcp(string deviceName) => new("/dev/disk/by-id/google-" + deviceName);
}
