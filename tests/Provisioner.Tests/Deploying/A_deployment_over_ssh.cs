using System.Diagnostics;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Settings;
using Xunit;

namespace Provisioner.Tests.Deploying;

/// <summary>Against a real sshd on loopback.</summary>
public sealed class A_deployment_over_ssh(LoopbackHost host) : IAsyncLifetime, IClassFixture<LoopbackHost>
{
    public ValueTask InitializeAsync()
    {
        host.Ready();
        host.Clear();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("root")]
    [InlineData("deployer")]     // by sudo
    public async Task Puts_files_with_owner_and_mode_switches_links_runs_commands_and_keeps_a_journal(string user)
    {
        var told = new List<string>();
        await Executor(user: user).DeployAsync(TestPlan.Of(), TestPlan.Modest, step => { told.Add(step); return Task.CompletedTask; }, CancellationToken.None);
        Assert.Equal("one\n", host.Read("/opt/appliance/release/compose.yaml"));
        Assert.Equal("root 644", await StatAsync("/opt/appliance/release/compose.yaml"));
        Assert.Equal("root 755", await StatAsync("/opt/appliance/nginx/render"));
        Assert.Equal("root 600", await StatAsync("/srv/appliance/tls/01/server.key"));
        Assert.Equal("root 700", await StatAsync("/srv/appliance/tls"));
        Assert.Equal("root 700", await StatAsync("/var/lib/appliance/deploy"));
        Assert.Equal("01", new FileInfo(host.At("/srv/appliance/tls/current")).LinkTarget);
        Assert.Equal("once\n", host.Read("/srv/appliance/counted"));
        Assert.Equal(["put /opt/appliance/release/compose.yaml", "put /opt/appliance/nginx/render", "put /srv/appliance/tls/01/server.key", "link /srv/appliance/tls/current", "ran count", "ran other", "end 1.0.0"], host.Deeds);
        Assert.Equal(7, told.Count);
        Assert.DoesNotContain("as secret", string.Concat(host.Journal), StringComparison.Ordinal);
        Assert.False(File.Exists(host.At("/var/lib/appliance/deploy/lock")));
        Assert.Empty(Directory.GetFiles(host.At($"/var/tmp/appliance-deploy-{user}")));
    }

    [Fact]
    public async Task Done_five_times_is_done_once_and_touches_nothing_afterwards()
    {
        await DeployAsync(TestPlan.Of());
        var before = host.Fingerprints();
        for (var again = 0; again < 4; again++) await DeployAsync(TestPlan.Of());
        Assert.Equal(before, host.Fingerprints());
        Assert.Equal("once\n", host.Read("/srv/appliance/counted"));
    }

    [Fact]
    public async Task Puts_right_what_was_changed_by_hand_and_keeps_what_it_replaced()
    {
        await DeployAsync(TestPlan.Of());
        File.WriteAllText(host.At("/opt/appliance/release/compose.yaml"), "by hand\n");
        File.SetUnixFileMode(host.At("/srv/appliance/tls/01/server.key"), TestPlan.Readable);
        File.Delete(host.At("/srv/appliance/tls/current"));
        var state = await Executor().LookAsync(TestPlan.Of(), CancellationToken.None);
        Assert.Equal(["replace /opt/appliance/release/compose.yaml", "replace /srv/appliance/tls/01/server.key", "let /srv/appliance/tls/current be 01", "version 1.0.0 noted"], TestPlan.Of().DifferenceTo(state).Select(s => s.ToString()));
        await DeployAsync(TestPlan.Of());
        Assert.Equal("one\n", host.Read("/opt/appliance/release/compose.yaml"));
        Assert.Equal("root 600", await StatAsync("/srv/appliance/tls/01/server.key"));
        Assert.Equal("by hand\n", host.Read("/var/lib/appliance/deploy/previous/%opt%appliance%release%compose.yaml"));
    }

    [Fact]
    public async Task Goes_on_with_a_half_uploaded_file_and_throws_away_one_that_does_not_belong()
    {
        var plan = TestPlan.Of(content: new string('x', 300_000));
        var staged = host.At("/var/tmp/appliance-deploy-root");
        Directory.CreateDirectory(staged, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        await File.WriteAllTextAsync($"{staged}/{plan.Files[0].Digest}", new string('x', 200_000));
        await File.WriteAllTextAsync($"{staged}/{plan.Files[1].Digest}", "of another");
        using var proxy = new FaultProxy(host.Port, long.MaxValue);
        await Executor(proxy.Port).DeployAsync(plan, TestPlan.Modest, TestPlan.Silent, CancellationToken.None);
        Assert.Equal(300_000, host.Read("/opt/appliance/release/compose.yaml")!.Length);
        Assert.Equal("#!/bin/sh\n", host.Read("/opt/appliance/nginx/render"));
        Assert.True(proxy.Passed < 200_000, $"{proxy.Passed} bytes were sent");
    }

    [Fact]
    public async Task Cut_at_any_moment_and_run_again_ends_the_same()
    {
        long whole;
        using (var proxy = new FaultProxy(host.Port, long.MaxValue))
        {
            await Executor(proxy.Port).DeployAsync(TestPlan.Of(), TestPlan.Modest, TestPlan.Silent, CancellationToken.None);
            whole = proxy.Passed;
        }
        var broken = 0;
        var cuts = Environment.GetEnvironmentVariable("NIGHTLY") is null ? 3 : 200;
        for (var cut = 1; cut <= cuts; cut++)
        {
            await InitializeAsync();
            using var proxy = new FaultProxy(host.Port, whole * cut / (cuts + 1));
            try
            {
                await Executor(proxy.Port).DeployAsync(TestPlan.Of(), TestPlan.Modest, TestPlan.Silent, CancellationToken.None);
            }
            catch (DeployException failure)
            {
                broken++;
                Assert.True(failure.Remedy.Contains("again", StringComparison.Ordinal), failure.ToString());
            }
            Assert.Empty(TestPlan.Of().DifferenceTo(await DeployAsync(TestPlan.Of())));
            Assert.StartsWith("once\n", host.Read("/srv/appliance/counted"), StringComparison.Ordinal);
        }
        Assert.InRange(broken, cuts - 2, cuts);
    }

    [Fact]
    public async Task Two_at_once_one_waits_and_then_finds_everything_done()
    {
        var slow = Slow("1");
        // Nobody's lock runs out here, however busy the machine is.
        var patient = TestPlan.Quick with { Lease = TimeSpan.FromMinutes(1), Patience = TimeSpan.FromMinutes(2) };
        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => new DeployExecutor(host.Login(), TimeProvider.System, patient).DeployAsync(slow, TestPlan.Modest, TestPlan.Silent, CancellationToken.None)));
        Assert.Equal("slept\n", host.Read("/srv/appliance/slept"));
        Assert.Single(host.Deeds, d => d == "ran sleep");
    }

    [Fact]
    public async Task An_impatient_one_is_refused_with_the_holders_name_while_a_long_command_keeps_the_lock()
    {
        var begun = new TaskCompletionSource();
        // Its command lasts longer than the lease: the lock is kept by being renewed.
        var lasting = new DeployExecutor(host.Login(), TimeProvider.System, TestPlan.Quick with { Lease = TimeSpan.FromSeconds(6) });
        var first = lasting.DeployAsync(Slow("9"), TestPlan.Modest, step => { if (step == "sleeping") begun.TrySetResult(); return Task.CompletedTask; }, CancellationToken.None);
        await begun.Task;
        var impatient = new DeployExecutor(host.Login(), TimeProvider.System, TestPlan.Quick with { Patience = TimeSpan.FromSeconds(3) });
        var refused = await Assert.ThrowsAsync<DeployException>(() => impatient.DeployAsync(Slow("9"), TestPlan.Modest, TestPlan.Silent, CancellationToken.None));
        Assert.Contains($"Another deployer, {Environment.UserName}@{Environment.MachineName} {Environment.ProcessId}", refused.Message, StringComparison.Ordinal);
        Assert.True(refused.Untouched);
        await first;
        Assert.Equal("slept\n", host.Read("/srv/appliance/slept"));
    }

    [Fact]
    public async Task One_that_lost_its_lock_stops_before_it_changes_anything_more()
    {
        var plan = TestPlan.Of() with { Commands = [new PlannedCommand("thief", "stolen", "echo 00000000000000000000000000000000 9999999999 thief > /var/lib/appliance/deploy/lock"), .. TestPlan.Of().Commands] };
        var lost = await Assert.ThrowsAsync<DeployException>(() => DeployAsync(plan));
        Assert.Contains("the lock now belongs to thief", lost.Message, StringComparison.Ordinal);
        Assert.Null(host.Read("/srv/appliance/counted"));
        // That lock would last for centuries: a clock must have been set back, and the next one takes it.
        await DeployAsync(TestPlan.Of());
        Assert.Equal("once\n", host.Read("/srv/appliance/counted"));
    }

    [Fact]
    public async Task A_command_that_fails_is_told_with_its_words_and_tried_again_next_time()
    {
        var plan = TestPlan.Of() with { Commands = [new PlannedCommand("fails", "tried", "if [ ! -e /srv/appliance/cured ]; then echo 'the disk is sick' >&2; false; fi")] };
        var failure = await Assert.ThrowsAsync<DeployException>(() => DeployAsync(plan));
        Assert.Contains("the disk is sick", failure.Message, StringComparison.Ordinal);
        Assert.False(failure.Untouched);
        File.WriteAllText(host.At("/srv/appliance/cured"), "");
        await DeployAsync(plan);
        Assert.Contains("ran fails", host.Deeds);
    }

    [Theory]
    [InlineData("os-release", "ID=fedora\nVERSION_ID=43\n", "its system is fedora 43")]
    [InlineData("meminfo", "MemTotal: 16000000 kB\n", "15.3 GiB of memory")]
    [InlineData("cpuinfo", "processor : 0\nprocessor : 1\n", "2 processors")]
    [InlineData("docker-down", "", "Docker does not answer")]
    public async Task A_host_that_will_not_do_is_refused_before_anything_is_put_there(string file, string text, string words)
    {
        var there = File.Exists($"{host.Folder}/{file}") ? await File.ReadAllTextAsync($"{host.Folder}/{file}") : null;
        host.Write(file, text);
        try
        {
            var refused = await Assert.ThrowsAsync<DeployException>(() => Executor().DeployAsync(TestPlan.Of(), HostRequirements.Products, TestPlan.Silent, CancellationToken.None));
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
            Assert.True(refused.Untouched);
            Assert.Empty(Directory.GetFileSystemEntries($"{host.Folder}/lib"));
        }
        finally
        {
            if (there is null) File.Delete($"{host.Folder}/{file}");
            else host.Write(file, there);
        }
    }

    [Fact]
    public async Task Another_host_key_ends_it_before_anybody_signs_in()
    {
        var refused = await Assert.ThrowsAsync<DeployException>(() => new DeployExecutor(host.Login(hostKey: "SHA256:Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4Zm9vYmFyYmE"), TimeProvider.System).DeployAsync(TestPlan.Of(), TestPlan.Modest, TestPlan.Silent, CancellationToken.None));
        Assert.Contains($"its host key is {host.Fingerprint}, and SHA256:Zm9v", refused.Message, StringComparison.Ordinal);
        Assert.True(refused.Untouched);
    }

    [Fact]
    public async Task A_host_that_is_met_for_the_first_time_is_pinned_from_then_on()
    {
        var executor = new DeployExecutor(host.Login() with { HostKey = null }, TimeProvider.System, TestPlan.Quick);
        await executor.DeployAsync(TestPlan.Of(), TestPlan.Modest, TestPlan.Silent, CancellationToken.None);
        Assert.Equal(host.Fingerprint, executor.HostKey);
    }

    [Fact]
    public async Task A_login_that_the_host_does_not_take_and_a_host_that_is_not_there_are_told_apart()
    {
        Assert.Contains("refuses the sign-in", (await Assert.ThrowsAsync<DeployException>(() => Executor(user: "stranger").LookAsync(TestPlan.Of(), CancellationToken.None))).Message, StringComparison.Ordinal);
        Assert.Contains("does not answer", (await Assert.ThrowsAsync<DeployException>(() => Executor(port: 1).LookAsync(TestPlan.Of(), CancellationToken.None))).Message, StringComparison.Ordinal);
        var noKey = new DeployExecutor(host.Login() with { PrivateKey = new Secret("no key at all") }, TimeProvider.System);
        Assert.Contains("cannot be read", (await Assert.ThrowsAsync<DeployException>(() => noKey.LookAsync(TestPlan.Of(), CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ended_it_takes_its_files_along_and_the_data_only_when_told_to(bool wipe)
    {
        await DeployAsync(TestPlan.Of());
        Directory.CreateDirectory(host.At("/srv/appliance/vaults/org"));
        File.WriteAllText(host.At("/srv/appliance/vaults/org/segment"), "years of backups");
        await Executor().RemoveAsync("test", InstallationPlan.StopScript(wipe), CancellationToken.None);
        Assert.Equal(wipe, !File.Exists(host.At("/srv/appliance/vaults/org/segment")));
        Assert.Null(host.Read("/opt/appliance/release/compose.yaml"));
        Assert.Equal("forget test", host.Deeds[^1]);
        Assert.Null((await Executor().LookAsync(TestPlan.Of(), CancellationToken.None)).Version);
    }

    [Theory]
    [InlineData("ed25519", "256")]
    [InlineData("rsa", "2048")]
    [InlineData("ecdsa", "384")]
    public async Task An_agent_signs_in_where_no_key_is_given(string kind, string bits)
    {
        var name = $"agent-{kind}";
        Assert.Equal(0, (await ProgramRun.OfAsync("ssh-keygen", ["-q", "-t", kind, "-b", bits, "-N", "", "-f", $"{host.Folder}/{name}"])).ExitCode);
        await File.AppendAllTextAsync($"{host.Folder}/authorized", await File.ReadAllTextAsync($"{host.Folder}/{name}.pub"));
        var socket = $"{host.Folder}/{name}.socket";
        using var agent = Process.Start(new ProcessStartInfo("ssh-agent", ["-D", "-a", socket]) { RedirectStandardOutput = true })!;
        var before = Environment.GetEnvironmentVariable("SSH_AUTH_SOCK");
        try
        {
            await agent.StandardOutput.ReadLineAsync();     // it speaks when it listens
            Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", socket);
            Assert.Equal(0, (await ProgramRun.OfAsync("ssh-add", ["-q", $"{host.Folder}/{name}"])).ExitCode);
            File.Delete($"{host.Folder}/{name}");
            var state = await new DeployExecutor(host.Login() with { PrivateKey = null }, TimeProvider.System).LookAsync(TestPlan.Of(), CancellationToken.None);
            Assert.Equal("ubuntu 24.04", state.Facts.System);
        }
        finally
        {
            Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", before);
            agent.Kill();
            await agent.WaitForExitAsync();
        }
    }

    private static DeployPlan Slow(string seconds) => TestPlan.Of() with { Commands = [new PlannedCommand("sleep", "sleeping", $"sleep {seconds}; echo slept >> /srv/appliance/slept")] };

    private DeployExecutor Executor(int? port = null, string user = "root") => new(host.Login(port, user), TimeProvider.System, TestPlan.Quick);

    private Task<HostState> DeployAsync(DeployPlan plan) => Executor().DeployAsync(plan, TestPlan.Modest, TestPlan.Silent, CancellationToken.None);

    private async Task<string> StatAsync(string path) => (await ProgramRun.OfAsync("stat", ["-c", "%U %a", host.At(path)])).Output.Trim();
}
