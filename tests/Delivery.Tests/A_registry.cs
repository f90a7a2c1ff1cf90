using System.Collections.Immutable;
using ExampleStacks;
using Provisioner.Delivery.Preflight;
using Provisioner.Delivery.Releases;
using Provisioner.Delivery.Settings;
using Xunit;

namespace Delivery.Tests;

/// <summary>Looked at before anything is touched; a real one, with passwords.</summary>
public sealed class A_registry(RegistryServer registry) : IClassFixture<RegistryServer>
{
    [Fact]
    public async Task That_takes_the_sign_in_and_has_every_image_is_found_fine()
    {
        var findings = await LookAsync(await PushedAsync());
        Assert.Equal(5, findings.Length);
        Assert.All(findings, f => Assert.Equal(Severity.Fine, f.Severity));
    }

    [Fact]
    public async Task That_refuses_the_password_is_told_without_it()
    {
        var finding = Assert.Single(await LookAsync(TestRelease.Manifest(), password: "battery staple 8"));
        Assert.Equal((Severity.Error, "it refuses the sign-in of robot."), (finding.Severity, finding.Reason));
        Assert.Contains("imageRegistryPassword", finding.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("battery", finding.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_lacks_an_image_is_told_with_the_digest()
    {
        var manifest = await PushedAsync();
        var lost = manifest with { Images = manifest.Images.SetItem("db", manifest.Images["db"] with { Digest = TestRelease.Digest("never pushed") }) };
        var finding = Assert.Single(await LookAsync(lost), f => f.Severity == Severity.Error);
        Assert.Equal(("image db", $"the registry has no {registry.Host}/backup/db@{TestRelease.Digest("never pushed")}."), (finding.What, finding.Reason));
        Assert.True(finding.Remedy.Length > 5);
    }

    [Fact]
    public async Task That_asks_for_a_sign_in_nobody_set_is_told()
    {
        var findings = await LookAsync(await PushedAsync(), password: null);
        Assert.Equal(4, findings.Count(f => f.Severity == Severity.Error && f.Remedy.Contains("imageRegistryUser", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task That_does_not_answer_cannot_be_told()
    {
        var finding = Assert.Single(await LookAsync(TestRelease.Manifest(), host: "127.0.0.1:1"));
        Assert.Equal(Severity.Unknown, finding.Severity);
        Assert.Contains("images: archive", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whose_images_are_named_by_tag_is_warned_of()
    {
        var finding = Assert.Single(await LookAsync(null), f => f.Severity != Severity.Fine);
        Assert.Equal((Severity.Warning, "images"), (finding.Severity, finding.What));
    }

    private async Task<ReleaseManifest> PushedAsync()
    {
        if (registry.Missing is { } missing) Assert.Skip(missing);
        var manifest = TestRelease.Manifest();
        foreach (var (service, image) in manifest.Images)
            manifest = manifest with { Images = manifest.Images.SetItem(service, image with { Digest = await registry.PushAsync($"backup/{image.Name}", $"{{\"image\": \"{service}\"}}") }) };
        return manifest;
    }

    private async Task<ImmutableArray<Finding>> LookAsync(ReleaseManifest? manifest, string? password = RegistryServer.Password, string? host = null)
    {
        if (registry.Missing is { } missing) Assert.Skip(missing);
        var stack = ExampleStack.Named("host-disk-customer").With(("imageRegistry", $"{host ?? registry.Host}/backup"), ("releaseManifest", manifest?.ToJson()), ("imageRegistryUser", password is null ? null : RegistryServer.User), ("imageRegistryPassword", password));
        var verdict = SettingsJudge.Judge(stack.Input with { SecretKeys = stack.Input.SecretKeys.Append("appliance:imageRegistryPassword").ToHashSet() }, DateTimeOffset.UtcNow);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(10) };
        return await ServiceCheck.LookAsync(verdict.Settings ?? throw new InvalidOperationException(verdict.ToString()), http, CancellationToken.None);
    }
}
