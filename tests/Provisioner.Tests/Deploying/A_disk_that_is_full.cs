using Provisioner.Delivery.Deploying;
using Xunit;

namespace Provisioner.Tests.Deploying;

public sealed class A_disk_that_is_full
{
    [Fact]
    public async Task Is_told_and_the_old_file_stays_whole()
    {
        // The host's /srv is mounted within its own namespace: it is looked at through the host.
        await using var host = new LoopbackHost { SrvKib = 1600 };
        await host.InitializeAsync();
        host.Ready();
        var executor = new DeployExecutor(host.Login(), TimeProvider.System, TestPlan.Quick);
        await executor.DeployAsync(Plan("small"), TestPlan.Modest, TestPlan.Silent, CancellationToken.None);
        var large = Plan(new string('x', 2_000_000));
        var full = await Assert.ThrowsAsync<DeployException>(() => executor.DeployAsync(large, TestPlan.Modest, TestPlan.Silent, CancellationToken.None));
        Assert.Contains("no space left for /srv/appliance/data", full.Message, StringComparison.Ordinal);
        Assert.Empty(Plan("small").DifferenceTo(await executor.LookAsync(Plan("small"), CancellationToken.None)));
        var refused = await Assert.ThrowsAsync<DeployException>(() => executor.DeployAsync(large, HostRequirements.Products, TestPlan.Silent, CancellationToken.None));
        Assert.Contains("/srv/appliance has 1 MiB free. At least 10240 are needed.", refused.Message, StringComparison.Ordinal);
    }

    private static DeployPlan Plan(string content) => new("test", "1.0.0", [PlannedFile.Text("/srv/appliance/data", content, TestPlan.Readable)], [], [], []);
}
