using Pulumi;

namespace Probe;

internal sealed class SiteArgs : ResourceArgs;

internal sealed class Site(string name, SiteArgs args, ComponentResourceOptions? options = null) : ComponentResource("acme:index:Site", name, args, options)
{
    public void Finished() => RegisterOutputs();
}

internal sealed class MachineArgs : ResourceArgs
{
    [Input("tags")] private InputMap<string>? _tags;

    [Input("image")] public Input<string>? Image { get; set; }

    [Input("size")] public Input<string>? Size { get; set; }

    [Input("password")] public Input<string>? Password { get; set; }

    public InputMap<string> Tags { get => _tags ??= []; set => _tags = value; }
}

internal sealed class Machine(string name, MachineArgs args, CustomResourceOptions options) : CustomResource("acme:index:Machine", name, args, options)
{
    [Output("address")] public Output<string> Address { get; private set; } = null!;
}

internal sealed class VolumeArgs : ResourceArgs
{
    [Input("gigabytes")] public Input<int>? Gigabytes { get; set; }

    [Input("zone")] public Input<string>? Zone { get; set; }
}

internal sealed class Volume(string name, VolumeArgs args, CustomResourceOptions options) : CustomResource("acme:index:Volume", name, args, options);

internal sealed class RecordArgs : ResourceArgs
{
    [Input("target", required: true)] public Input<string> Target { get; set; } = null!;
}

internal sealed class Record(string name, RecordArgs args, CustomResourceOptions? options = null) : CustomResource("acme:index:Record", name, args, options);

/// <summary>A small site whose settings make every kind of change that an engine must tell apart.</summary>
internal sealed class SiteStack : Stack
{
    public SiteStack()
    {
        var config = new Config();
        var siteOptions = new ComponentResourceOptions { Protect = config.GetBoolean("protectSite"), RetainOnDelete = config.GetBoolean("retainSite") };
        if (config.Get("oldSiteName") is { } old) siteOptions.Aliases.Add(new Alias { Name = old });
        var site = new Site(config.Get("siteName") ?? "site", new SiteArgs(), siteOptions);
        var machineOptions = new CustomResourceOptions { Parent = site };
        if (config.GetBoolean("ignoreImage") ?? false) machineOptions.IgnoreChanges.Add("image");
        if (config.GetBoolean("replaceOnSize") ?? false) machineOptions.ReplaceOnChanges.Add("size");
        if (config.GetBoolean("deleteFirst") is { } first) machineOptions.DeleteBeforeReplace = first;
        if (config.GetBoolean("protectMachine") is { } guard) machineOptions.Protect = guard;
        if (config.Get("oldMachineName") is { } oldName) machineOptions.Aliases.Add(new Alias { Name = oldName });
        var machine = new Machine(config.Get("machineName") ?? "machine", new MachineArgs
        {
            Image = config.Get("image") ?? "image-1", Size = config.Get("size") ?? "small", Password = config.GetSecret("password") is { } password ? (Input<string>)password : null, Tags = { ["owner"] = config.Get("owner") ?? "crm" },
        }, machineOptions);
        Address = machine.Address;
        if (config.GetBoolean("withVolume") ?? true)
        {
            var volumeOptions = new CustomResourceOptions { Parent = site, Protect = config.GetBoolean("protectVolume"), RetainOnDelete = config.GetBoolean("retainVolume") };
            _ = new Volume("volume", new VolumeArgs { Gigabytes = config.GetInt32("gigabytes") ?? 100, Zone = "a" }, volumeOptions);
        }
        if (config.GetBoolean("withRecord") ?? true) _ = new Record("record", new RecordArgs { Target = machine.Address }, new CustomResourceOptions { Parent = site });
        site.Finished();
    }

    [Output("address")] public Output<string> Address { get; set; }
}
