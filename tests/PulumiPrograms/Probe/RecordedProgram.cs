using Pulumi;

namespace Probe;

internal sealed class WidgetArgs : ResourceArgs
{
    [Input("items")] private InputList<string>? _items;
    [Input("map")] private InputMap<string>? _map;
    [Input("nested")] private InputMap<string>? _nested;

    public InputList<string> Items { get => _items ??= []; set => _items = value; }

    public InputMap<string> Map { get => _map ??= []; set => _map = value; }

    public InputMap<string> Nested { get => _nested ??= []; set => _nested = value; }

    [Input("label")] public Input<string>? Label { get; set; }

    [Input("count")] public Input<int>? Count { get; set; }

    [Input("enabled")] public Input<bool>? Enabled { get; set; }

    [Input("ratio")] public Input<double>? Ratio { get; set; }

    [Input("secret")] public Input<string>? Secret { get; set; }

    [Input("file")] public Input<AssetOrArchive>? File { get; set; }

    [Input("arch")] public Input<Archive>? Arch { get; set; }

    [Input("owner")] public Input<Resource>? Owner { get; set; }

    [Input("target")] public Input<Resource>? Target { get; set; }
}

internal sealed class Widget(string name, WidgetArgs? args, CustomResourceOptions? options = null) : CustomResource("acme:index:Widget", name, args, options)
{
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
}

internal sealed class ProbeComponentArgs : ResourceArgs
{
    [Input("region")] public Input<string>? Region { get; set; }
}

internal sealed class ProbeComponent : ComponentResource
{
    public ProbeComponent(string name, ProbeComponentArgs args, ComponentResourceOptions options) : base("flosum:infra:Probe", name, args, options) =>
        RegisterOutputs(new Dictionary<string, object?> { ["zone"] = "z" });
}

internal sealed class RemoteArgs : ResourceArgs
{
    [Input("ip")] public Input<string>? Ip { get; set; }

    [Input("plain")] public Input<string>? Plain { get; set; }

    [Input("secret")] public Input<string>? Secret { get; set; }

    [Input("target")] public Input<Resource>? Target { get; set; }
}

internal sealed class Remote(string name, RemoteArgs args) : ComponentResource("acme:index:Remote", name, args, null, remote: true)
{
    [Output("url")] public Output<string> Url { get; private set; } = null!;
}

/// <summary>The program whose calls on the official SDK are recorded, written anew from its recording.</summary>
internal static class RecordedProgram
{
    public static IDictionary<string, object?> Run()
    {
        var config = new Config();
        Log.Info("hello from the program");
        var password = config.RequireSecret("dbPassword");
        var region = new Config("aws").Require("region");
        var team = config.RequireObject<Dictionary<string, string>>("labels")["team"];
        if (team != "ops") throw new RunException($"the labels were not read: {team}");

        var eu = new AwsProvider("eu", new AwsProviderArgs { Region = region, DefaultTags = new DefaultTagsArgs { Tags = { ["app"] = "flosum" } } });
        var site = new ProbeComponent("site", new ProbeComponentArgs { Region = region }, new ComponentResourceOptions { Providers = { eu } });
        var sg = new SecurityGroup("sg", new SecurityGroupArgs
        {
            VpcId = "vpc-1", Tags = { ["Name"] = "sg" },
            Ingress = new IngressArgs { CidrBlocks = "0.0.0.0/0", FromPort = 443, ToPort = 443, Protocol = "tcp" },
        }, new CustomResourceOptions { Parent = site });

        var ami = Deployment.Instance.Invoke<GetAmiResult>("aws:ec2/getAmi:getAmi", new GetAmiArgs
        {
            MostRecent = true, Owners = "099720109477", Filters = new GetAmiFilterArgs { Name = "name", Values = "ubuntu/*" },
        }, new InvokeOptions { Version = "7.48.0" });
        var vm = new Instance("vm", new InstanceArgs
        {
            Ami = ami.Apply(a => a.ImageId), InstanceType = InstanceType.M5Large, VpcSecurityGroupIds = sg.Id, Tags = { ["Name"] = "vm" },
            RootBlockDevice = new RootBlockDeviceArgs { Encrypted = true, VolumeSize = config.RequireInt32("size"), VolumeType = "gp3" },
            MetadataOptions = new MetadataOptionsArgs { HttpTokens = "required", HttpPutResponseHopLimit = 1 },
            UserData = Output.Format($"#!/bin/sh\necho {password}\n"),
        }, new CustomResourceOptions
        {
            Parent = site, Protect = true, RetainOnDelete = false, DeleteBeforeReplace = true, Version = "7.40.0", IgnoreChanges = { "ami" }, ReplaceOnChanges = { "userData" },
            AdditionalSecretOutputs = { "privateIp" }, CustomTimeouts = new CustomTimeouts { Create = TimeSpan.FromMinutes(30) },
            Aliases = { new Alias { Name = "oldvm" }, new Alias { Urn = "urn:pulumi:dev::probe::aws:ec2/instance:Instance::older" } },
        });

        _ = new Widget("existing", null, new CustomResourceOptions { Id = "w-123" });
        var network = new StackReference("acme/net/dev");
        var skipped = new Widget("skipme", new WidgetArgs { Label = "x" });
        _ = new Widget("imported", new WidgetArgs { Label = "x" }, new CustomResourceOptions { ImportId = "ext-1", PluginDownloadURL = "github://api.github.com/acme", DeletedWith = vm });
        var remote = new Remote("remote", new RemoteArgs { Ip = vm.PublicIp, Plain = "p", Secret = password, Target = vm });
        _ = new Widget("w", new WidgetArgs
        {
            Arch = new AssetArchive(new Dictionary<string, AssetOrArchive> { ["x.txt"] = new StringAsset("x"), ["y"] = new FileAsset("./program.csproj") }),
            File = new StringAsset("text"), Count = 3, Enabled = true, Ratio = 0.5, Items = { "a", vm.Arn }, Map = { ["k"] = sg.Arn }, Nested = { ["a"] = "1" },
            Label = vm.PublicIp, Secret = password, Owner = site, Target = vm,
        });
        return new Dictionary<string, object?>
        {
            ["list"] = new[] { "a", "b" }, ["obj"] = new Dictionary<string, object?> { ["n"] = 1, ["deep"] = vm.Arn }, ["password"] = password, ["plain"] = "text", ["nothing"] = null,
            ["publicIp"] = vm.PublicIp, ["remoteUrl"] = remote.Url, ["res"] = vm, ["skipArn"] = skipped.Arn, ["token"] = vm.Token, ["vpc"] = network.GetOutput("vpcId"),
        };
    }
}

internal sealed class RecordedStack : Stack
{
    public RecordedStack()
    {
        var ip = new Eip("ip", new EipArgs { Domain = "vpc" });
        Ip = ip.PublicIp;
        Named = Output.CreateSecret("s");
    }

    [Output] public Output<string> Ip { get; set; }

    [Output("named")] public Output<string> Named { get; set; }
}
