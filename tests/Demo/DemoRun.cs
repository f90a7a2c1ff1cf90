using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Spectre.Console;

namespace Demo;

/// <summary>The story of the demo, told once from top to bottom.</summary>
internal sealed class DemoRun(Options options, IAnsiConsole console)
{
    private readonly List<KeyValuePair<string, double>> _seconds = [.. options.EarlierPhases];

    public async Task<DemoReport> RunAsync(CancellationToken cancellationToken)
    {
        using var appliance = new ApplianceClient(options.Appliance, options.Authority);
        using var simulator = new SimulatorClient(options.Simulator);

        var orgId = await PhaseAsync("connect", "Set up the appliance and connect the org", async _ =>
        {
            var password = Convert.ToHexString(RandomNumberGenerator.GetBytes(16)) + "-aZ";
            await appliance.SetUpAsync(options.SetupLink, "demo-admin", password, cancellationToken);
            var authorize = await appliance.BeginConnectionAsync("Demo org", options.Simulator, cancellationToken);
            return await appliance.SignInToOrgAsync(authorize, options.SimulatorUser, options.SimulatorPassword, cancellationToken);
        });

        var full = await PhaseAsync("fullBackup", "Full backup", show => BackUpAsync(appliance, orgId, "full", show, cancellationToken));
        Tell($"{full.Objects:N0} objects, {full.Records:N0} records, {full.Files:N0} files; {full.BytesRead:N0} bytes read, {full.BytesStored:N0} stored");

        var before = await PhaseAsync("dumpBefore", "Dump the org as it is", _ =>
            simulator.DumpAsync(OrgDump.Before(options.Work), cancellationToken));
        var damage = await PhaseAsync("damage", "Damage the org", _ => simulator.DamageAsync(options.Seed, cancellationToken));
        Tell($"{damage.Changed:N0} records changed, {damage.Deleted:N0} deleted ({damage.DeletedParents:N0} parents with what hangs on them), {damage.Purged:N0} of these gone from the recycle bin");
        if (damage.Changed + damage.Deleted == 0)
            throw new DemoFailure("The org could not be damaged: it has no record that can be changed or deleted, so a restore would prove nothing.",
                "Give data with at least one record of an updateable object.");

        var incremental = await PhaseAsync("incrementalBackup", "Incremental backup", show =>
            BackUpAsync(appliance, orgId, "incremental", show, cancellationToken));
        Tell($"{incremental.RecordsRead:N0} records read, {incremental.DeletesSeen:N0} deletes seen");

        var planId = await PhaseAsync("plan", "Plan the restore to the first snapshot", async show =>
        {
            var job = await appliance.RunJobAsync($"orgs/{orgId}/restores/plans", new { snapshotId = full.SnapshotId }, show, cancellationToken);
            return job.Result.GetProperty("planId").GetString()!;
        });
        console.Write((await appliance.PlanAsync(planId, cancellationToken)).AsTable());

        var restore = await PhaseAsync("restore", "Restore", show =>
            appliance.RunJobAsync($"restores/plans/{planId}/run", null, show, cancellationToken));
        var outcome = restore.ReadResult<RestoreResult>();
        Tell($"{outcome.Undeleted:N0} undeleted, {outcome.Inserted:N0} inserted, {outcome.Updated:N0} updated, {outcome.Failed:N0} failed");

        if (options.Sabotage is { } kind)
            console.MarkupLineInterpolated($"[yellow]Sabotage ({kind}):[/] {await simulator.SabotageAsync(kind, options.Seed, cancellationToken)}");

        var comparison = await PhaseAsync("compare", "Compare the org with what it was", async _ =>
        {
            var newIds = await appliance.IdMapAsync(restore.Id, cancellationToken);
            var after = await simulator.DumpAsync(OrgDump.After(options.Work), cancellationToken);
            return await DumpComparison.RunAsync(before, after, newIds, cancellationToken);
        });

        return new DemoReport(full, incremental, damage, outcome, comparison, _seconds, await appliance.PeakMemoryAsync(cancellationToken));
    }

    private async Task<BackupResult> BackUpAsync(ApplianceClient appliance, string orgId, string kind, Action<string> show, CancellationToken cancellationToken)
    {
        var job = await appliance.RunJobAsync($"orgs/{orgId}/backups", new { kind }, show, cancellationToken);
        if (job.State == "completedWithWarnings") console.MarkupLine("[yellow]  completed with warnings; see the job's log[/]");
        return job.ReadResult<BackupResult>();
    }

    private async Task<T> PhaseAsync<T>(string name, string title, Func<Action<string>, Task<T>> work)
    {
        var watch = Stopwatch.StartNew();
        var result = await console.Status().StartAsync($"{title} …", status =>
            work(text => status.Status(Markup.Escape($"{title} … {text}"))));
        _seconds.Add(new(name, Math.Round(watch.Elapsed.TotalSeconds, 3)));
        console.MarkupLineInterpolated($"[green]✓[/] {title} [grey]{watch.Elapsed.TotalSeconds:N1} s[/]");
        return result;
    }

    private void Tell(FormattableString text) => console.MarkupLineInterpolated($"  [grey]{text.ToString(CultureInfo.InvariantCulture)}[/]");
}
