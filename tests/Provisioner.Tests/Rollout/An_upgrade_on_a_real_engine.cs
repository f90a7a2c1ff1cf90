using Xunit;

namespace Provisioner.Tests.Rollout;

/// <summary>Real Docker engine, docker-compose 1.29, real proxy and database, 50 requests a second. Minutes long, so it runs at night.</summary>
public sealed class An_upgrade_on_a_real_engine
{
    [Fact]
    public async Task Loses_no_request_goes_back_from_every_broken_release_within_a_minute_and_shows_no_secret()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("NIGHTLY") is not null, "a long run: ./test --nightly");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "building base images needs root");
        Assert.SkipUnless((await ProgramRun.OfAsync("sh", ["-c", "docker info && command -v docker-compose mmdebstrap"])).ExitCode == 0, "no Docker engine, docker-compose or mmdebstrap on this machine");
        Assert.SkipUnless((await RealEngine.MustAsync("docker", "ps", "-aq", "--filter", "label=com.docker.compose.project=appliance")).Length == 0, "an appliance runs on this machine");
        await using var host = new RealEngine();
        await host.PrepareAsync(("1.0.0", "ok"), ("1.1.0", "ok"), ("2.0.0", "sick"), ("2.1.0", "crash"), ("2.2.0", "late"));
        using var watch = new SecretWatch([.. new[] { "db-password", "db-root-password" }.Select(f => File.ReadAllText($"{host.Root}/srv/appliance/state/{f}"))]);

        host.Want("1.0.0");
        var (run, took) = await host.RolloutAsync("up");
        Assert.True(run.ExitCode == 0, run.Errors + run.Output);
        Say($"first start {took.TotalSeconds:0} s");
        (run, took) = await host.RolloutAsync("up");
        Say($"the same again {took.TotalSeconds:0.0} s");

        await using (var load = new Load(host.Client).Begin(50))
        {
            host.Want("1.1.0");
            (run, took) = await host.RolloutAsync("up");
            Assert.True(run.ExitCode == 0, run.Errors + run.Output);
            Say($"upgrade {took.TotalSeconds:0} s: {load}");
            (run, took) = await host.RolloutAsync("back");
            Assert.True(run.ExitCode == 0, run.Errors + run.Output);
            Say($"back by hand {took.TotalSeconds:0} s: {load}");
            await load.DisposeAsync();
            Say($"in all: {load}");
            Assert.Empty(load.Failures);
            Assert.Equal(["1.0.0", "1.1.0"], load.Answers.Keys.Order(StringComparer.Ordinal));
        }

        foreach (var (version, how, bake) in new[] { ("2.0.0", "fails its health", 10), ("2.1.0", "fails to start", 10), ("2.2.0", "fails after 30 s", 60) })
        {
            await using var load = new Load(host.Client).Begin(50);
            host.Want(version);
            (run, took) = await host.RolloutAsync("up", bake);
            Assert.True(run.ExitCode == 1, $"{version}: {run.ExitCode} {run.Errors}{run.Output}");
            await load.DisposeAsync();
            Say($"{how}: {took.TotalSeconds:0} s in all, back in {host.WayBack():0} s: {load}; {host.Journal.Last(l => l.Contains("\tback\t", StringComparison.Ordinal)).Split('\t')[2]}");
            Assert.InRange(host.WayBack(), 0, 60);
            if (version != "2.2.0") Assert.Empty(load.Failures);        // it never came before anybody
            using var client = host.Client(reuse: false);
            Assert.Equal("1.0.0", (await client.GetStringAsync("/")).Trim());
        }

        // The disk of the dumps is full.
        await RealEngine.MustAsync("sh", "-ec", $"docker exec $(docker ps -q --filter label=com.docker.compose.service=db) sh -c 'MYSQL_PWD=$(cat /run/secrets/db_root_password) mariadb -u root appliance -e \"CREATE TABLE big (t LONGBLOB); INSERT INTO big VALUES (RANDOM_BYTES(1024)); INSERT INTO big SELECT CONCAT(RANDOM_BYTES(1024), RANDOM_BYTES(1024)) FROM seq_1_to_200\"'; mount -t tmpfs -o size=64k tmpfs {host.Root}/srv/appliance/state/dumps");
        host.Want("1.1.0");
        (run, took) = await host.RolloutAsync("up");
        Assert.True(run.ExitCode == 1, $"{run.ExitCode} {run.Errors}{run.Output}");
        Say($"disk full: back in {host.WayBack():0} s: {host.Journal.Last(l => l.Contains("\tback\t", StringComparison.Ordinal)).Split('\t')[2]}");
        await RealEngine.MustAsync("umount", $"{host.Root}/srv/appliance/state/dumps");

        // What runs stops quickly and comes back as after a reboot.
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await RealEngine.MustAsync("sh", "-ec", "docker stop $(docker ps -q --filter label=com.docker.compose.project=appliance)");
        Say($"clean stop of all {clock.Elapsed.TotalSeconds:0.0} s");
        (run, took) = await host.RolloutAsync("boot");
        Assert.True(run.ExitCode == 0, run.Errors + run.Output);
        Say($"boot {took.TotalSeconds:0} s");

        Assert.Empty(watch.Seen);
        foreach (var secret in watch.Secrets)
        {
            foreach (var id in (await RealEngine.MustAsync("docker", "ps", "-aq")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Assert.DoesNotContain(secret, await RealEngine.MustAsync("docker", "inspect", id), StringComparison.Ordinal);
                Assert.DoesNotContain(secret, await RealEngine.MustAsync("sh", "-c", $"docker logs {id} 2>&1"), StringComparison.Ordinal);
            }
            // Readable by others only in the folder that is closed to them.
            var wide = await RealEngine.MustAsync("sh", "-c", $"grep -rlF -e {secret} {host.Root}/opt {host.Root}/var {host.Root}/srv/appliance/front {host.Root}/srv/appliance/state || true");
            Assert.All(wide.Split('\n', StringSplitOptions.RemoveEmptyEntries), f => Assert.StartsWith($"{host.Root}/srv/appliance/state/db-", f, StringComparison.Ordinal));
            Assert.Equal((UnixFileMode)0b111_000_000, new DirectoryInfo($"{host.Root}/srv/appliance/state").UnixFileMode);
        }
    }

    private static void Say(string line) => TestContext.Current.SendDiagnosticMessage(line);
}
