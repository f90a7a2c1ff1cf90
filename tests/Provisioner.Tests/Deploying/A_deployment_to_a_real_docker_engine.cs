using System.Diagnostics;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Settings;
using Provisioner.Tests.Provider;
using Xunit;

namespace Provisioner.Tests.Deploying;

/// <summary>Real sshd, real Docker engine, docker-compose 1.29, a real registry. Minutes long, so it runs at night.</summary>
public sealed class A_deployment_to_a_real_docker_engine
{
    [Fact]
    public async Task Starts_the_products_leaves_them_alone_starts_them_again_changes_and_ends_them()
    {
        if (Environment.GetEnvironmentVariable("NIGHTLY") is null) Assert.Skip("Takes minutes: only with NIGHTLY set.");
        if (DockerOnHost.Missing() is { } missing) Assert.Skip(missing);
        await using var host = new LoopbackHost();
        await host.InitializeAsync();
        host.Ready();
        await using var docker = new DockerOnHost(host);
        await docker.StartAsync();
        await docker.PublishAsync("0.1.0");
        await docker.PublishAsync("0.2.0");

        var executor = new DeployExecutor(host.Login(), TimeProvider.System);
        var paid = (PaidCertificate)Settings("0.1.0").Certificate;
        await executor.DeployAsync(CertificatePlan.For(Settings("0.1.0"), paid), HostRequirements.Files, TestPlan.Silent, CancellationToken.None);
        var plan = InstallationPlan.For(Settings("0.1.0"));
        var clock = Stopwatch.StartNew();
        var state = await DeployAsync(plan);
        TestContext.Current.SendDiagnosticMessage($"From bare: {clock.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(InstallationPlan.Images(Settings("0.1.0").Release), state.Services);
        Assert.StartsWith("v1 1.29", state.Facts.Compose, StringComparison.Ordinal);

        // Five times is as good as once: the same containers, nothing touched.
        var containers = await docker.MustAsync("ps", "-q", "--no-trunc");
        var before = host.Fingerprints();
        for (var again = 0; again < 4; again++)
        {
            clock.Restart();
            await DeployAsync(plan);
            TestContext.Current.SendDiagnosticMessage($"The same again: {clock.Elapsed.TotalSeconds:0.0} s");
        }
        Assert.Equal(containers, await docker.MustAsync("ps", "-q", "--no-trunc"));
        Assert.Equal(before, host.Fingerprints());

        // A container that somebody removed is missed, and only it is made anew.
        await docker.MustAsync("rm", "-f", "appliance_proxy_1");
        Assert.Equal(["products started", "version 0.1.0 noted"], plan.DifferenceTo(await executor.LookAsync(plan, CancellationToken.None)).Select(s => s.ToString()));
        await DeployAsync(plan);
        Assert.Equal(4, containers.Split('\n', StringSplitOptions.RemoveEmptyEntries).Intersect((await docker.MustAsync("ps", "-q", "--no-trunc")).Split('\n')).Count());

        var next = InstallationPlan.For(Settings("0.2.0"));
        state = await DeployAsync(next);
        Assert.Equal(InstallationPlan.Images(Settings("0.2.0").Release), state.Services);

        // Nothing secret where anybody may look.
        var password = host.Read("/srv/appliance/state/db-password")!;
        foreach (var id in (await docker.MustAsync("ps", "-q")).Split('\n', StringSplitOptions.RemoveEmptyEntries)) Assert.DoesNotContain(password, await docker.MustAsync("inspect", id), StringComparison.Ordinal);
        Assert.DoesNotContain(password, string.Concat(host.Journal), StringComparison.Ordinal);

        await executor.RemoveAsync(InstallationPlan.Scope, InstallationPlan.StopScript(wipe: false), CancellationToken.None);
        Assert.Equal("", await docker.MustAsync("ps", "-aq"));
        Assert.Equal(password, host.Read("/srv/appliance/state/db-password"));

        Task<HostState> DeployAsync(DeployPlan what) => executor.DeployAsync(what, HostRequirements.Products, TestPlan.Silent, CancellationToken.None);
    }

    private static readonly ExampleStacks.IssuedCertificate Certificate = HostedStack.Authority.Issue([HostedStack.Domain]);

    private static StackSettings Settings(string version) => SettingsJudge.Judge(HostedStack.Input(Certificate, ("version", version), ("imageRegistry", $"{DockerOnHost.Registry}/backup")), DateTimeOffset.UtcNow) is { } verdict
        ? verdict.Settings ?? throw new InvalidOperationException(verdict.ToString()) : throw new InvalidOperationException();
}
