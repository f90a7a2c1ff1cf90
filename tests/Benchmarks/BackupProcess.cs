using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Appliance.Engine;
using Appliance.Engine.Backups;
using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Vault;
using Microsoft.Extensions.Logging.Abstractions;

namespace Benchmarks;

/// <summary>What one of our backups did.</summary>
/// <param name="Seconds">Of the run alone, without the process's start.</param>
/// <param name="CpuSeconds">Of our process in that time: what the org took to answer is not in it.</param>
internal sealed record BackupReport(Guid SnapshotId, double Seconds, long Records, long RecordsRead, long BytesRead, long BytesStored, bool Complete, double CpuSeconds);

/// <summary>The engine's backup in a process of its own, so that its memory and CPU time are its own; encrypted, as by default.</summary>
internal static class BackupProcess
{
    public const string Verb = "backup";

    /// <summary>One run in a process of its own.</summary>
    public static async Task<(Measurement Took, BackupReport Report)> RunAsync(SimulatedOrg org, string folder, Guid? parent, CancellationToken cancellationToken)
    {
        var (took, reports) = await RunAsync(org, folder, parent, changes: 0, before: null, cancellationToken);
        return (took, reports[0]);
    }

    /// <summary>A full run, that many changes in the org, and an incremental run, in one process that has backed up another org before: as in the server, whose code is compiled by then.</summary>
    public static async Task<(BackupReport Full, BackupReport Incremental)> RunTwiceAsync(SimulatedOrg org, SimulatedOrg before, string folder, long changes, CancellationToken cancellationToken)
    {
        var (_, reports) = await RunAsync(org, folder, null, changes, before, cancellationToken);
        return (reports[0], reports[1]);
    }

    private static async Task<(Measurement Took, BackupReport[] Reports)> RunAsync(
        SimulatedOrg org, string folder, Guid? parent, long changes, SimulatedOrg? before, CancellationToken cancellationToken)
    {
        var (took, output) = await Measured.RunAsync(
            [Environment.ProcessPath!, Verb, org.Address.ToString(), folder, parent?.ToString() ?? "-", changes.ToString(CultureInfo.InvariantCulture), before?.Address.ToString() ?? "-"],
            new Dictionary<string, string> { ["BENCH_TOKEN"] = org.Token, ["BENCH_TOKEN_BEFORE"] = before?.Token ?? "" }, cancellationToken);
        var reports = JsonSerializer.Deserialize<BackupReport[]>(output)!;
        return reports.All(r => r.Complete) ? (took, reports) : throw new BenchmarkFailure("Our backup was not complete.");
    }

    public static async Task<int> MainAsync(string[] arguments)
    {
        var (address, folder, parent) = (new Uri(arguments[0]), arguments[1], arguments[2] == "-" ? (Guid?)null : Guid.Parse(arguments[2]));
        var changes = long.Parse(arguments[3], CultureInfo.InvariantCulture);
        using var http = new HttpClient(new Unpacked { InnerHandler = new SocketsHttpHandler() }) { Timeout = Timeout.InfiniteTimeSpan };
        if (arguments[4] != "-") await RunAsync(http, new Uri(arguments[4]), "BENCH_TOKEN_BEFORE", folder + ".before", null, [2_000, 2_000, 2_000]);
        Console.Out.WriteLine(JsonSerializer.Serialize(await RunAsync(http, address, "BENCH_TOKEN", folder, parent, changes > 0 ? [changes] : [])));
        return 0;
    }

    /// <summary>One run, and one more after each of the changes.</summary>
    private static async Task<List<BackupReport>> RunAsync(HttpClient http, Uri address, string token, string folder, Guid? parent, long[] changes)
    {
        var time = TimeProvider.System;
        var credentials = new OrgCredentials(address, "bench", null, address, Environment.GetEnvironmentVariable(token)!, null);
        var org = new Org(http, credentials, (_, _) => Task.CompletedTask, time, NullLogger<Org>.Instance);
        await using var vault = await BenchVault.OpenAsync(folder, time);
        List<BackupReport> reports = [await RunAsync(org, vault, folder, parent, time)];
        foreach (var count in changes)
        {
            await Task.Delay(TimeSpan.FromSeconds(3));       // stamps are whole seconds: a change within the second in which the run before ended may be held already
            using var answer = await http.PostAsJsonAsync(new Uri(address, "/__change"), new { count });
            answer.EnsureSuccessStatusCode();
            reports.Add(await RunAsync(org, vault, folder, reports[^1].SnapshotId, time));
        }
        return reports;
    }

    private static async Task<BackupReport> RunAsync(Org org, OrgVault vault, string folder, Guid? parent, TimeProvider time)
    {
        var (id, clock) = (Guid.CreateVersion7(time.GetUtcNow()), Stopwatch.StartNew());
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var run = new BackupRun(org, vault, new JobProgress(), new EngineOptions { StorageRoot = folder }, time);
        var summary = await run.RunAsync(id, new BackupOrder(parent is null ? SnapshotKind.Full : SnapshotKind.Incremental, parent), new Quiet(), CancellationToken.None);
        var seconds = clock.Elapsed.TotalSeconds;
        var worked = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
        await run.ForgetCheckpointsAsync(id, CancellationToken.None);
        var complete = summary.Manifest.Objects.All(o => o.Explanation is null && o.OrgCount == o.LiveRecords);
        return new BackupReport(id, seconds, summary.Records, summary.RecordsRead, summary.BytesRead, summary.NewSegments.Sum(s => s.StoredBytes), complete, worked);
    }

    /// <summary>On loopback there is no network to spare: curl is sent plain bytes too, and packing them would be measured instead of backups.</summary>
    private sealed class Unpacked : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.AcceptEncoding.Clear();
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed class Quiet : IProgress<string>
    {
        public void Report(string value) => Console.Error.WriteLine(value.ToString(CultureInfo.InvariantCulture));
    }
}

/// <summary>A vault in a folder with its key beside it.</summary>
internal static class BenchVault
{
    public static async Task<OrgVault> OpenAsync(string folder, TimeProvider time)
    {
        var keyFile = folder + ".key";
        if (!File.Exists(keyFile)) await File.WriteAllTextAsync(keyFile, Convert.ToBase64String(System.Security.Cryptography.RandomNumberGenerator.GetBytes(32)));
        var key = MasterKey.Named(keyFile);
        Directory.CreateDirectory(folder);
        var store = BlobStores.Open(folder, null, time);
        return await store.LengthAsync("vault.json", CancellationToken.None) is not null
            ? await OrgVault.OpenAsync(store, key, time, CancellationToken.None)
            : await OrgVault.CreateAsync(store, new VaultDescription(Guid.CreateVersion7(time.GetUtcNow()), "00D000000000000AAA", Encrypted: true), key, time, CancellationToken.None);
    }

    /// <summary>Bytes that a folder takes, as files say.</summary>
    public static long Size(string folder) => new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
}
