using System.Text;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Restores;

/// <summary>
/// Inserts or updates by Bulk API 2.0 ingest jobs. A job's id is durable in the journal before UploadComplete lets Salesforce touch a row; so
/// after a crash or a lost answer the job itself tells what happened, and no row is ever sent a second time on a guess. A job without an
/// entry in the journal was never closed, so nothing in it was or will be processed.
/// </summary>
public sealed class BulkStep(Org org, RestoreRecords records, RestoreRows rows, Restorability restorability)
{
    // Rows that lost a race for a lock, or that Salesforce left unprocessed, are sent again in a job of their own, so often at most.
    private const int Attempts = 4;

    // Far below the 100 MB that Salesforce takes, because the upload is built in memory.
    private const long UploadBytes = 16 * 1024 * 1024;

    private const int LookupRows = 100;   // a row may have megabytes of text

    public async Task<IReadOnlyList<RestoreOutcome>> RunAsync(PlanStep step, IReadOnlyList<StepRow> stepRows, CancellationToken cancellationToken)
    {
        var journal = await records.JournalAsync(step.Number, cancellationToken);
        while (true)
        {
            if (journal.IngestJobId is null)
            {
                var settled = journal.Settled.Select(o => o.OldId).ToHashSet(StringComparer.Ordinal);
                var open = stepRows.Where(r => !settled.Contains(r.Id)).ToList();
                if (open.Count == 0) return journal.Settled;
                if (journal.Attempt > Attempts) return [.. journal.Settled, .. open.Select(r => Failed(step, r.Id, "Salesforce left the row unprocessed"))];
                journal = await StartAsync(step, journal, open, cancellationToken);
                if (journal.IngestJobId is null) continue;
            }
            journal = await FinishAsync(step, stepRows, journal, cancellationToken);
        }
    }

    /// <summary>Creates and fills a job for the rows that are still open; closes nothing before the journal knows the job.</summary>
    private async Task<StepJournal> StartAsync(PlanStep step, StepJournal journal, List<StepRow> open, CancellationToken cancellationToken)
    {
        var claim = $"{journal.Attempt}-{journal.Settled.Length}";
        var upload = await UploadAsync(step, open, UploadBytes, cancellationToken);
        journal = journal with { Settled = [.. journal.Settled, .. upload.Refused, .. await ByRestAsync(step, upload, cancellationToken)] };
        if (step.Action == RestoreAction.Insert)
        {
            (upload, var standing) = await new StandingRecords(org, rows).AdoptAsync(step.Object, upload, cancellationToken);
            journal = journal with { Settled = [.. journal.Settled, .. standing] };
        }
        if (upload.Rows.Count > 0)
        {
            var operation = step.Action == RestoreAction.Insert ? IngestOperation.Insert : IngestOperation.Update;
            var jobId = await org.CreateIngestJobAsync(step.Object, operation, null, cancellationToken);
            await using (var csv = upload.ToCsv()) await org.UploadAsync(jobId, csv, cancellationToken);
            // Only the first claim of this piece of work counts, so that two workers with the same step can never have two jobs closed.
            journal = await records.ClaimAsync(step.Number, claim, journal with { IngestJobId = jobId, RowIds = [.. upload.Rows.Select(r => r.OldId)] }, cancellationToken);
            if (journal.IngestJobId != jobId) await org.AbortIngestJobAsync(jobId, cancellationToken);
        }
        await records.JournalAsync(step.Number, journal, cancellationToken);
        return journal;
    }

    private async Task<IReadOnlyList<RestoreOutcome>> ByRestAsync(PlanStep step, IngestUpload upload, CancellationToken cancellationToken)
    {
        var outcomes = new List<RestoreOutcome>();
        foreach (var chunk in upload.ByRest.Chunk(Org.MaxCollection))
            outcomes.AddRange(chunk.Zip(await org.UpdateManyAsync(step.Object, [.. chunk.Select(r => r.Fields)], cancellationToken), (row, result) => result.Success
                ? Done(step, upload, row.OldId, result.Id)
                : Failed(step, row.OldId, string.Join("; ", result.Errors.Select(e => $"{e.StatusCode}: {e.Message}")))));
        return outcomes;
    }

    /// <summary>What an abandoned run has created: its job is seen to its end if it was begun, and stopped if it was not.</summary>
    public async Task<IReadOnlyList<RestoreOutcome>> SettleAsync(PlanStep step, IReadOnlyList<StepRow> stepRows, CancellationToken cancellationToken)
    {
        var journal = await records.JournalAsync(step.Number, cancellationToken);
        if (journal.IngestJobId is not { } jobId || await org.GetIngestJobAsync(jobId, cancellationToken) is not { } job) return journal.Settled;
        if (job.State == BulkJobState.Open)
        {
            await org.AbortIngestJobAsync(jobId, cancellationToken);
            await records.JournalAsync(step.Number, new StepJournal { Attempt = journal.Attempt + 1, Settled = journal.Settled }, cancellationToken);
            return journal.Settled;
        }
        job = await org.WaitForIngestJobAsync(jobId, cancellationToken);
        return job is { State: BulkJobState.Failed, RecordsProcessed: 0 } ? journal.Settled : (await FinishAsync(step, stepRows, journal, cancellationToken)).Settled;
    }

    /// <summary>Sees the journalled job through to its results, whatever state an earlier process left it in.</summary>
    private async Task<StepJournal> FinishAsync(PlanStep step, IReadOnlyList<StepRow> stepRows, StepJournal journal, CancellationToken cancellationToken)
    {
        var jobId = journal.IngestJobId!;
        var state = await org.GetIngestJobAsync(jobId, cancellationToken) ?? throw new EngineException(
            $"Salesforce no longer knows bulk job {jobId}, whose rows may have been written.", "Make a new plan: it compares with the org as it is now.");
        if (state.State == BulkJobState.Open) await org.CloseIngestJobAsync(jobId, cancellationToken);
        var job = await org.WaitForIngestJobAsync(jobId, cancellationToken);

        var byId = stepRows.ToDictionary(r => r.Id, StringComparer.Ordinal);
        var upload = await UploadAsync(step, [.. journal.RowIds.Select(id => byId[id])], long.MaxValue, cancellationToken);
        var results = await ResultsAsync(step, upload, jobId, cancellationToken);
        if (results.Count == 0 && job.State == BulkJobState.Failed)
            throw new EngineException(
                // Only the kind of error: its text may quote a value, and this one ends up in MySQL.
                $"Salesforce refused the whole upload of step {step.Number} ({step.Object}): {job.ErrorMessage?.Split(':')[0].Trim() ?? "no reason given"}.",
                $"Bulk job {jobId} in Salesforce's set-up tells more. When the schema changed since the plan was made, make a new plan.");
        var again = journal.Attempt < Attempts ? results.Where(IsLockError).Select(o => o.OldId).ToHashSet(StringComparer.Ordinal) : [];
        var unfinished = again.Count > 0 || results.Count < journal.RowIds.Length;
        journal = new StepJournal
        {
            Attempt = journal.Attempt + (unfinished ? 1 : 0),
            Settled = [.. journal.Settled, .. results.Where(o => !again.Contains(o.OldId))],
        };
        await records.JournalAsync(step.Number, journal, cancellationToken);
        return journal;
    }

    private static bool IsLockError(RestoreOutcome outcome) => outcome.Error?.StartsWith("UNABLE_TO_LOCK_ROW", StringComparison.Ordinal) == true;

    private static RestoreOutcome Done(PlanStep step, IngestUpload upload, string oldId, string? newId) => upload.Shortcomings.TryGetValue(oldId, out var less)
        ? new(step.Object, oldId, newId, step.Action.ToString(), "failed", less)
        : new(step.Object, oldId, newId, step.Action.ToString(), "done", null);

    private static RestoreOutcome Failed(PlanStep step, string id, string error) => new(step.Object, id, null, step.Action.ToString(), "failed", error);

    private async Task<IngestUpload> UploadAsync(PlanStep step, IReadOnlyList<StepRow> stepRows, long bytes, CancellationToken cancellationToken)
    {
        var chosen = new List<StepRow>();
        var found = new Dictionary<string, StoredRecord>(StringComparer.Ordinal);
        foreach (var chunk in stepRows.Chunk(LookupRows))
        {
            foreach (var (id, record) in await rows.RecordsAsync(step.Object, chunk.Select(r => r.Id), cancellationToken)) found[id] = record;
            foreach (var row in chunk.TakeWhile(_ => bytes > 0))
            {
                chosen.Add(row);
                bytes -= Enumerable.Range(0, found[row.Id].Columns.Count).Sum(i => (long)Encoding.UTF8.GetByteCount(found[row.Id].Value(i) ?? ""));
            }
            if (bytes <= 0) break;
        }
        foreach (var id in found.Keys.Except(chosen.Select(r => r.Id)).ToList()) found.Remove(id);
        return step.Action == RestoreAction.Insert
            ? IngestUpload.Insert(step.Object, chosen, found, rows)
            : IngestUpload.Update(step.Object, chosen, found, rows, restorability);
    }

    private async Task<List<RestoreOutcome>> ResultsAsync(PlanStep step, IngestUpload upload, string jobId, CancellationToken cancellationToken)
    {
        var outcomes = new List<RestoreOutcome>(upload.Rows.Count);
        var matcher = upload.Matcher();
        foreach (var kind in new[] { IngestResult.Successful, IngestResult.Failed })
        {
            await foreach (var batch in org.IngestResultsAsync(jobId, kind, cancellationToken))
            {
                for (var row = 0; row < batch.Count; row++)
                {
                    var oldId = matcher.Take(batch, row) ?? throw new EngineException(
                        $"Salesforce reported a row of step {step.Number} ({step.Object}) that was not sent.",
                        $"Look at bulk job {jobId} in Salesforce's set-up; then make a new plan.");
                    outcomes.Add(kind == IngestResult.Successful
                        ? Done(step, upload, oldId, batch.Text(row, 0))
                        : Failed(step, oldId, batch.Text(row, 1)));
                }
            }
        }
        return outcomes;
    }
}
