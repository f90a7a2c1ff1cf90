using System.Diagnostics;
using System.Text;
using ExampleStacks;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Releases;
using Provisioner.Delivery.Settings;
using Provisioner.Tests.Provider;
using Provisioner.Tests.Rollout;
using Xunit;

namespace Provisioner.Tests.Deploying;

/// <summary>Real sshd, real Docker engine, docker-compose 1.29, a real registry with passwords. Minutes long, so it runs at night.</summary>
public sealed class Images_on_a_real_docker_engine
{
    private static readonly IssuedCertificate Certificate = HostedStack.Authority.Issue([HostedStack.Domain]);

    [Fact]
    public async Task Are_fetched_by_digest_with_a_sign_in_that_is_left_nowhere_and_carried_by_id_past_a_cut_link()
    {
        if (Environment.GetEnvironmentVariable("NIGHTLY") is null) Assert.Skip("Takes minutes: only with NIGHTLY set.");
        if (DockerOnHost.Missing() is { } missing) Assert.Skip(missing);
        await using var host = new LoopbackHost();
        await host.InitializeAsync();
        host.Ready();
        await using var docker = new DockerOnHost(host) { Closed = true };
        await docker.StartAsync();
        var manifest = await docker.PublishAsync("0.1.0");
        await docker.MustAsync("rmi", "-f", "stand-in:0.1.0");
        Assert.Equal("", await docker.MustAsync("image", "ls", "-q"));
        var executor = new DeployExecutor(host.Login(), TimeProvider.System);
        await executor.DeployAsync(CertificatePlan.For(Settings(manifest), (PaidCertificate)Settings(manifest).Certificate), HostRequirements.Files, TestPlan.Silent, CancellationToken.None);

        var refused = await Assert.ThrowsAsync<DeployException>(() => DeployAsync(InstallationPlan.For(Settings(manifest, password: "battery staple 8"))));
        Assert.Contains("correct imageRegistryUser and imageRegistryPassword", refused.Message, StringComparison.Ordinal);
        var lost = manifest with { Images = manifest.Images.SetItem("db", manifest.Images["db"] with { Digest = TestRelease.Digest("never pushed") }) };
        refused = await Assert.ThrowsAsync<DeployException>(() => DeployAsync(InstallationPlan.For(Settings(lost))));
        Assert.Contains("the registry has no such image", refused.Message, StringComparison.Ordinal);
        Assert.Equal("", await docker.MustAsync("ps", "-aq"));

        string[] secrets = [DockerOnHost.Password, Convert.ToBase64String(Encoding.UTF8.GetBytes($"{DockerOnHost.User}:{DockerOnHost.Password}"))];
        using var watch = new SecretWatch(secrets);
        var state = await DeployAsync(InstallationPlan.For(Settings(manifest)));
        Assert.Equal(InstallationPlan.Images(Settings(manifest).Release), state.Services);
        Assert.EndsWith($"/backup/appliance@{manifest.Images["app"].Digest}", state.Services["app"], StringComparison.Ordinal);
        Assert.True(watch.Looks > 100);
        Assert.Empty(watch.Seen);
        Assert.Empty(Directory.GetFileSystemEntries("/run", "appliance-registry.*"));
        Assert.False(Directory.Exists(Path.Combine(host.Folder, "root", ".docker")));
        foreach (var secret in secrets)
        {
            foreach (var id in (await docker.MustAsync("ps", "-q")).Split('\n', StringSplitOptions.RemoveEmptyEntries)) Assert.DoesNotContain(secret, await docker.MustAsync("inspect", id), StringComparison.Ordinal);
            Assert.Equal("", (await ProgramRun.OfAsync("grep", ["-rlF", "-e", secret, $"{host.Folder}/opt", $"{host.Folder}/srv", $"{host.Folder}/lib", $"{host.Folder}/vartmp", Path.Combine(host.Folder, "root"), $"{host.Folder}/dockerd.log"])).Output);
        }

        // The same release, carried: saved, taken off the host, and brought back over a link that breaks.
        var folder = Directory.CreateDirectory($"{host.Folder}/archive").FullName;
        var carried = Settings(manifest, archive: folder);
        foreach (var image in InstallationPlan.For(carried).Carried) await docker.MustAsync("save", "-o", $"{folder}/{image.FileName}.tar", image.Id);
        await executor.RemoveAsync(InstallationPlan.Scope, InstallationPlan.StopScript(wipe: false), CancellationToken.None);
        await docker.MustAsync("image", "prune", "-af");
        Assert.Equal("", await docker.MustAsync("image", "ls", "-q"));
        var length = new FileInfo(Directory.GetFiles(folder)[0]).Length;
        long whole;
        using (var cut = new FaultProxy(host.Port, length / 2 + 200_000))
            await Assert.ThrowsAsync<DeployException>(() => DeployAsync(InstallationPlan.For(carried), cut.Port));
        using (var proxy = new FaultProxy(host.Port, long.MaxValue))
        {
            var clock = Stopwatch.StartNew();
            state = await DeployAsync(InstallationPlan.For(carried), proxy.Port);
            TestContext.Current.SendDiagnosticMessage($"carried and started in {clock.Elapsed.TotalSeconds:0.0} s, {proxy.Passed / 1024} KiB after the cut of {4 * length / 1024} KiB in all");
            whole = proxy.Passed;
        }
        Assert.InRange(whole, 3 * length, 4 * length - length / 4);
        Assert.Equal(InstallationPlan.Images(carried.Release), state.Services);
        Assert.Equal($"carried.invalid/appliance:sha256-{manifest.Images["app"].Id[7..]}", state.Services["app"]);
        await docker.MustAsync("image", "prune", "-f");
        Assert.Empty(InstallationPlan.For(carried).DifferenceTo(await executor.LookAsync(InstallationPlan.For(carried), CancellationToken.None)));
        await executor.RemoveAsync(InstallationPlan.Scope, InstallationPlan.StopScript(wipe: false), CancellationToken.None);

        Task<HostState> DeployAsync(DeployPlan plan, int? port = null) => new DeployExecutor(host.Login(port), TimeProvider.System).DeployAsync(plan, HostRequirements.Products, TestPlan.Silent, CancellationToken.None);
    }

    private static StackSettings Settings(ReleaseManifest manifest, string password = DockerOnHost.Password, string? archive = null)
    {
        (string, string?)[] source = archive is null
            ? [("imageRegistry", $"{DockerOnHost.Registry}/backup"), ("imageRegistryUser", DockerOnHost.User), ("imageRegistryPassword", password)]
            : [("imageRegistry", null), ("images", "archive"), ("imageArchive", archive)];
        var input = HostedStack.Input(Certificate, [("version", manifest.Version.ToString()), ("releaseManifest", manifest.ToJson()), .. source]);
        var verdict = SettingsJudge.Judge(input with { SecretKeys = input.SecretKeys.Append("appliance:imageRegistryPassword").ToHashSet() }, DateTimeOffset.UtcNow);
        return verdict.Settings ?? throw new InvalidOperationException(verdict.ToString());
    }
}
