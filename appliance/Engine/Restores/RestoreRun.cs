using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Restores;

/// <summary>Totals of a finished restore; the <c>result</c> of its job (API.md).</summary>
public sealed record RestoreSummary(long Undeleted, long Inserted, long Updated, long Unchanged, long Failed, long Blocked);

/// <summary>
/// Carries a plan out, step by step, without opinions. A step whose outcomes stand is not touched again; a step that was interrupted first
/// finds out what Salesforce did with it. So a run may be killed anywhere and started again: nothing is lost and nothing is created twice.
/// </summary>
public sealed class RestoreRun(Org org, OrgVault vault, Restorability restorability, JobProgress progress, TimeProvider time)
{
    private const int Attempts = 5;

    public async Task<RestoreSummary> RunAsync(RestorePlan plan, IProgress<string> log, CancellationToken cancellationToken)
    {
        if (!plan.Defers(restorability.Graph))
            throw new EngineException("The lookups between the org's objects have changed since the plan was made, and with them the order of its steps.", "Make a new plan.");
        var records = new RestoreRecords(vault, plan.Id);
        var wanted = vault.Open(await vault.ReadManifestAsync(plan.SnapshotId, cancellationToken));
        var map = await RestoreRecords.AllMappingsAsync(vault, cancellationToken);
        var recreated = await RecreatedAsync(plan, records, cancellationToken);
        var rows = new RestoreRows(wanted, restorability, map, recreated);
        var outcomes = new List<RestoreOutcome>();

        progress.Begin("restoring", plan.Steps.Sum(s => (long)s.Records));
        progress.ObjectsTotal = plan.Steps.Length;
        foreach (var step in plan.Steps)
        {
            var settled = await records.FindOutcomesAsync(step.Number, cancellationToken)
                ?? await CarryOutAsync(plan, step, records, rows, log, cancellationToken);
            foreach (var outcome in settled)
                if (outcome.NewId is not null && step.Action is RestoreAction.Insert or RestoreAction.InsertFile) map.Add(outcome.OldId, outcome.NewId!);
            outcomes.AddRange(settled);
            progress.Read(step.Records);
            progress.ObjectDone();
        }
        return new RestoreSummary(
            Count(outcomes, RestoreAction.Undelete), Count(outcomes, RestoreAction.Insert) + Count(outcomes, RestoreAction.InsertFile),
            Count(outcomes, RestoreAction.Update), plan.Unchanged, outcomes.Count(o => o.State == "failed"), plan.Objects.Sum(o => o.Blocked));
    }

    /// <summary>
    /// For a run that was left unfinished and that a new plan will overtake: finds out what its interrupted step did and writes that into
    /// the id map, so that the new plan does not create those records a second time. To be called before the new plan's safety backup.
    /// </summary>
    public async Task SettleAsync(RestorePlan plan, CancellationToken cancellationToken)
    {
        var records = new RestoreRecords(vault, plan.Id);
        var map = await RestoreRecords.AllMappingsAsync(vault, cancellationToken);
        var rows = new RestoreRows(vault.Open(await vault.ReadManifestAsync(plan.SnapshotId, cancellationToken)), restorability, map, await RecreatedAsync(plan, records, cancellationToken));
        foreach (var step in plan.Steps.Where(s => s.Action is RestoreAction.Insert or RestoreAction.InsertFile))
        {
            if (await records.FindOutcomesAsync(step.Number, cancellationToken) is not { } settled)
            {
                settled = step.Action == RestoreAction.Insert
                    ? await new BulkStep(org, records, rows, restorability).SettleAsync(step, await records.ReadStepAsync(step.Number, cancellationToken), cancellationToken)
                    : await new FileStep(org, vault, records, rows, restorability).SettleAsync(step, cancellationToken);
                if (Mappings(settled) is { Count: > 0 } mappings) await records.MapAsync(step.Number, mappings, cancellationToken);
                return;     // steps are carried out in their order
            }
            foreach (var outcome in settled.Where(o => o.NewId is not null)) map.Add(outcome.OldId, outcome.NewId!);
        }
    }

    private static List<IdMapping> Mappings(IEnumerable<RestoreOutcome> settled) =>
        [.. settled.Where(o => o.NewId is not null && o.NewId != o.OldId).Select(o => new IdMapping(o.Object, o.OldId, o.NewId!))];

    private async Task<IReadOnlyList<RestoreOutcome>> CarryOutAsync(
        RestorePlan plan, PlanStep step, RestoreRecords records, RestoreRows rows, IProgress<string> log, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var wantedRows = await records.ReadStepAsync(step.Number, cancellationToken);
                var settled = step.Action switch
                {
                    RestoreAction.Undelete => await new UndeleteStep(org).RunAsync(step, wantedRows, cancellationToken),
                    RestoreAction.Insert or RestoreAction.Update =>
                        await new BulkStep(org, records, rows, restorability).RunAsync(step, wantedRows, cancellationToken),
                    RestoreAction.InsertFile => await new FileStep(org, vault, records, rows, restorability).RunAsync(step, wantedRows, cancellationToken),
                };
                await records.FinishStepAsync(step.Number, settled, step.Action == RestoreAction.Update ? [] : Mappings(settled), cancellationToken);
                var failed = settled.Count(o => o.State == "failed");
                log.Report($"Step {step.Number} of {plan.Steps.Length}: {step.Text}{(failed == 0 ? "" : $" — {failed} failed")}");
                return settled;
            }
            catch (SalesforceException e) when (e.Kind == FailureKind.Transient && attempt < Attempts)
            {
                // The step looks at its journal first, so going through it again repeats no deed.
                log.Report($"Step {step.Number}: {e.Message} Trying again.");
                await Task.Delay(TimeSpan.FromSeconds(Math.Pow(2, attempt)), time, cancellationToken);
            }
        }
    }

    private static async Task<HashSet<string>> RecreatedAsync(RestorePlan plan, RestoreRecords records, CancellationToken cancellationToken)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var inserts = plan.Steps.Where(s => s.Action is RestoreAction.Insert or RestoreAction.InsertFile).Select(s => s.Number);
        foreach (var number in inserts.Prepend(RestoreRecords.ComingDocuments))
            ids.UnionWith((await records.ReadStepAsync(number, cancellationToken)).Select(r => r.Id));
        return ids;
    }

    private static int Count(List<RestoreOutcome> outcomes, RestoreAction action) =>
        outcomes.Count(o => o.Action == action.ToString() && o.NewId is not null);
}
