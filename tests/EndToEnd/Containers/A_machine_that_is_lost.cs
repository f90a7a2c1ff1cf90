using System.Net.Http.Json;
using Demo;
using Xunit;

namespace EndToEnd.Containers;

[Collection(InContainers.Name)]
public sealed class A_machine_that_is_lost(RunningAppliance appliance) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lost-machine-");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Containers, volumes and configuration are gone. What is left: the storage of the vaults, and the recovery key that somebody kept.</summary>
    [Fact]
    public async Task Comes_back_on_an_empty_host_with_users_orgs_schedules_and_snapshots_and_restores_without_a_difference()
    {
        appliance.Ready();
        using var simulator = new SimulatorClient(appliance.OrgBehindTheDoor);
        var snapshot = await appliance.BackUpAsync();
        var before = await simulator.DumpAsync(_folder.CreateSubdirectory("before"), default);
        await appliance.User.SendAsync(HttpMethod.Post, "self-backups", null);
        var newer = await appliance.BackUpAsync("incremental");         // the self-backup does not know it
        var (orgs, schedules, snapshots) = (await Text("orgs"), await Text($"orgs/{appliance.User.OrgId}/schedules"), await Text($"orgs/{appliance.User.OrgId}/snapshots"));
        using (var http = new HttpClient())
            (await http.PostAsJsonAsync(new Uri(appliance.OrgBehindTheDoor, "/__damage"), new { changePercent = 2, deleteParents = 6, purgeShare = 0.6, seed = 23 })).EnsureSuccessStatusCode();

        var host = appliance.NewHost();
        await host.PrepareAsync(appliance.OrgCertificate, passphrase: null);
        await appliance.Engine.MustAsync("cp", "-a", $"{appliance.Installed.Data}/vaults/.", $"{host.Data}/vaults/");     // the disk, carried over
        await appliance.LoseMachineAsync(host);
        await host.WantAsync(InstalledAppliance.First);
        var key = Path.Combine(_folder.FullName, "recovery.key");
        await File.WriteAllTextAsync(key, appliance.RecoveryKey);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var (restored, took) = await host.RolloutAsync("command", input: key, more: ["restore-self", "--from", "/data", "--recovery-key", "/dev/stdin"]);
        RunningAppliance.Say($"restore-self {took.TotalSeconds:0} s: exit code {restored.ExitCode}\n{restored.Output}{restored.Errors}");
        Assert.True(restored.ExitCode == 0, restored.Output + restored.Errors);
        await host.GoToAsync(InstalledAppliance.First);
        await appliance.SignInAgainAsync();
        RunningAppliance.Say($"from an empty host to a sign-in {clock.Elapsed.TotalSeconds:0} s");

        Assert.Equal((orgs, schedules), (await Text("orgs"), await Text($"orgs/{appliance.User.OrgId}/schedules")));
        Assert.Equal(snapshots, await Text($"orgs/{appliance.User.OrgId}/snapshots"));
        Assert.Contains(newer, snapshots, StringComparison.Ordinal);
        Assert.Empty(await host.DamageAsync());

        var plan = await appliance.User.StartAsync($"orgs/{appliance.User.OrgId}/restores/plans", new { snapshotId = snapshot });
        await appliance.User.SucceedAsync(plan);
        var run = await appliance.User.StartAsync($"restores/plans/{plan}/run", null);
        await appliance.User.SucceedAsync(run);
        var after = await simulator.DumpAsync(_folder.CreateSubdirectory("after"), default);
        var comparison = await DumpComparison.RunAsync(before, after, await appliance.User.IdMapAsync(run), default);
        RunningAppliance.Say($"{comparison.Records} records compared, {comparison.Differences} differences");
        Assert.True(comparison.Differences == 0, string.Join('\n', comparison.First));
        Assert.InRange(comparison.Records, 1_000, int.MaxValue);

        async Task<string> Text(string path) => (await appliance.User.GetAsync(path)).ToString();
    }
}
