using Appliance.Engine.Backups;
using Appliance.Salesforce;

namespace Appliance.Engine.Restores;

/// <summary>
/// Takes records back from the recycle bin. Safe to repeat: what Salesforce refuses is looked at again, and a record that lives counts as
/// done (its parent brought it back, or an earlier attempt did).
/// </summary>
public sealed class UndeleteStep(Org org)
{
    private const int PerCall = 200;

    public async Task<IReadOnlyList<RestoreOutcome>> RunAsync(PlanStep step, IReadOnlyList<StepRow> rows, CancellationToken cancellationToken)
    {
        var outcomes = new List<RestoreOutcome>(rows.Count);
        foreach (var ids in rows.Select(r => r.Id).Chunk(PerCall))
        {
            var results = await org.UndeleteAsync(ids, cancellationToken);
            var refused = ids.Zip(results).Where(p => !p.Second.Success).ToDictionary(p => p.First, p => Text(p.Second), StringComparer.Ordinal);
            var alive = await AliveAsync(step.Object, refused.Keys, cancellationToken);
            outcomes.AddRange(ids.Select(id => !refused.TryGetValue(id, out var error) || alive.Contains(id)
                ? new RestoreOutcome(step.Object, id, id, nameof(RestoreAction.Undelete), "done", null)
                : new RestoreOutcome(step.Object, id, null, nameof(RestoreAction.Undelete), "failed", error)));
        }
        return outcomes;
    }

    private static string Text(SaveResult result) => string.Join("; ", result.Errors.Select(e => $"{e.StatusCode}: {e.Message}"));

    private async Task<IdSet> AliveAsync(string objectName, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var alive = new IdSet();
        if (ids.Count == 0) return alive;
        await foreach (var batch in org.QueryAsync(SoqlText.Select(objectName, ["Id"], SoqlText.In("Id", ids)), includeDeleted: false, cancellationToken))
            for (var row = 0; row < batch.Count; row++) alive.Add(batch.Value(row, 0));
        return alive;
    }
}
