using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Provisioner.Delivery.Deploying;

/// <param name="Lease">How long the host's lock lasts without being renewed: whole seconds, at most 600.</param>
/// <param name="Patience">How long another deployer is waited for.</param>
/// <param name="CommandLimit">How long one command may run.</param>
public sealed record DeployOptions(TimeSpan Lease, TimeSpan Patience, TimeSpan CommandLimit)
{
    public static DeployOptions Usual { get; } = new(TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90), TimeSpan.FromMinutes(20));
}

/// <summary>Makes a host match a plan, without an opinion of its own: looks, takes the lock, looks again, and carries out the difference. Cut off anywhere and run again, it converges.</summary>
public sealed class DeployExecutor(HostLogin login, TimeProvider time, DeployOptions? options = null)
{
    private static readonly TimeSpan ScriptLimit = TimeSpan.FromSeconds(60), Poll = TimeSpan.FromSeconds(1);

    private readonly DeployOptions _options = options ?? DeployOptions.Usual;

    /// <summary>The key that the host last answered with; empty before the first connection.</summary>
    public string HostKey { get; private set; } = login.HostKey ?? "";

    private int LeaseSeconds => (int)_options.Lease.TotalSeconds;

    /// <summary>What really stands. Nothing is changed.</summary>
    /// <exception cref="DeployException">The host cannot be reached or asked.</exception>
    public async Task<HostState> LookAsync(DeployPlan plan, CancellationToken cancellationToken)
    {
        using var host = await OpenAsync(cancellationToken);
        return await LookAsync(host, plan, [], cancellationToken);
    }

    /// <returns>Null: none stands there.</returns>
    /// <exception cref="DeployException">The host cannot be reached or asked.</exception>
    public async Task<StandingCertificate?> CertificateAsync(CancellationToken cancellationToken)
    {
        using var host = await OpenAsync(cancellationToken);
        return StandingCertificate.Parse(await MustAsync(host, "looking at the certificate", StandingCertificate.Script, ScriptLimit, cancellationToken));
    }

    /// <param name="progress">Told each step before it is done; of one that lasts longer than two seconds also, indented, how far it is.</param>
    /// <returns>What stands afterwards.</returns>
    /// <exception cref="DeployException">Refused (then <see cref="DeployException.Untouched"/>), or broken off.</exception>
    public async Task<HostState> DeployAsync(DeployPlan plan, HostRequirements requirements, Func<string, Task> progress, CancellationToken cancellationToken)
    {
        using var host = await OpenAsync(cancellationToken);
        HostState state;
        try
        {
            state = await LookAsync(host, plan, requirements.FreeMib.Keys, cancellationToken);
        }
        catch (DeployException failure)
        {
            throw new DeployException(failure.Message, failure.Remedy, failure) { Untouched = true };
        }
        if (plan.DifferenceTo(state).IsEmpty) return state;
        if (requirements.Against(state.Facts) is { IsEmpty: false } reasons)
            throw new DeployException($"{login} will not do: {string.Join(" And ", reasons)}", "Nothing was put there.") { Untouched = true };
        if (plan.RefusalOf(state) is { } refusal) throw new DeployException($"{login}: {refusal}", "Nothing was put there.") { Untouched = true };
        var images = new ImageCarrier(host, login, time);
        await images.PrepareAsync([.. plan.DifferenceTo(state).OfType<DeployStep.Carry>().Select(s => s.Image)], state.Facts, progress, cancellationToken);

        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        await TakeAsync(host, token, plan.Scope, progress, cancellationToken);
        try
        {
            // Somebody else may have been at it while the lock was waited for.
            state = await LookAsync(host, plan, [], cancellationToken);
            foreach (var step in plan.DifferenceTo(state))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await progress(step.ToString());
                await DoAsync(host, token, plan.Scope, step, images, progress, cancellationToken);
            }
            state = await LookAsync(host, plan, [], cancellationToken);
        }
        finally
        {
            await ReleaseAsync(host, token);
        }
        return plan.DifferenceTo(state) is { IsEmpty: false } left
            ? throw new DeployException($"{login} is still not as planned after all steps: {string.Join("; ", left)}.", "Something on the host changes it back or does not keep running. Look at it there, then run this again.")
            : state;
    }

    /// <summary>Runs a script that ends what a scope does, and forgets the scope's files.</summary>
    public async Task RemoveAsync(string scope, string script, CancellationToken cancellationToken)
    {
        using var host = await OpenAsync(cancellationToken);
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        await TakeAsync(host, token, scope, _ => Task.CompletedTask, cancellationToken);
        try
        {
            await MustAsync(host, $"ending {scope}", HostScripts.Forget(token, LeaseSeconds, scope, script), _options.CommandLimit, cancellationToken);
        }
        finally
        {
            await ReleaseAsync(host, token);
        }
    }

    /// <summary>What the walk between releases says of itself: `rollout status`. Nothing is changed.</summary>
    public async Task<string> StatusAsync(CancellationToken cancellationToken)
    {
        using var host = await OpenAsync(cancellationToken);
        return await MustAsync(host, "asking for the status", $"if [ -x {InstallationPlan.Rollout} ]; then {InstallationPlan.Rollout} status; else echo 'nothing is installed'; fi", ScriptLimit, cancellationToken);
    }

    /// <summary>Takes the host to the release before the one that runs.</summary>
    public async Task RollBackAsync(Func<string, Task> progress, CancellationToken cancellationToken)
    {
        using var host = await OpenAsync(cancellationToken);
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        await TakeAsync(host, token, InstallationPlan.Scope, progress, cancellationToken);
        try
        {
            var back = new PlannedCommand("rollback", "gone back to the release before", $"{InstallationPlan.Rollout} back");
            await RunAsync(host, token, InstallationPlan.Scope, new DeployStep.Run(back, token), progress, cancellationToken);
        }
        finally
        {
            await ReleaseAsync(host, token);
        }
    }

    /// <summary>Lets the agent of certificates look now, whatever its ladder says. Where the products run it is the service; before, the tool that ordered the first one.</summary>
    /// <param name="even">Another one is ordered though none is due.</param>
    /// <returns>What stands, and what was proven, in the agent's words.</returns>
    /// <exception cref="DeployException">It failed; what was served before is still served.</exception>
    public async Task<string> RenewAsync(bool even, CancellationToken cancellationToken)
    {
        using var host = await OpenAsync(cancellationToken);
        // No lock of the deployer's: the store has its own, which the agent waits for, and an order that is cut off goes on later.
        var result = await host.RunAsync(HostScripts.RenewCertificate(even), _options.CommandLimit, root: true, cancellationToken);
        if (result.ExitCode == 0) return result.Output;
        var said = result.Errors.Trim().Split("\nWhat to do: ", 2);
        // The log's lines come before; the failure and its remedy are the last two.
        throw said.Length == 2 ? new DeployException($"{login}: {said[0].Split('\n')[^1]}", said[1].Trim()) { Untouched = result.ExitCode == HostScripts.NoAgent } : Failed("renewing the certificate", result);
    }

    private async Task<HostConnection> OpenAsync(CancellationToken cancellationToken)
    {
        var host = await HostConnection.OpenAsync(HostKey.Length > 0 ? login with { HostKey = HostKey } : login, cancellationToken);
        HostKey = host.HostKey;
        return host;
    }

    private async Task<HostState> LookAsync(HostConnection host, DeployPlan plan, IEnumerable<string> spaces, CancellationToken cancellationToken) =>
        HostReport.Parse(await MustAsync(host, "looking at the host", HostScripts.Look(plan, spaces), ScriptLimit, cancellationToken))
            ?? throw new DeployException($"{login} gave half an answer when it was looked at.", "Run it again.") { Untouched = true };

    private async Task DoAsync(HostConnection host, string token, string scope, DeployStep step, ImageCarrier images, Func<string, Task> progress, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case DeployStep.Put put:
                await PutAsync(host, token, put, cancellationToken);
                break;
            case DeployStep.Remove remove:
                await MustAsync(host, step.ToString(), HostScripts.Remove(token, LeaseSeconds, remove.Path), ScriptLimit, cancellationToken);
                break;
            case DeployStep.Switch @switch:
                await MustAsync(host, step.ToString(), HostScripts.Switch(token, LeaseSeconds, @switch.Link), ScriptLimit, cancellationToken);
                break;
            case DeployStep.Carry carry:
                await CarryAsync(host, token, carry, images, progress, cancellationToken);
                break;
            case DeployStep.Run run:
                await RunAsync(host, token, scope, run, progress, cancellationToken);
                break;
            case DeployStep.Record record:
                await MustAsync(host, step.ToString(), HostScripts.Record(token, LeaseSeconds, scope, record), ScriptLimit, cancellationToken);
                break;
        }
    }

    private async Task PutAsync(HostConnection host, string token, DeployStep.Put put, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            await MakeStagingAsync(host, cancellationToken);
            await host.UploadAsync(put.File, cancellationToken);
            var result = await host.RunAsync(HostScripts.Put(token, LeaseSeconds, put.File, host.Staging), ScriptLimit, root: true, cancellationToken);
            if (result.ExitCode == 0) return;
            // What was resumed did not belong together: it has been thrown away, and is sent whole.
            if (result.ExitCode != HostScripts.WrongContent || attempt > 1) throw Failed($"{put}", result);
        }
    }

    /// <summary>Once a connection.</summary>
    private async Task MakeStagingAsync(HostConnection host, CancellationToken cancellationToken)
    {
        if (host.HasStaging) return;
        await MustAsync(host, "making the staging folder", HostScripts.MakeStaging(host.Staging), ScriptLimit, cancellationToken, root: false);
        host.HasStaging = true;
    }

    private Task RunAsync(HostConnection host, string token, string scope, DeployStep.Run run, Func<string, Task> progress, CancellationToken cancellationToken) => HoldingAsync(host, token, async () =>
    {
        var running = MustAsync(host, run.ToString(), HostScripts.Run(token, LeaseSeconds, scope, run.Command, run.Digest), _options.CommandLimit, cancellationToken);
        var began = time.GetTimestamp();
        for (var wait = TimeSpan.FromSeconds(2); await Task.WhenAny(running, Task.Delay(wait, time, cancellationToken)) != running; wait = wait < TimeSpan.FromSeconds(30) ? wait * 2 : wait)
            await progress(string.Create(CultureInfo.InvariantCulture, $"  {run}: {time.GetElapsedTime(began).TotalSeconds:0} s so far"));
        await running;
    }, cancellationToken);

    private Task CarryAsync(HostConnection host, string token, DeployStep.Carry step, ImageCarrier images, Func<string, Task> progress, CancellationToken cancellationToken) => HoldingAsync(host, token, async () =>
    {
        for (var attempt = 1; ; attempt++)
        {
            await MakeStagingAsync(host, cancellationToken);
            var packed = await images.UploadAsync(step.Image, progress, cancellationToken);
            var result = await host.RunAsync(HostScripts.Load(token, LeaseSeconds, step.Image, $"{host.Staging}/{packed.Digest}", packed.Digest, packed.Zstd), _options.CommandLimit, root: true, cancellationToken);
            if (result.ExitCode == 0) return;
            // What was resumed did not belong together: it has been thrown away, and is sent whole.
            if (result.ExitCode != HostScripts.WrongContent || attempt > 1) throw Failed($"{step}", result);
        }
    }, cancellationToken);

    /// <summary>The lock is kept while something lasts, however long.</summary>
    private async Task HoldingAsync(HostConnection host, string token, Func<Task> deed, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var beat = BeatAsync(host, token, ended.Token);
        try
        {
            await deed();
        }
        finally
        {
            await ended.CancelAsync();
            await beat;
        }
    }

    private async Task BeatAsync(HostConnection host, string token, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await Task.Delay(_options.Lease / 4, time, cancellationToken);
                await host.RunAsync(HostScripts.Renew(token, LeaseSeconds), ScriptLimit, root: true, cancellationToken);
            }
        }
        catch (Exception over) when (over is OperationCanceledException or DeployException)
        {
            // What it was for has ended, or the link is gone: the command's own call tells that.
        }
    }

    private async Task TakeAsync(HostConnection host, string token, string scope, Func<string, Task> progress, CancellationToken cancellationToken)
    {
        var holder = string.Create(CultureInfo.InvariantCulture, $"{Environment.UserName}@{Environment.MachineName} {Environment.ProcessId}");
        var began = time.GetTimestamp();
        var (told, abandoned) = (false, "");
        while (true)
        {
            var result = await host.RunAsync(HostScripts.Take(token, holder, LeaseSeconds, scope, abandoned), ScriptLimit, root: true, cancellationToken);
            if (result.ExitCode == 0) return;
            if (result.ExitCode != HostScripts.Held) throw Failed("taking the host's lock", result);
            var held = result.Output.Trim().Split(' ', 2);
            var other = held.Length > 1 ? held[1] : "somebody";
            if (other != abandoned && IsDead(other))
            {
                abandoned = other;
                continue;
            }
            if (time.GetElapsedTime(began) + Poll > _options.Patience)
                throw new DeployException($"Another deployer, {other}, is at work on {login}; its lock lasts {held[0]} s more unless it is renewed.", "Wait until it has finished, then run this again.") { Untouched = true };
            if (!told) await progress($"waiting for another deployer, {other}");
            told = true;
            await Task.Delay(Poll, time, cancellationToken);
        }
    }

    /// <summary>A deployer of this user on this machine that was killed: its process is gone, so nobody waits for its lock to run out.</summary>
    private static bool IsDead(string holder)
    {
        var parts = holder.Split(' ');
        if (parts.Length != 2 || parts[0] != $"{Environment.UserName}@{Environment.MachineName}" || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return false;
        try
        {
            using var process = Process.GetProcessById(id);
            return process.HasExited;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }

    /// <summary>A lock that cannot be given back runs out by itself; what went wrong before counts more.</summary>
    private static async Task ReleaseAsync(HostConnection host, string token)
    {
        try
        {
            await host.RunAsync(HostScripts.Release(token), TimeSpan.FromSeconds(10), root: true, CancellationToken.None);
        }
        catch (DeployException)
        {
            return;
        }
    }

    private async Task<string> MustAsync(HostConnection host, string what, string script, TimeSpan limit, CancellationToken cancellationToken, bool root = true)
    {
        var result = await host.RunAsync(script, limit, root, cancellationToken);
        return result.ExitCode == 0 ? result.Output : throw Failed(what, result);
    }

    private DeployException Failed(string what, ScriptResult result)
    {
        var said = result.Errors.Trim().ReplaceLineEndings(" ");
        if (said.Length > 600) said = "… " + said[^600..];
        return result.ExitCode switch
        {
            HostScripts.LockLost => new DeployException($"{login}: {what}: the lock was lost ({said}).", "Another deployer took over because this one was silent for too long. Let it finish, then run this again."),
            HostScripts.Busy => new DeployException($"{login}: {what}: something of an earlier deployment is still running there.", "Wait for it to end, then run this again."),
            HostScripts.NoSpace => new DeployException($"{login}: {what}: {said}.", "Make room on that disk, then run this again: the old file stands untouched."),
            HostScripts.WrongImage => new DeployException($"{login}: {what}: {said}.", "Make the release's archives again (provisioner release create --archives), or correct releaseManifest. Nothing of that file was kept."),
            HostScripts.BadStaging => new DeployException($"{login}: {what}: {said}.", "Remove that folder on the host: it belongs to somebody else or is open to others."),
            _ when said.Contains("sudo:", StringComparison.Ordinal) => new DeployException($"{login}: {what}: {said}.", "Let the login use sudo without a password, or sign in as root."),
            _ when said.Contains("No space left", StringComparison.Ordinal) => new DeployException($"{login}: {what}: {said}.", "Make room on that disk, then run this again."),
            _ => new DeployException(string.Create(CultureInfo.InvariantCulture, $"{login}: {what} failed with {result.ExitCode}: {(said.Length > 0 ? said : "it said nothing")}."), "Cure what it says on the host, then run this again: it goes on from there."),
        };
    }
}
