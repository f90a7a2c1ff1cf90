using CsCheck;
using ExampleStacks;
using Provisioner.Delivery.Settings;
using Xunit;

namespace Delivery.Tests;

public sealed class Judging
{
    private static readonly string[] Keys = [.. SettingKeys.All.Select(k => k.FullName)];

    // Texts that one key or another takes, and texts that none should: so that a random map comes past the first gate.
    private static readonly string[] Texts =
    [
        .. SettingKeys.All.SelectMany(k => k.Choices), .. SettingKeys.All.Select(k => k.Example).OfType<string>(), .. SettingKeys.All.Select(k => k.Default).OfType<string>(),
        "", " ", "-1", "99999999999999999999", "10.0.0.0/8", "::/0", "::ffff:1.2.3.4", "1.2.3.4/33", "[", "[]", "[null]", "{}", "{\"a\":null}", "{\"a\":{}}", "\0", "\ud800", "ä", "xn--", "https://", "https://[::1", "a@b",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAAEA", "ssh-ed25519 AAAA/////w==",
        TestAuthority.For("backup.example.org").ChainPem, TestAuthority.For("backup.example.org").KeyPem, TestAuthority.For("backup.example.org").Pfx,
    ];

    /// <summary>What also stands in reasons and remedies as an example.</summary>
    private static readonly HashSet<string> Public = [.. Texts.SkipLast(3)];

    private static readonly Gen<string> AnyText = Gen.OneOf(Pick(Texts), Gen.String, Gen.Int.Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    private static readonly Gen<StackInput> AnyInput =
        Gen.Select(Gen.Dictionary(Gen.OneOf(Pick(Keys), Gen.String.Select(s => "appliance:" + s), Gen.String), AnyText)[0, 40], Pick(Keys).HashSet[0, 30])
            .Select((values, secrets) => new StackInput("random", values, secrets));

    private static readonly Gen<StackInput> AlmostGood =
        Gen.Select(Pick([.. ExampleStack.All]), Gen.Dictionary(Pick(Keys), AnyText)[1, 4], Gen.Bool)
            .Select((stack, changes, secret) =>
            {
                var values = new Dictionary<string, string>(stack.Input.Values);
                foreach (var (key, value) in changes) values[key] = value;
                return stack.Input with { Values = values, SecretKeys = secret ? stack.Input.SecretKeys.Concat(changes.Keys).ToHashSet() : stack.Input.SecretKeys };
            });

    private static Gen<T> Pick<T>(T[] from) => Gen.Int[0, from.Length - 1].Select(i => from[i]);

    [Fact]
    public void Never_throws_and_gives_either_settings_or_mistakes() => Gen.OneOf(AnyInput, AlmostGood).Sample(input =>
    {
        var verdict = SettingsJudge.Judge(input, DateTimeOffset.UnixEpoch.AddYears(57));
        Assert.NotEqual(verdict.Settings is null, verdict.Mistakes.IsEmpty);
        Assert.All(verdict.Mistakes, m => Assert.True(m.Reason.Length > 5 && m.Remedy.Length > 5 && !m.ToString().Contains('\n', StringComparison.Ordinal), m.ToString()));
    }, iter: Environment.GetEnvironmentVariable("NIGHTLY") is null ? 1000 : 300_000);

    [Fact]
    public void Never_shows_a_secret() => AlmostGood.Sample(input =>
    {
        var text = SettingsJudge.Judge(input, DateTimeOffset.UtcNow).ToString();
        foreach (var key in input.SecretKeys.Where(k => input.Values.ContainsKey(k) && SettingKeys.All.Single(s => s.FullName == k).Secret && input.Values[k].Trim().Length > 14 && !Public.Contains(input.Values[k])))
            Assert.DoesNotContain(input.Values[key].Trim(), text, StringComparison.Ordinal);
    }, iter: 300);

    [Fact]
    public void Lists_all_mistakes_at_once()
    {
        var stack = ExampleStack.Named("aws-gp3-customer").With(("region", "mars-1"), ("size", "m5.large"), ("storageIops", "90000"), ("domain", "localhost"), ("deployerAddress", "0.0.0.0/0"), ("version", "latest"));
        var keys = SettingsJudge.Judge(stack.Input, DateTimeOffset.UtcNow).Mistakes.Select(m => m.Key).ToHashSet();
        Assert.Superset(new HashSet<string> { "appliance:region", "appliance:size", "appliance:storageIops", "appliance:domain", "appliance:deployerAddress", "appliance:version" }, keys);
    }

    [Fact]
    public void Leaves_the_keys_of_pulumis_providers_alone() =>
        Assert.Empty(SettingsJudge.Judge(ExampleStack.Named("aws-gp3-customer").Input with
        {
            Values = new Dictionary<string, string>(ExampleStack.Named("aws-gp3-customer").Input.Values) { ["aws:region"] = "eu-central-1", ["pulumi:tags"] = "{}" },
        }, DateTimeOffset.UtcNow).Mistakes);

    [Fact]
    public void Says_only_what_is_wrong_about_an_empty_stack() =>
        Assert.Equal(["appliance:mode", "appliance:cloud", "appliance:storage", "appliance:domain", "appliance:version"],
            SettingsJudge.Judge(new StackInput("empty", new Dictionary<string, string>(), new HashSet<string>()), DateTimeOffset.UtcNow).Mistakes.Select(m => m.Key).Take(5));

    [Theory]
    [InlineData("aws", "r5n.xlarge", null)]
    [InlineData("aws", "r6i.32xlarge", null)]
    [InlineData("aws", "m5.2xlarge", null)]
    [InlineData("aws", "m5.large", "r5n.xlarge|m5.2xlarge")]
    [InlineData("aws", "r5.large", "r5.xlarge")]
    [InlineData("aws", "c5.2xlarge", "c5.4xlarge")]
    [InlineData("aws", "t3.2xlarge", "r5n.xlarge")]
    [InlineData("aws", "r6g.xlarge", "r5n.xlarge")]
    [InlineData("azure", "Standard_E4s_v5", null)]
    [InlineData("azure", "Standard_D4s_v5", "Standard_D8s_v5")]
    [InlineData("azure", "Standard_E4_v5", "Standard_E4s_v5")]
    [InlineData("azure", "standard_e4s_v5", "Standard_E4s_v5")]
    [InlineData("gcp", "n2-highmem-4", null)]
    [InlineData("gcp", "n1-highmem-4", "n1-highmem-8")]
    [InlineData("gcp", "n2-standard-4", "n2-standard-8")]
    public void Knows_sizes_and_names_the_nearest_that_fits(string cloud, string size, string? nearest)
    {
        var where = Enum.Parse<Cloud>(cloud, ignoreCase: true);
        var disk = where switch { Cloud.Azure => StorageKind.PremiumSsd, Cloud.Gcp => StorageKind.PdSsd, _ => StorageKind.Gp3 };
        if (nearest is null) Assert.Null(MachineSizes.Refusal(where, size, disk));
        else
        {
            Assert.NotNull(MachineSizes.Refusal(where, size, disk));
            Assert.Contains(MachineSizes.Nearest(where, size, disk), nearest.Split('|'));
        }
    }
}
