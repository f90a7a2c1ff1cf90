using System.Text.Json.Nodes;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Restores;

/// <summary>
/// Creates records that carry a file, one call each, because Bulk cannot. The record being sent is named in the journal first; after a crash
/// or a lost answer the org is asked whether it arrived, by its natural key and the time the step began, before it is sent again.
/// </summary>
public sealed class FileStep(Org org, OrgVault vault, RestoreRecords records, RestoreRows rows, Restorability restorability)
{
    public async Task<IReadOnlyList<RestoreOutcome>> RunAsync(PlanStep step, IReadOnlyList<StepRow> stepRows, CancellationToken cancellationToken)
    {
        var fileField = restorability.FileField(step.Object)!;
        var found = await rows.RecordsAsync(step.Object, stepRows.Select(r => r.Id), cancellationToken);
        var columns = rows.InsertColumns(step.Object, found.Values);
        var journal = await records.JournalAsync(step.Number, cancellationToken);
        if (journal.StartedAt is null) journal = journal with { StartedAt = org.ServerTime };
        var standing = await new StandingRecords(org, rows).FindAsync(
            step.Object, stepRows.Select(r => r.Id).Where(id => !journal.Settled.Any(o => o.OldId == id && o.Object == step.Object)), cancellationToken);

        foreach (var id in stepRows.Select(r => r.Id))
        {
            if (journal.Settled.Any(o => o.OldId == id && o.Object == step.Object)) continue;
            var record = found[id];
            if (standing.TryGetValue(id, out var there))
            {
                journal = journal with { Settled = [.. journal.Settled, new RestoreOutcome(step.Object, id, there, nameof(RestoreAction.InsertFile), "adopted", null)] };
                await records.JournalAsync(step.Number, journal, cancellationToken);
                continue;
            }
            var arrived = journal.InFlight == id ? await FindArrivedAsync(step.Object, record, journal, cancellationToken) : null;
            if (journal.InFlight != id)
            {
                journal = journal with { InFlight = id };
                await records.JournalAsync(step.Number, journal, cancellationToken);
            }
            var outcome = arrived is not null
                ? new RestoreOutcome(step.Object, id, arrived, nameof(RestoreAction.InsertFile), "done", null)
                : await SendAsync(step.Object, record, fileField.Name, Fields(step.Object, record, columns, journal), cancellationToken);
            if (outcome.NewId is not null && rows.LeftEmpty(columns.Where(c => step.Object != "ContentVersion" || c.Name != "ContentDocumentId"), record) is { } less)
                outcome = outcome with { State = "failed", Error = less };
            journal = journal with { Settled = [.. journal.Settled, outcome, .. await DocumentAsync(step.Object, record, outcome, cancellationToken)], InFlight = null };
            await records.JournalAsync(step.Number, journal, cancellationToken);
        }
        return journal.Settled;
    }

    /// <summary>What an abandoned run has created, looking at Salesforce where the journal does not know.</summary>
    public async Task<IReadOnlyList<RestoreOutcome>> SettleAsync(PlanStep step, CancellationToken cancellationToken)
    {
        var journal = await records.JournalAsync(step.Number, cancellationToken);
        if (journal.InFlight is not { } id) return journal.Settled;
        var record = (await rows.RecordsAsync(step.Object, [id], cancellationToken))[id];
        if (await FindArrivedAsync(step.Object, record, journal, cancellationToken) is { } arrived)
        {
            var outcome = new RestoreOutcome(step.Object, id, arrived, nameof(RestoreAction.InsertFile), "done", null);
            journal = journal with { Settled = [.. journal.Settled, outcome, .. await DocumentAsync(step.Object, record, outcome, cancellationToken)] };
        }
        journal = journal with { InFlight = null };
        await records.JournalAsync(step.Number, journal, cancellationToken);
        return journal.Settled;
    }

    private JsonObject Fields(string objectName, StoredRecord record, IEnumerable<FieldDescribe> columns, StepJournal journal)
    {
        var fields = new JsonObject();
        foreach (var column in columns)
        {
            // A further version names the document that its first version has just made; the first one must not name any.
            var value = column.Name == "ContentDocumentId" && objectName == "ContentVersion"
                ? journal.Settled.LastOrDefault(o => o.Object == "ContentDocument" && o.OldId == record[column.Name])?.NewId ?? StandingDocument(record[column.Name])
                : rows.Value(column, record);
            if (value is not null) fields[column.Name] = RestoreRows.Typed(column, value);
        }
        return fields;
    }

    private string? StandingDocument(string? id) => id is null || rows.WasNotCreated(id) ? null : rows.Today(id);

    private async Task<RestoreOutcome> SendAsync(
        string objectName, StoredRecord record, string fileField, JsonObject fields, CancellationToken cancellationToken)
    {
        RestoreOutcome Failed(string? error) => new(objectName, record.Id, null, nameof(RestoreAction.InsertFile), "failed", error);
        if (!ContentReference.TryParse(record[fileField], out var reference)) return Failed("the snapshot holds no file for this record");
        await using var content = await vault.OpenFileAsync(reference, cancellationToken);
        var name = record["PathOnClient"] ?? record["Name"] ?? record.Id;
        var result = await org.CreateWithFileAsync(objectName, fields, fileField, name, content, reference.Length, cancellationToken);
        return result.Success ? new RestoreOutcome(objectName, record.Id, result.Id, nameof(RestoreAction.InsertFile), "done", null) : Failed(string.Join("; ", result.Errors.Select(e => $"{e.StatusCode}: {e.Message}")));
    }

    /// <summary>The document that a first version brought into being.</summary>
    private async Task<IReadOnlyList<RestoreOutcome>> DocumentAsync(string objectName, StoredRecord record, RestoreOutcome outcome, CancellationToken cancellationToken)
    {
        if (objectName != "ContentVersion" || outcome.NewId is null || record["ContentDocumentId"] is not { } oldDocument) return [];
        var soql = SoqlText.Select(objectName, ["ContentDocumentId"], $"Id = {SoqlText.Quote(outcome.NewId)}");
        await foreach (var batch in org.QueryAsync(soql, includeDeleted: false, cancellationToken))
            if (batch.Count > 0) return [new RestoreOutcome("ContentDocument", oldDocument, batch.Text(0, 0), nameof(RestoreAction.InsertFile), "done", null)];
        return [];
    }

    private async Task<string?> FindArrivedAsync(string objectName, StoredRecord record, StepJournal journal, CancellationToken cancellationToken)
    {
        var (name, size) = objectName == "ContentVersion" ? ("Title", "ContentSize") : ("Name", "BodyLength");
        var parent = objectName == "Attachment" && record["ParentId"] is { } p ? $" AND ParentId = {SoqlText.Quote(rows.Today(p))}" : "";
        var soql = SoqlText.Select(objectName, ["Id", size],
            $"{name} = {SoqlText.Quote(record[name] ?? "")} AND CreatedDate >= {SoqlText.Literal(journal.StartedAt!.Value)}{parent}");
        var settled = journal.Settled.Select(o => o.NewId).ToHashSet();
        await foreach (var batch in org.QueryAsync(soql, includeDeleted: false, cancellationToken))
            for (var row = 0; row < batch.Count; row++)
                if (!settled.Contains(batch.Text(row, 0)) && batch.Text(row, 1) == (record[size] ?? "")) return batch.Text(row, 0);
        return null;
    }
}
