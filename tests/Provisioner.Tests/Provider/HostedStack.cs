using System.Globalization;
using ExampleStacks;
using Google.Protobuf.WellKnownTypes;
using Provisioner.Delivery.Settings;
using Provisioner.Tests.Deploying;
using PulumiEngine;
using PulumiEngine.Projects;
using PulumiEngine.Providers;
using PulumiEngine.Values;

namespace Provisioner.Tests.Provider;

/// <summary>The settings of a stack on an existing host that this provisioner can carry out: a disk, a bought certificate, a registry.</summary>
internal static class HostedStack
{
    public const string Domain = "backup.example.org";

    private static readonly HashSet<string> Secret = ["appliance:certificateKey", "appliance:sshPrivateKey", "appliance:certificatePfx", "appliance:certificatePassword", "appliance:licence"];

    public static TestAuthority Authority { get; } = new("Hosted");

    public static StackInput Input(IssuedCertificate certificate, params (string Key, string? Value)[] changes)
    {
        var input = ExampleStack.Named("host-disk-customer").With([
            ("storageDevice", null), ("certificate", "paid"), ("certificateChain", certificate.ChainPem), ("certificateKey", certificate.KeyPem), ("alertEmails", null), ("imageRegistry", "registry.example.org/backup"), .. changes]).Input;
        return input with { SecretKeys = input.SecretKeys.Concat(Secret.Where(input.Values.ContainsKey)).ToHashSet() };
    }

    /// <summary>The settings that lead to a host of this machine.</summary>
    public static (string Key, string? Value)[] On(LoopbackHost host) =>
        [("hostAddress", "127.0.0.1"), ("sshPort", host.Port.ToString(CultureInfo.InvariantCulture)), ("login", "root"), ("hostKeyFingerprint", host.Fingerprint), ("sshPrivateKey", host.PrivateKey), ("destroyProtection", "false")];

    /// <summary>The real program and provider under an engine of this machine, without the pre-flight, which would look for the stack's names in the world.</summary>
    /// <param name="states">Folder of the stack's states.</param>
    /// <param name="certificates">Program that stands for the agent of certificates; null: none is needed.</param>
    public static LocalEngine Engine(StackInput input, string states, string? certificates = null)
    {
        string[] environment = ["env", "APPLIANCE_PREFLIGHT=off", .. certificates is null ? Array.Empty<string>() : [$"APPLIANCE_CERTIFICATES={certificates}"]];
        return new LocalEngine(new EngineOptions
        {
            Project = ProjectFile.Load(RepositoryFolder.Root),
            Stack = input.Stack,
            ProgramCommand = ["dotnet", PulumiEngine.Repository.Program("Cloud", "Provisioner.Cloud")],
            ReadStackFile = false,
            Config = input.Values.Where(v => !input.SecretKeys.Contains(v.Key)).ToDictionary(),
            Secrets = input.Values.Where(v => input.SecretKeys.Contains(v.Key)).ToDictionary(),
            StateFolder = states,
            Plugins = new Dictionary<string, PluginCommand> { ["appliance"] = new([.. environment, "dotnet", RepositoryFolder.Program("Provider", "pulumi-resource-appliance")], RepositoryFolder.Root) },
        });
    }

    /// <summary>The inputs of either resource, as the program sends them.</summary>
    public static Struct Inputs(StackInput input, string address = "203.0.113.20", int port = 22)
    {
        Struct Map(bool secret)
        {
            var map = new Struct();
            foreach (var (key, value) in input.Values.Where(v => input.SecretKeys.Contains(v.Key) == secret)) map.Fields[key["appliance:".Length..]] = secret ? PropertyValues.Secret(Value.ForString(value)) : Value.ForString(value);
            return map;
        }
        var inputs = new Struct
        {
            Fields =
            {
                ["stack"] = Value.ForString(input.Stack),
                ["host"] = Value.ForStruct(new Struct { Fields = { ["address"] = Value.ForString(address), ["port"] = Value.ForNumber(port), ["user"] = Value.ForString("root"), ["via"] = Value.ForString("ssh") } }),
                ["settings"] = Value.ForStruct(Map(secret: false)),
                ["secrets"] = Value.ForStruct(Map(secret: true)),
            },
        };
        if (input.Values.TryGetValue("appliance:hostKeyFingerprint", out var pin)) inputs.Fields["hostKeyFingerprint"] = Value.ForString(pin);
        return inputs;
    }
}
