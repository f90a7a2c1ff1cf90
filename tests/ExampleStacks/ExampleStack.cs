using System.Collections.Immutable;
using Provisioner.Delivery.Settings;

namespace ExampleStacks;

/// <summary>One of the stacks in stacks/, with the secrets that a user would have set, made up for tests.</summary>
/// <param name="Name">Such as "aws-gp3-customer".</param>
/// <param name="File">Full path.</param>
/// <param name="Input">Complete: what Pulumi would hand to the program. The secret keys are marked.</param>
public sealed record ExampleStack(string Name, string File, StackInput Input)
{
    /// <summary>What the comments in the files tell a user to set.</summary>
    private static readonly Dictionary<string, Func<string, string>> Secrets = new()
    {
        ["acmeEabKey"] = _ => "dGhpcy1pcy1hLXRlc3Qta2V5LW9mLWVhYg",
        ["alertWebhook"] = _ => "https://hooks.example.org/services/test-token-of-webhook",
        ["certificateChain"] = domain => TestAuthority.For(domain).ChainPem,
        ["certificateKey"] = domain => TestAuthority.For(domain).KeyPem,
        ["certificatePfx"] = domain => TestAuthority.For(domain).Pfx,
        ["certificatePassword"] = _ => TestAuthority.PfxPassword,
        ["dnsKey"] = _ => "dGVzdC1rZXktb2YtdGhlLW5hbWUtc2VydmVyLTMyYnl0ZQ==",
        ["identityClientSecret"] = _ => "test-secret-of-the-identity-client",
        ["licence"] = _ => "TEST-LICENCE-0000-1111-2222-3333",
        ["s3SecretKey"] = _ => "test-secret-key-of-the-bucket",
    };

    /// <summary>All of them, by name.</summary>
    public static ImmutableArray<ExampleStack> All { get; } =
        [.. Directory.GetFiles(Path.Combine(Repository(), "stacks"), "Pulumi.*.yaml").Order(StringComparer.Ordinal).Select(Load)];

    public static ExampleStack Named(string name) => All.Single(s => s.Name == name);

    /// <summary>The same stack with some keys set otherwise; a null takes a key away. Keys are without their namespace.</summary>
    public ExampleStack With(params (string Key, string? Value)[] changes)
    {
        var values = new Dictionary<string, string>(Input.Values);
        foreach (var (key, value) in changes)
        {
            if (value is null) values.Remove("appliance:" + key);
            else values["appliance:" + key] = value;
        }
        return this with { Input = Input with { Values = values } };
    }

    public override string ToString() => Name;

    private static ExampleStack Load(string file)
    {
        var name = StackFile.NameOf(file)!;
        var text = System.IO.File.ReadAllText(file);
        var stack = StackFile.Parse(name, text);
        var domain = stack.Input.Values["appliance:domain"];
        var asked = Secrets.Where(s => text.Contains($"--secret {s.Key}", StringComparison.Ordinal)).ToDictionary(s => "appliance:" + s.Key, s => s.Value(domain));
        var input = stack.With(asked);
        if (text.Contains("config set certificateChain", StringComparison.Ordinal))
            input = input with { Values = new Dictionary<string, string>(input.Values) { ["appliance:certificateChain"] = Secrets["certificateChain"](domain) } };
        return new ExampleStack(name, file, input);
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "Appliance.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("No folder above the test holds Appliance.sln.");
    }
}
