using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Cli;
using Demo;
using EndToEnd.Kills;
using MySqlConnector;
using OrgSimulator;
using Xunit;

namespace EndToEnd.Disaster;

/// <summary>Database and keys are gone; storage and one recovery key are left.</summary>
public sealed class A_lost_machine_comes_back(DatabaseFixture database, ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("disaster-");

    [Fact]
    public async Task With_the_same_user_orgs_schedules_and_snapshots_and_restores_without_a_difference()
    {
        var storage = Path.Combine(_folder.FullName, "vaults");
        await using var org = await OrgSimulatorHost.StartAsync(new SimulatorOptions { Generate = 1_000, Seed = 17, InProgressPolls = 1, Warnings = TextWriter.Null });
        using var simulator = new SimulatorClient(org.Uri);
        var lostCatalog = await database.NewConnectionStringAsync();
        string snapshot, schedules, newer;
        OrgDump before;
        await using (var lost = await ApplianceUnderTest.StartAsync(lostCatalog, org, storage))
        {
            snapshot = (await lost.SucceedAsync(await lost.StartBackupAsync())).GetProperty("id").GetString()!;
            before = await simulator.DumpAsync(new DirectoryInfo(Path.Combine(_folder.FullName, "before")), default);
            await lost.SendAsync(HttpMethod.Post, $"orgs/{lost.OrgId}/schedules", new { kind = "incremental", cadence = "daily 02:30", timeZone = "Europe/Berlin" });
            await File.WriteAllTextAsync(RecoveryKey, (await lost.SendAsync(HttpMethod.Post, "self-backups/recovery-key", null)).GetProperty("key").GetString());
            schedules = (await lost.GetAsync($"orgs/{lost.OrgId}/schedules")).ToString();
            var taken = await lost.SendAsync(HttpMethod.Post, "self-backups", null);
            output.WriteLine($"self-backup: {taken}");
            newer = (await lost.SucceedAsync(await lost.StartBackupAsync("incremental"))).GetProperty("id").GetString()!;     // the self-backup does not know it
            using var http = new HttpClient();
            (await http.PostAsJsonAsync(new Uri(org.Uri, "/__damage"), new { changePercent = 2, deleteParents = 6, purgeShare = 0.6, seed = 17 })).EnsureSuccessStatusCode();
        }
        // Its keys went with its folder; now the database.
        await DropAsync(lostCatalog);

        var freshCatalog = await database.NewConnectionStringAsync();
        await using var back = await ApplianceUnderTest.ReturnAsync(freshCatalog, storage, keys => RestoreSelfAsync(freshCatalog, storage, keys));
        Assert.Equal(schedules, (await back.GetAsync($"orgs/{back.OrgId}/schedules")).ToString());
        Assert.Equal([snapshot, newer], (await back.SnapshotsAsync()).Order(StringComparer.Ordinal));

        var plan = (await back.SucceedAsync(await back.PostAsync($"orgs/{back.OrgId}/restores/plans", new { snapshotId = snapshot }))).GetProperty("id").GetString()!;
        var run = await back.SucceedAsync(await back.PostAsync($"restores/plans/{plan}/run", null));
        var after = await simulator.DumpAsync(new DirectoryInfo(Path.Combine(_folder.FullName, "after")), default);
        var comparison = await DumpComparison.RunAsync(before, after, await back.IdMapAsync(run.GetProperty("id").GetString()!), default);
        output.WriteLine($"{comparison.Records} records compared, {comparison.Differences} differences; {run.GetProperty("result")}");
        Assert.True(comparison.Differences == 0, string.Join('\n', comparison.First));
        Assert.InRange(comparison.Records, 1_000, int.MaxValue);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string RecoveryKey => Path.Combine(_folder.FullName, "recovery.key");

    private async Task RestoreSelfAsync(string catalog, string storage, string keys)
    {
        var env = Path.Combine(_folder.FullName, "env");
        await File.WriteAllTextAsync(env, $"Catalog__ConnectionString={catalog}\nStorage__Root={storage}\nKeys__Directory={keys}\n");
        using var report = new StringWriter();
        var code = await ApplianceCommands.RunAsync(["restore-self", "--from", storage, "--recovery-key", RecoveryKey, "--env", env], report, report, TimeProvider.System, default);
        output.WriteLine(report.ToString());
        Assert.True(code == 0, report.ToString());
        Assert.Contains("1 snapshots newer than the self-backup were taken over from its vault", report.ToString(), StringComparison.Ordinal);
    }

    private static async Task DropAsync(string catalog)
    {
        var settings = new MySqlConnectionStringBuilder(catalog);
        var name = settings.Database;
        settings.Database = "";
        await using var server = new MySqlConnection(settings.ConnectionString);
        await server.OpenAsync();
        await using var drop = new MySqlCommand($"DROP DATABASE `{name}`", server);
        await drop.ExecuteNonQueryAsync();
    }
}
