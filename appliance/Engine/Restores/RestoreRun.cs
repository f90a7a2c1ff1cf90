using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Restores;

/// <summary>Totals of a finished restore; the <c>result</c> of its job (API.md).</summary>
public sealed record RestoreSummary(long Undeleted, long Inserted, long Updated, long Unchanged, long Failed);

/// <summary>
/// Carries a plan out, step by step, without opinions. A step whose outcomes stand is not touched again; a step that was interrupted first
/// finds out what Salesforce did with it. So a run may be killed anywhere and started again: nothing is lost and nothing is created twice.
/// </summary>
public sealed class RestoreRun(Org org, OrgVault vault, Restorability restorability, JobProgress progress, TimeProvider time)
{
    private const int Attempts = 5;

    public async Task<RestoreSummary> RunAsync(RestorePlan plan, IProgress<string> log, CancellationToken cancellationToken)
    {
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
            Count(outcomes, RestoreAction.Update), plan.Unchanged, outcomes.Count(o => o.State == "failed"));
    }

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
                var mappings = settled.Where(o => o is { NewId: not null } && o.NewId != o.OldId && step.Action != RestoreAction.Update)
                    .Select(o => new IdMapping(o.Object, o.OldId, o.NewId!)).ToList();
                await records.FinishStepAsync(step.Number, settled, mappings, cancellationToken);
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
        outcomes.Count(o => o.Action == action.ToString() && o.State != "failed");
}
