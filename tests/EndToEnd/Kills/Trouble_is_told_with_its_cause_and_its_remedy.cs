using System.Net;
using System.Text.Json;
using OrgSimulator;
using Xunit;

namespace EndToEnd.Kills;

public sealed class Trouble_is_told_with_its_cause_and_its_remedy(DatabaseFixture database)
{
    [Fact]
    public async Task The_org_goes_away_in_the_middle_of_a_backup_and_comes_back_as_one_that_knows_no_token()
    {
        var org = await OrgSimulatorHost.StartAsync(Small);
        await using var appliance = await ApplianceUnderTest.StartAsync(database, org);
        var gone = WaitForCall(org, 20);
        var jobId = await appliance.StartBackupAsync();
        await gone;
        await org.DisposeAsync();

        var (cause, _) = await FailedAsync(appliance, jobId);
        Assert.Contains("127.0.0.1", cause, StringComparison.Ordinal);
        Assert.Contains("does not accept a connection", cause, StringComparison.Ordinal);
        Assert.Empty(await appliance.SnapshotsAsync());

        await using var back = await OrgSimulatorHost.StartAsync(Small with { Port = org.Uri.Port });
        await ReconnectAsync(appliance, back);
    }

    [Fact]
    public async Task The_org_takes_its_permission_back()
    {
        await using var org = await OrgSimulatorHost.StartAsync(Small);
        await using var appliance = await ApplianceUnderTest.StartAsync(database, org);
        Assert.Equal("valid", await TokenStateAsync(appliance));
        org.Sessions.RevokeAll();
        await ReconnectAsync(appliance, org);
    }

    [Fact]
    public async Task The_disk_is_full()
    {
        await using var disk = await SmallDisk.MountAsync();
        await using var org = await OrgSimulatorHost.StartAsync(Small);
        await using var appliance = await ApplianceUnderTest.StartAsync(database, org, Path.Combine(disk.Folder, "vaults"));
        await disk.FillAsync(leave: 128 * 1024);

        await PausesForRoomAsync(appliance, disk, await appliance.StartBackupAsync(), () => { });
    }

    [Fact]
    public async Task The_disk_runs_full_under_a_running_backup()
    {
        await using var disk = await SmallDisk.MountAsync();
        await using var org = await OrgSimulatorHost.StartAsync(Small);
        await using var appliance = await ApplianceUnderTest.StartAsync(database, org, Path.Combine(disk.Folder, "vaults"));
        var (calls, hold) = (0, new TaskCompletionSource());
        org.Faults.Before = async (_, token) =>
        {
            var call = Interlocked.Increment(ref calls);
            if (call == 25) await disk.FillAsync(leave: 128 * 1024);
            if (call >= 25) await hold.Task.WaitAsync(token);         // nothing is read until the room that is left was looked at
        };
        await PausesForRoomAsync(appliance, disk, await appliance.StartBackupAsync(), hold.SetResult);
        Assert.True(calls >= 25);
    }

    /// <summary>The job waits, says why and what to do, and goes on by itself when there is room.</summary>
    private static async Task PausesForRoomAsync(ApplianceUnderTest appliance, SmallDisk disk, string jobId, Action whenPaused)
    {
        JsonElement paused;
        while ((paused = await appliance.GetAsync($"jobs/{jobId}")).GetProperty("state").GetString() is "queued" or "inProgress") await Task.Delay(50);
        Assert.True(paused.GetProperty("state").GetString() == "paused", $"{paused}\n{appliance.Server.LogTail()}");
        var pause = paused.GetProperty("pause");
        Assert.Equal("disk", pause.GetProperty("reason").GetString());
        Assert.Contains("full", pause.GetProperty("cause").GetString()!, StringComparison.Ordinal);
        Assert.Contains(disk.Folder, pause.GetProperty("remedy").GetString()!, StringComparison.Ordinal);
        Assert.Empty(await appliance.SnapshotsAsync());
        Assert.Equal("valid", await TokenStateAsync(appliance));

        whenPaused();
        disk.Free();
        while ((await appliance.GetAsync($"jobs/{jobId}")).GetProperty("state").GetString() is "paused") await Task.Delay(50);
        var later = await appliance.SucceedAsync(jobId);
        Assert.Equal([later.GetProperty("id").GetString()!], await appliance.SnapshotsAsync());
        Assert.Empty(await SnapshotDigest.DamageAsync(appliance));
    }

    [Fact]
    public async Task A_file_of_the_vault_is_damaged()
    {
        await using var org = await OrgSimulatorHost.StartAsync(Small);
        await using var appliance = await ApplianceUnderTest.StartAsync(database, org);
        var snapshot = (await appliance.SucceedAsync(await appliance.StartBackupAsync())).GetProperty("id").GetString()!;
        var segment = Directory.GetFiles(Path.Combine(appliance.VaultFolder, "segments", "Lead"), "*.csv.zst.enc").Order(StringComparer.Ordinal).First();
        var bytes = await File.ReadAllBytesAsync(segment);
        bytes[bytes.Length / 3] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes);

        var (status, problem) = await appliance.AskAsync($"snapshots/{snapshot}/objects/Lead/records");
        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Contains(Path.GetFileName(segment), problem.GetProperty("cause").GetString()!, StringComparison.Ordinal);
        Assert.NotEmpty(problem.GetProperty("remedy").GetString()!);
        var (other, _) = await appliance.AskAsync($"snapshots/{snapshot}/objects/Account/records");
        Assert.Equal(HttpStatusCode.OK, other);     // only what lies in the file is lost
    }

    private static SimulatorOptions Small => new() { Generate = 600, Warnings = TextWriter.Null };

    /// <summary>A backup pauses because of the token, says so, leaves no snapshot; when the org is connected again it goes on by itself.</summary>
    private static async Task ReconnectAsync(ApplianceUnderTest appliance, OrgSimulatorHost org)
    {
        var jobId = await appliance.StartBackupAsync();
        JsonElement paused;
        while ((paused = await appliance.GetAsync($"jobs/{jobId}")).GetProperty("state").GetString() is "queued" or "inProgress") await Task.Delay(50);
        Assert.True(paused.GetProperty("state").GetString() == "paused", $"{paused}\n{appliance.Server.LogTail()}");
        Assert.Equal("token", paused.GetProperty("pause").GetProperty("reason").GetString());
        Assert.Contains("onnect", paused.GetProperty("pause").GetProperty("remedy").GetString()!, StringComparison.Ordinal);
        Assert.Equal("broken", await TokenStateAsync(appliance));
        Assert.Empty(await appliance.SnapshotsAsync());

        await appliance.ConnectAsync(org);
        Assert.Equal("valid", await TokenStateAsync(appliance));
        var job = await appliance.SucceedAsync(jobId);
        Assert.Equal([job.GetProperty("id").GetString()!], await appliance.SnapshotsAsync());
    }

    private static async Task<(string Cause, string Remedy)> FailedAsync(ApplianceUnderTest appliance, string jobId)
    {
        var job = await appliance.EndOfAsync(jobId);
        Assert.True(job.GetProperty("state").GetString() == "failed", $"{job}\n{appliance.Server.LogTail()}");
        var (cause, remedy) = (job.GetProperty("error").GetProperty("cause").GetString()!, job.GetProperty("error").GetProperty("remedy").GetString()!);
        Assert.True(cause.Length > 20 && remedy.Length > 10, job.ToString());
        Assert.DoesNotContain("unexpected", cause, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("unforeseen", cause, StringComparison.OrdinalIgnoreCase);
        var log = (await appliance.GetAsync($"jobs/{jobId}/log")).EnumerateArray().Select(line => (line.GetProperty("level").GetString(), line.GetProperty("text").GetString()));
        Assert.Contains(("error", cause), log);
        return (cause, remedy);
    }

    private static async Task<string> TokenStateAsync(ApplianceUnderTest appliance) =>
        (await appliance.GetAsync($"orgs/{appliance.OrgId}")).GetProperty("tokenState").GetString()!;

    private static Task WaitForCall(OrgSimulatorHost org, int number)
    {
        var came = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = 0;
        org.Faults.Before = (_, _) =>
        {
            if (Interlocked.Increment(ref calls) == number) came.SetResult();
            return Task.CompletedTask;
        };
        return came.Task;
    }
}
