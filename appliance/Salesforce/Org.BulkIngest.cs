using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Appliance.Salesforce;

public sealed partial class Org
{
    private static readonly TimeSpan UploadWithin = TimeSpan.FromMinutes(30);

    /// <summary>Creates an open ingest job and gives its id. An open job without data does nothing and is dropped after a day, so the call is repeated.</summary>
    public async Task<string> CreateIngestJobAsync(string objectName, IngestOperation operation, string? externalIdField, CancellationToken cancellationToken)
    {
        var name = operation switch
        {
            IngestOperation.Insert => "insert",
            IngestOperation.Update => "update",
            IngestOperation.Upsert => "upsert",
            IngestOperation.Delete => "delete",
            IngestOperation.HardDelete => "hardDelete",
        };
        var job = new Dictionary<string, string>
        {
            ["object"] = objectName, ["operation"] = name, ["contentType"] = "CSV", ["columnDelimiter"] = "COMMA", ["lineEnding"] = "LF",
        };
        if (externalIdField is not null)
            job["externalIdFieldName"] = externalIdField;
        await EnterBulkAsync(Budget.Ingests, $"Creating a Bulk {name} of {objectName}", cancellationToken);
        var id = await _channel.ReadAsync(
            new(HttpMethod.Post, "jobs/ingest", $"Creating a Bulk {name} of {objectName}") { Content = _ => JsonContent.Create(job), Writes = true },
            IdAsync, cancellationToken);
        _log.JobCreated(id, name, objectName);
        return id;
    }

    /// <summary>Sends the whole CSV (at most 100 MB), once per job. A seekable stream is sent again after a broken connection; the stream stays open.</summary>
    public async Task UploadAsync(string jobId, Stream csv, CancellationToken cancellationToken)
    {
        var start = csv.CanSeek ? csv.Position : 0;
        var attempts = 0;
        var call = new OrgCall(HttpMethod.Put, $"jobs/ingest/{jobId}/batches", "Uploading to a Bulk job")
        {
            Content = _ =>
            {
                attempts++;
                return StreamPart.Of(csv, start, csv.CanSeek ? csv.Length - start : null, "text/csv");
            },
            Upload = true,
            ContentRepeats = csv.CanSeek,
            Repeat = csv.CanSeek ? Repeat.Safe : Repeat.Never,
            AnswerWithin = UploadWithin,
        };
        try
        {
            await _channel.SendAsync(call, cancellationToken);
        }
        catch (SalesforceException e) when (attempts > 1 && e.StatusCode is 400 && SaysUploadedBefore(e.Message))
        {
            // The first attempt had arrived whole; only its answer was lost.
        }
    }

    /// <summary>Lets the org begin. A job that has begun already is fine.</summary>
    public async Task CloseIngestJobAsync(string jobId, CancellationToken cancellationToken)
    {
        try
        {
            await PatchIngestAsync(jobId, "UploadComplete", "Starting a Bulk job", cancellationToken);
        }
        catch (SalesforceException e) when (e.StatusCode is 400 or 409)
        {
            if (await GetIngestJobAsync(jobId, cancellationToken) is not { State: BulkJobState.UploadComplete or BulkJobState.InProgress or BulkJobState.JobComplete })
                throw;
        }
    }

    /// <summary>Stops a job. One that has ended or is gone is fine.</summary>
    public async Task AbortIngestJobAsync(string jobId, CancellationToken cancellationToken)
    {
        try
        {
            await PatchIngestAsync(jobId, "Aborted", "Aborting a Bulk job", cancellationToken);
        }
        catch (SalesforceException e) when (e.StatusCode is 400 or 404 or 409)
        {
            if (await GetIngestJobAsync(jobId, cancellationToken) is { Ended: false })
                throw;
        }
    }

    /// <summary>The job as it stands; null when the org no longer knows it.</summary>
    public Task<IngestJob?> GetIngestJobAsync(string jobId, CancellationToken cancellationToken) =>
        OrNullAsync(() => _channel.ReadAsync(new(HttpMethod.Get, $"jobs/ingest/{jobId}", "Looking at a Bulk job"), async (answer, token) =>
        {
            using var document = await answer.DocumentAsync(token);
            var root = document.RootElement;
            var operation = Enum.TryParse<IngestOperation>(Text(root, "operation"), ignoreCase: true, out var known)
                ? known : throw new JsonException("The job has no known operation.");
            return new IngestJob(jobId, Text(root, "object") ?? "", operation, State(root),
                Number(root, "numberRecordsProcessed"), Number(root, "numberRecordsFailed"), Text(root, "errorMessage"));
        }, cancellationToken));

    /// <summary>Waits for the job's end, whatever it is: look at its state, and at the failed rows even when it is complete.</summary>
    /// <exception cref="SalesforceException">The job is gone (404).</exception>
    public async Task<IngestJob> WaitForIngestJobAsync(string jobId, CancellationToken cancellationToken)
    {
        await foreach (var _ in PollAsync(cancellationToken))
        {
            var job = await GetIngestJobAsync(jobId, cancellationToken) ?? throw Gone("ingest", jobId);
            if (!job.Ended)
                continue;
            _log.JobEnded(jobId, job.State.ToString(), job.RecordsProcessed, job.RecordsFailed);
            return job;
        }
        throw new InvalidOperationException("Polling never ends by itself.");
    }

    /// <summary>
    /// Rows of an ended job, in no promised order: <c>sf__Id</c>, then <c>sf__Created</c> or <c>sf__Error</c>, then the uploaded columns;
    /// unprocessed rows have the uploaded columns only. After a broken connection (transient failure) read them all again.
    /// </summary>
    public async IAsyncEnumerable<RecordBatch> IngestResultsAsync(string jobId, IngestResult kind, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var path = $"jobs/ingest/{jobId}/" + kind switch
        {
            IngestResult.Successful => "successfulResults",
            IngestResult.Failed => "failedResults",
            IngestResult.Unprocessed => "unprocessedrecords",
        };
        await foreach (var page in PagesAsync(path, null, 0, "Reading a Bulk job's results", cancellationToken))
            await foreach (var batch in page.Batches)
                yield return batch;
    }

    private static bool SaysUploadedBefore(string message) =>
        message.Contains("multiple contents", StringComparison.OrdinalIgnoreCase) || message.Contains("uploaded to this job already", StringComparison.OrdinalIgnoreCase);

    private Task PatchIngestAsync(string jobId, string state, string what, CancellationToken cancellationToken) =>
        _channel.SendAsync(new(HttpMethod.Patch, $"jobs/ingest/{jobId}", what) { Content = _ => JsonContent.Create(new { state }) }, cancellationToken);
}
