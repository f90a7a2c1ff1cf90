using System.Collections.Immutable;
using Appliance.Engine.Backups;
using Appliance.Engine.Jobs;
using Appliance.Vault;

namespace Appliance.Engine.Restores;

/// <summary>
/// Decides a restore by comparing the wanted snapshot with one taken just now; reads both from the vault and changes nothing anywhere but the
/// plan's own papers. First pass: which records are there, in the recycle bin, or gone. Second pass: which fields differ, knowing which Ids
/// will be new.
/// </summary>
public sealed class RestorePlanner(
    Restorability org, SnapshotReader wanted, SnapshotReader current, IdMap map, RecycleBin bin, RestoreRecords records, JobProgress progress, EngineOptions options)
{
    private readonly Dictionary<string, Existence> _existence = new(StringComparer.Ordinal);
    private readonly HashSet<string> _recreated = new(StringComparer.Ordinal);
    private readonly List<PlanStep> _steps = [];
    private readonly List<string> _warnings = [];

    /// <param name="chosen">Objects in the restore's scope, and within them the records; null records mean all.</param>
    public async Task<RestorePlan> PlanAsync(
        RestorePlan empty, IReadOnlyDictionary<string, IReadOnlySet<string>?> chosen, CancellationToken cancellationToken)
    {
        var order = org.Graph.Order.Where(chosen.ContainsKey).ToList();
        progress.ObjectsTotal = order.Count * 2;
        foreach (var name in order)
        {
            _existence[name] = await ExistenceAsync(name, chosen[name], cancellationToken);
            progress.ObjectDone();
        }
        foreach (var name in order) _recreated.UnionWith(_existence[name].Gone);
        var documents = _existence.TryGetValue("ContentDocument", out var found) ? found.Gone : [];
        await records.WriteStepAsync(RestoreRecords.ComingDocuments, Rows(documents), cancellationToken);

        foreach (var name in order) await StepsAsync(RestoreAction.Undelete, name, Rows(_existence[name].InBin.Order(StringComparer.Ordinal)), options.RestRows, cancellationToken);
        foreach (var name in order.Where(org.CanInsert))
        {
            var file = org.FileField(name) is not null;
            await StepsAsync(file ? RestoreAction.InsertFile : RestoreAction.Insert, name, Rows(_existence[name].Gone), file ? 200 : options.IngestRows, cancellationToken);
        }
        var plans = new List<ObjectPlan>();
        foreach (var name in order)
        {
            plans.Add(await UpdatesAsync(name, chosen[name], cancellationToken));
            progress.ObjectDone();
        }
        if (!org.Graph.Unbreakable.IsEmpty)
            _warnings.Add($"These required lookups form a cycle that no order of creation satisfies: {string.Join(", ", org.Graph.Unbreakable)}.");
        if (_recreated.Count > 0)
            _warnings.Add($"{_recreated.Count} records are no longer in the recycle bin and get new Ids; links to the old Ids outside Salesforce will not find them. Auto-numbers are given anew.");
        if (_steps.Count > 0)
            _warnings.Add("Triggers, flows and validation rules of the org will run on every record written; set e-mail deliverability to \"System email only\" if they send mail.");
        return empty with
        {
            Objects = [.. plans.Where(p => p.Undeletes + p.Inserts + p.Updates + p.Unchanged + p.Blocked > 0)],
            Steps = [.. _steps],
            Warnings = [.. _warnings],
            ApiCalls = _steps.Sum(CallsOf),
            DeferredFields = org.Graph.Deferred.GroupBy(d => d.Object, StringComparer.Ordinal).ToImmutableDictionary(g => g.Key, g => g.Select(d => d.Field).ToImmutableArray()),
        };
    }

    private static IEnumerable<StepRow> Rows(IEnumerable<string> ids) => ids.Select(id => new StepRow(id, []));

    private static long CallsOf(PlanStep step) => step.Action switch
    {
        RestoreAction.Undelete => (step.Records + 199) / 200,
        RestoreAction.Insert => 8 + (step.Records + 99) / 100,   // and looking whether they stand already
        RestoreAction.Update => 8,   // create, upload, close, about three looks at its state, two results
        RestoreAction.InsertFile => step.Records,
    };

    private async Task<Existence> ExistenceAsync(string name, IReadOnlySet<string>? only, CancellationToken cancellationToken)
    {
        var found = new Existence();
        var known = new List<(string Id, string Today)>();
        await foreach (var (record, now) in SnapshotMerge.WalkAsync(wanted, current, name, cancellationToken))
        {
            progress.Read(1);
            if (only is not null && !only.Contains(record.Id)) continue;
            if (now is { Deleted: false } || ComesWithItsDocument(name, record)) continue;
            if (map.Contains(record.Id)) known.Add((record.Id, map.Resolve(record.Id)));
            else if (now is null) found.Gone.Add(record.Id);
            else found.InBin.Add(record.Id);
        }
        var alive = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var record in current.LookupAsync(name, [.. known.Select(k => k.Today)], cancellationToken))
            if (!record.Deleted) alive.Add(record.Id);
        foreach (var (id, today) in known)
            if (alive.Contains(today)) found.Moved[id] = today;
            else found.Gone.Add(id);   // created again once, and lost once more

        var purged = org.CanUndelete(name) ? await bin.MissingAsync(name, found.InBin, cancellationToken) : [.. found.InBin];
        found.InBin.ExceptWith(purged);
        found.Gone.AddRange(purged);
        found.Gone.Sort(StringComparer.Ordinal);
        return found;
    }

    /// <summary>The versions of a file return from the recycle bin together with their ContentDocument.</summary>
    private bool ComesWithItsDocument(string name, StoredRecord record) =>
        name == "ContentVersion" && _existence.TryGetValue("ContentDocument", out var documents)
        && documents.InBin.Contains(record["ContentDocumentId"] ?? "");

    private async Task<ObjectPlan> UpdatesAsync(string name, IReadOnlySet<string>? only, CancellationToken cancellationToken)
    {
        var found = _existence[name];
        var gone = found.Gone.ToHashSet(StringComparer.Ordinal);
        var stored = (await wanted.ColumnsAsync(name, cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var common = (await current.ColumnsAsync(name, cancellationToken)).Where(stored.Contains).ToHashSet(StringComparer.Ordinal);
        var comparison = new FieldComparison(org.UpdateFields(name, common), map, _recreated);
        var unwritable = new FieldComparison(org.FixedFields(name, common), map, _recreated);
        var afterInsert = org.AfterInsertFields(name, stored);
        var literal = org.UpdateFields(name, stored).Where(f => f.Createable && f.Type != "reference").Select(f => f.Name).ToList();
        var vanished = stored.Where(f => org[name].Field(f) is null).Order(StringComparer.Ordinal).ToList();
        long unchanged = 0, updates = 0;
        var blockedBy = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var lostWithField = new SortedDictionary<string, long>(StringComparer.Ordinal);
        var rows = new List<StepRow>();
        var moved = new Dictionary<string, StoredRecord>(StringComparer.Ordinal);
        await foreach (var record in current.LookupAsync(name, found.Moved.Values, cancellationToken)) moved[record.Id] = record;

        async Task AddAsync(string id, ImmutableArray<string> fields)
        {
            rows.Add(new StepRow(id, fields));
            updates++;
            if (rows.Count < options.IngestRows) return;
            await StepsAsync(RestoreAction.Update, name, rows, options.IngestRows, cancellationToken);
            rows.Clear();
        }

        await foreach (var (record, sameId) in SnapshotMerge.WalkAsync(wanted, current, name, cancellationToken))
        {
            progress.Read(1);
            if (only is not null && !only.Contains(record.Id)) continue;
            foreach (var field in vanished)
                if (!string.IsNullOrEmpty(record[field])) lostWithField[field] = lostWithField.GetValueOrDefault(field) + 1;
            if (gone.Contains(record.Id))
            {
                // A row that cannot be undeleted may still return with its parent, with the values it had when it was deleted.
                var waiting = afterInsert.Where(f => !string.IsNullOrEmpty(record[f.Name])).Select(f => f.Name)
                    .Concat(literal.Where(f => record[f] == RestoreRows.SetNull))
                    .Concat(sameId is null ? [] : comparison.Differing(record, sameId)).Distinct().ToImmutableArray();
                if (!waiting.IsEmpty && org.CanInsert(name)) await AddAsync(record.Id, waiting);
                continue;
            }
            var now = found.Moved.TryGetValue(record.Id, out var today) ? moved[today] : sameId;
            var differing = comparison.Differing(record, now!);
            foreach (var field in unwritable.Differing(record, now!)) blockedBy[field] = blockedBy.GetValueOrDefault(field) + 1;
            if (!differing.IsEmpty) await AddAsync(record.Id, differing);
            else if (!found.InBin.Contains(record.Id)) unchanged++;
        }
        await StepsAsync(RestoreAction.Update, name, rows, options.IngestRows, cancellationToken);
        foreach (var (field, count) in blockedBy)
            _warnings.Add($"{name}.{field} differs in {count} records; Salesforce lets it be set at creation only, so it stays as it is.");
        foreach (var (field, count) in lostWithField)
            _warnings.Add($"{name}.{field} is no longer in the org, or not visible to the connected user; its values in {count} records cannot be restored.");
        var blocked = blockedBy.Values.Sum() + lostWithField.Values.Sum();
        if (!org.CanInsert(name) && name != "ContentDocument" && gone.Count > 0)
        {
            blocked += gone.Count;
            _warnings.Add($"{gone.Count} {name} records are gone and cannot be created through the API.");
        }
        return new ObjectPlan(name, found.InBin.Count, org.CanInsert(name) ? gone.Count : 0, updates, unchanged, blocked);
    }

    private async Task StepsAsync(RestoreAction action, string name, IEnumerable<StepRow> rows, int size, CancellationToken cancellationToken)
    {
        foreach (var chunk in rows.Chunk(size))
        {
            var step = new PlanStep(_steps.Count + 1, action, name, chunk.Length);
            await records.WriteStepAsync(step.Number, chunk, cancellationToken);
            _steps.Add(step);
        }
    }

    private sealed class Existence
    {
        public HashSet<string> InBin { get; } = new(StringComparer.Ordinal);
        public List<string> Gone { get; } = [];
        public Dictionary<string, string> Moved { get; } = new(StringComparer.Ordinal);
    }
}
