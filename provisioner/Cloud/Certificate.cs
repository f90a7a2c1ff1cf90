using Provisioner.Delivery.Settings;
using Pulumi;

namespace Provisioner.Cloud;

/// <summary>
/// The certificate on the host, kept by our own provider (provisioner/Provider). Creating it lets the host order it, or checks and places a bought one;
/// account and key never leave the host. The host renews by itself: a new serial or date is no difference.
/// </summary>
public sealed class Certificate(string name, HostedArgs args, CustomResourceOptions? options = null)
    : CustomResource("appliance:index:Certificate", name, args, options)
{
    [Output("names")] public Output<System.Collections.Immutable.ImmutableArray<string>> Names { get; private set; } = null!;
    [Output("issuer")] public Output<string> Issuer { get; private set; } = null!;
    [Output("serial")] public Output<string> Serial { get; private set; } = null!;
    /// <summary>RFC 3339, UTC.</summary>
    [Output("notAfter")] public Output<string> NotAfter { get; private set; } = null!;
    /// <summary>The host's SSH key, "SHA256:…": recorded when the host was first met, and pinned from then on.</summary>
    [Output("hostKeyFingerprint")] public Output<string> HostKeyFingerprint { get; private set; } = null!;
}

/// <summary>The products on the host, kept by our own provider: put there over SSH, proved by the health gate, rolled back when they fail it.</summary>
public sealed class Installation(string name, HostedArgs args, CustomResourceOptions? options = null)
    : CustomResource("appliance:index:Installation", name, args, options)
{
    /// <summary>Version of Backup &amp; Archive that the host really runs.</summary>
    [Output("version")] public Output<string> Version { get; private set; } = null!;
    /// <summary>Version of DevOps; null when it is not installed.</summary>
    [Output("devopsVersion")] public Output<string?> DevopsVersion { get; private set; } = null!;
}

/// <summary>What both take: where the host is, and the whole configuration, which the provider judges once more by the same rules.</summary>
public sealed class HostedArgs : ResourceArgs
{
    [Input("host", required: true)] public Input<HostArgs> Host { get; set; } = null!;
    [Input("stack", required: true)] public Input<string> Stack { get; set; } = null!;
    [Input("settings", required: true)] private InputMap<string>? _settings; public InputMap<string> Settings { get => _settings ??= new(); set => _settings = value; }
    [Input("secrets")] private InputMap<string>? _secrets; public InputMap<string> Secrets { get => _secrets ??= new(); set => _secrets = value; }
    /// <summary>The key that the host was met with before; another one is refused.</summary>
    [Input("hostKeyFingerprint")] public Input<string>? HostKeyFingerprint { get; set; }

    public static HostedArgs For(StackSettings settings, ApplianceHost host)
    {
        var arguments = new HostedArgs
        {
            Stack = settings.Stack,
            Host = new HostArgs
            {
                Address = host.Login.Address,
                Port = host.Login.Port,
                User = host.Login.User,
                Via = host.Login.Via == DeployVia.Ssm ? "ssm" : "ssh",
                Target = Optional.Of(host.Login.Target),
                Region = Optional.Of(settings.Machine.Region.Length > 0 ? settings.Machine.Region : null),
                Bucket = Optional.Of(host.Bucket?.Name),
            },
            HostKeyFingerprint = Optional.Of(settings.Access.HostKeyFingerprint),
        };
        foreach (var (key, value) in StackConfiguration.Clear) arguments.Settings.Add(key, value);
        foreach (var (key, value) in StackConfiguration.Secrets) arguments.Secrets.Add(key, Output.CreateSecret(value));
        return arguments;
    }
}

/// <summary>The host, as far as only the cloud can tell it.</summary>
public sealed class HostArgs : ResourceArgs
{
    [Input("address", required: true)] public Input<string> Address { get; set; } = null!;
    [Input("port", required: true)] public Input<int> Port { get; set; } = null!;
    [Input("user", required: true)] public Input<string> User { get; set; } = null!;
    /// <summary>"ssh" or "ssm".</summary>
    [Input("via", required: true)] public Input<string> Via { get; set; } = null!;
    /// <summary>With "ssm": the instance's id.</summary>
    [Input("target")] public Input<string>? Target { get; set; }
    [Input("region")] public Input<string>? Region { get; set; }
    /// <summary>Name of the bucket, where there is one.</summary>
    [Input("bucket")] public Input<string>? Bucket { get; set; }
}
