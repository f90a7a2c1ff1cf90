using ExampleStacks;
using Provisioner.Delivery.Settings;
using Xunit;

namespace Delivery.Tests;

public sealed class The_example_stacks
{
    public static TheoryData<string> Names => [.. ExampleStack.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Are_judged_without_a_mistake(string name)
    {
        var verdict = SettingsJudge.Judge(ExampleStack.Named(name).Input, DateTimeOffset.UtcNow);
        Assert.Equal("", verdict.ToString());
        Assert.Equal(name, verdict.Settings!.Stack);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Hold_no_secret_in_clear(string name)
    {
        var file = StackFile.Parse(name, File.ReadAllText(ExampleStack.Named(name).File));
        Assert.DoesNotContain(file.Input.Values.Keys, k => SettingKeys.All.Any(s => s.Secret && s.FullName == k));
    }

    [Fact]
    public void Show_every_cloud_storage_mode_network_and_certificate()
    {
        var stacks = ExampleStack.All.Select(s => SettingsJudge.Judge(s.Input, DateTimeOffset.UtcNow).Settings!).ToList();
        (Cloud, StorageKind, HostingMode)[] expected =
        [
            (Cloud.Aws, StorageKind.Gp2, HostingMode.Customer), (Cloud.Aws, StorageKind.Gp3, HostingMode.Customer), (Cloud.Aws, StorageKind.S3, HostingMode.Customer),
            (Cloud.Aws, StorageKind.Gp2, HostingMode.Flosum), (Cloud.Aws, StorageKind.Gp3, HostingMode.Flosum), (Cloud.Aws, StorageKind.S3, HostingMode.Flosum),
            (Cloud.Azure, StorageKind.PremiumSsd, HostingMode.Customer), (Cloud.Azure, StorageKind.PremiumSsdV2, HostingMode.Customer),
            (Cloud.Gcp, StorageKind.PdSsd, HostingMode.Customer), (Cloud.Gcp, StorageKind.HyperdiskBalanced, HostingMode.Customer),
            (Cloud.Host, StorageKind.Disk, HostingMode.Customer), (Cloud.Host, StorageKind.S3, HostingMode.Customer),
        ];
        Assert.Empty(expected.Except(stacks.Select(s => (s.Cloud, s.Storage.Kind, s.Mode))));
        foreach (var cloud in Enum.GetValues<Cloud>()) Assert.Equal(2, stacks.Where(s => s.Cloud == cloud).Select(s => s.Network.Mode).Distinct().Count());
        Assert.Contains(stacks, s => s.Certificate is AcmeCertificate { LetsEncrypt: true });
        Assert.Contains(stacks, s => s.Certificate is AcmeCertificate { LetsEncrypt: false, ExternalAccount: not null });
        Assert.Contains(stacks, s => s.Certificate is PaidCertificate);
    }

    [Fact]
    public void Never_give_a_secret_out_when_they_are_printed()
    {
        foreach (var stack in ExampleStack.All)
        {
            var settings = SettingsJudge.Judge(stack.Input, DateTimeOffset.UtcNow).Settings!;
            var shown = settings.ToString() + System.Text.Json.JsonSerializer.Serialize(settings.Alerts) + settings.Certificate;
            foreach (var secret in stack.Input.SecretKeys) Assert.DoesNotContain(stack.Input.Values[secret], shown, StringComparison.Ordinal);
        }
    }
}
