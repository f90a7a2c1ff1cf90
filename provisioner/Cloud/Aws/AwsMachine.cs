using System.Text;
using Provisioner.Delivery.Settings;
using Pulumi;
using Pulumi.Aws.Ec2;
using Pulumi.Aws.Ec2.Inputs;
using Pulumi.Aws.Ssm;

namespace Provisioner.Cloud.Aws;

/// <summary>The virtual machine. What AWS would answer with a new machine is chosen once, at creation; the rest changes in place.</summary>
internal sealed class AwsMachine
{
    /// <summary>Canonical's own pointer to the newest image of the release, in every region and partition.</summary>
    private const string UbuntuImage = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id";

    public Instance Instance { get; }
    public VolumeAttachment DataAttachment { get; }
    public Output<string> Address { get; }
    public Output<string>? AddressV6 { get; }
    public IReadOnlyList<Resource> Addresses { get; } = [];

    public AwsMachine(Site site, AwsNetwork network, AwsRole role, AwsKey key, AwsVolume volume)
    {
        var settings = site.Settings;
        var open = settings.Network.Mode == NetworkMode.Public;
        var options = site.Guarded(network.Ways);
        options.IgnoreChanges.AddRange(["ami", "userDataBase64", "associatePublicIpAddress", "availabilityZone", "rootBlockDevice.kmsKeyId"]);
        Instance = new Instance(site.Named("machine"), new InstanceArgs
        {
            Ami = settings.Machine.Image ?? NewestUbuntu(site),
            InstanceType = settings.Machine.Size!.Name,
            SubnetId = network.SubnetId,
            VpcSecurityGroupIds = { network.SecurityGroupId },
            IamInstanceProfile = role.Profile,
            AssociatePublicIpAddress = open,    // for the first minutes, until the fixed address is there
            Ipv6AddressCount = Optional.Of(settings.Network.Ipv6 ? 1 : (int?)null),
            DisableApiTermination = settings.Protection.Destroy,
            EbsOptimized = true,
            UserDataBase64 = volume.Path.Apply(path => Convert.ToBase64String(Encoding.UTF8.GetBytes(FirstStart.Of(settings, path)))),
            UserDataReplaceOnChange = false,
            MetadataOptions = new InstanceMetadataOptionsArgs
            {
                HttpEndpoint = "enabled",
                HttpTokens = "required",
                HttpPutResponseHopLimit = role.FromContainers ? 2 : 1,      // 2: the containers too; cloud-init then lets only those pass that need it
            },
            RootBlockDevice = new InstanceRootBlockDeviceArgs
            {
                VolumeType = "gp3",
                VolumeSize = settings.Machine.RootDiskGib,
                Encrypted = true,
                KmsKeyId = key.VolumeKey,
                DeleteOnTermination = true,
                Tags = { { "Name", site.Named("root") } },
            },
            Tags = { { "Name", site.Named("machine") } },
        }, options);

        var moved = site.Part();
        moved.DeleteBeforeReplace = true;       // a volume is in one place at a time
        DataAttachment = new VolumeAttachment(site.Named("data"), new VolumeAttachmentArgs
        {
            DeviceName = "/dev/sdf",            // AWS wants one; the machine finds the disk by its id
            InstanceId = Instance.Id,
            VolumeId = volume.Data.Id,
            StopInstanceBeforeDetaching = true,
        }, moved);

        Address = Instance.PrivateIp;
        if (open)
        {
            var address = new Eip(site.Named("address"), new EipArgs { Domain = "vpc", Tags = { { "Name", site.Named("address") } } }, site.Guarded(network.Ways));
            Addresses = [new EipAssociation(site.Named("address"), new EipAssociationArgs { AllocationId = address.AllocationId, InstanceId = Instance.Id }, site.Part())];
            Address = address.PublicIp;
        }
        // None yet in the preview of switching it on.
        if (settings.Network.Ipv6) AddressV6 = Instance.Ipv6Addresses.Apply(all => all.FirstOrDefault() ?? "");
    }

    private static Input<string> NewestUbuntu(Site site) =>
        GetParameter.Invoke(new GetParameterInvokeArgs { Name = UbuntuImage }, site.Lookup).Apply(p => p.InsecureValue);
}
