using ExampleStacks;
using Google.Protobuf.WellKnownTypes;
using Provisioner.Delivery.Settings;
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
