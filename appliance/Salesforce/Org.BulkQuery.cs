using System.Globalization;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Appliance.Salesforce;

public sealed partial class Org
{
    // Small jobs are done within a second; after that every look costs one of the org's API calls.
    private static readonly double[] PollSeconds = [0.2, 0.5, 1, 2, 3, 5, 8, 13, 21, 30];
    private static readonly TimeSpan SlowPoll = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SlowAfter = TimeSpan.FromMinutes(10);

    /// <summary>Creates a Bulk API 2.0 query job and gives its id. Posting it twice would only leave an unread job behind, so it is repeated.</summary>
    /// <exception cref="SalesforceException"><see cref="SalesforceException.BulkUnsupported"/> tells that REST can read it instead.</exception>
    public async Task<string> CreateQueryJobAsync(string soql, bool includeDeleted, CancellationToken cancellationToken)
    {
        var objectName = SelectList.Parse(soql).ObjectName;
        var operation = includeDeleted ? "queryAll" : "query";
        await EnterBulkAsync(Budget.Queries, $"Creating a Bulk query of {objectName}", cancellationToken);
        var id = await _channel.ReadAsync(
            new(HttpMethod.Post, "jobs/query", $"Creating a Bulk query of {objectName}")
            {
                Content = _ => JsonContent.Create(new { operation, query = soql, contentType = "CSV", columnDelimiter = "COMMA", lineEnding = "LF" }),
                AnswerWithin = OrgCall.Long,
            },
            IdAsync, cancellationToken);
        _log.JobCreated(id, operation, objectName);
        return id;
    }

    /// <summary>The job as it stands; null when the org no longer knows it.</summary>
    public Task<QueryJob?> GetQueryJobAsync(string jobId, CancellationToken cancellationToken) =>
        OrNullAsync(() => _channel.ReadAsync(new(HttpMethod.Get, $"jobs/query/{jobId}", "Looking at a Bulk query"), async (answer, token) =>
        {
            using var document = await answer.DocumentAsync(token);
            var root = document.RootElement;
            return new QueryJob(jobId, Text(root, "object") ?? "", State(root), Number(root, "numberRecordsProcessed"), Text(root, "errorMessage"));
        }, cancellationToken));

    /// <summary>Waits until the job is complete, looking soon at first and every 30 s (later 60 s) in the end.</summary>
    /// <param name="jobId">As <see cref="CreateQueryJobAsync"/> gave it.</param>
    /// <param name="records">Told the rows the org has gathered so far.</param>
    /// <param name="cancellationToken">Stops the waiting; the job runs on.</param>
    /// <exception cref="SalesforceException">The job failed, was aborted, or is gone (404).</exception>
    public async Task<QueryJob> WaitForQueryJobAsync(string jobId, IProgress<long>? records, CancellationToken cancellationToken)
    {
        await foreach (var _ in PollAsync(cancellationToken))
        {
            var job = await GetQueryJobAsync(jobId, cancellationToken) ?? throw Gone("query", jobId);
            records?.Report(job.RecordsProcessed);
            if (job.State is not (BulkJobState.JobComplete or BulkJobState.Failed or BulkJobState.Aborted))
                continue;
            _log.JobEnded(jobId, job.State.ToString(), job.RecordsProcessed, 0);
            if (job.State is BulkJobState.JobComplete)
                return job;
            throw new SalesforceException(FailureKind.Permanent,
                $"The Bulk query of {job.ObjectName} ended as {job.State}{(job.ErrorMessage is { Length: > 0 } cause ? $": {cause}" : ".")}",
                "Read the object through REST, or in smaller ranges.", SalesforceException.JobFailed);
        }
        throw new InvalidOperationException("Polling never ends by itself.");
    }

    /// <summary>The pages of a complete job, from a locator met earlier or from the start.</summary>
    /// <param name="jobId">A complete query job.</param>
    /// <param name="fromLocator">Null for the first page.</param>
    /// <param name="maxRecords">Rows a page; 0 leaves it to the org.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public IAsyncEnumerable<BulkPage> QueryPagesAsync(string jobId, string? fromLocator, int maxRecords, CancellationToken cancellationToken) =>
        PagesAsync($"jobs/query/{jobId}/results", fromLocator, maxRecords, "Reading a Bulk query's result", cancellationToken);

    /// <summary>Gives the job and its result back to the org. An unfinished job is aborted first; one that is gone is fine.</summary>
    public async Task DeleteQueryJobAsync(string jobId, CancellationToken cancellationToken)
    {
        var delete = new OrgCall(HttpMethod.Delete, $"jobs/query/{jobId}", "Deleting a Bulk query");
        try
        {
            await _channel.SendAsync(delete, cancellationToken);
            return;
        }
        catch (SalesforceException e) when (e.StatusCode is 404)
        {
            return;
        }
        catch (SalesforceException e) when (e.StatusCode is 400)
        {
            // not terminated yet
        }
        try
        {
            await _channel.SendAsync(new(HttpMethod.Patch, $"jobs/query/{jobId}", "Aborting a Bulk query")
            {
                Content = _ => JsonContent.Create(new { state = "Aborted" }),
            }, cancellationToken);
            await _channel.SendAsync(delete, cancellationToken);
        }
        catch (SalesforceException e) when (e.StatusCode is 400 or 404)
        {
            _log.JobLeft(jobId, e.Message);
        }
    }

    private async IAsyncEnumerable<BulkPage> PagesAsync(
        string path, string? locator, int maxRecords, string what, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var query = string.Join('&', new[]
            {
                locator is null ? null : $"locator={Uri.EscapeDataString(locator)}",
                maxRecords > 0 ? string.Create(CultureInfo.InvariantCulture, $"maxRecords={maxRecords}") : null,
            }.Where(p => p is not null));
            var call = new OrgCall(HttpMethod.Get, query.Length == 0 ? path : $"{path}?{query}", what) { Accept = "text/csv", AnswerWithin = OrgCall.Long };
            using var answer = await _channel.OpenAsync(call, cancellationToken);
            // A page of words from something in the org's place would read as a result without rows.
            if (answer.MediaType is { } media && !media.EndsWith("/csv", StringComparison.OrdinalIgnoreCase) && answer.Header("Sforce-NumberOfRecords") is null)
                throw new SalesforceException(FailureKind.Transient, $"{what} failed: the answer is {media}, not CSV.",
                    "Nothing to do: it is tried again. If it keeps failing, check whether a proxy answers in the org's place.", statusCode: 200);
            var page = new BulkPage(answer, locator, what, cancellationToken);
            yield return page;
            if (!page.Drained)
                throw new InvalidOperationException("Read the page's batches to the end before asking for the next page.");
            if (page.NextLocator is null)
                yield break;
            if (page.NextLocator == locator)
                throw new SalesforceException(FailureKind.Transient, $"{what} failed: the org names the same page as the next one.", "Nothing to do: the page is read again.");
            locator = page.NextLocator;
        }
    }

    private async IAsyncEnumerable<int> PollAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var begin = _time.GetTimestamp();
        for (var poll = 0; ; poll++)
        {
            var wait = _time.GetElapsedTime(begin) > SlowAfter ? SlowPoll : TimeSpan.FromSeconds(PollSeconds[Math.Min(poll, PollSeconds.Length - 1)]);
            await Task.Delay(wait, _time, cancellationToken);
            yield return poll;
        }
    }

    private static async Task<T?> OrNullAsync<T>(Func<Task<T>> read)
        where T : class
    {
        try
        {
            return await read();
        }
        catch (SalesforceException e) when (e.StatusCode is 404)
        {
            return null;
        }
    }

    private static SalesforceException Gone(string kind, string jobId) => new(FailureKind.Permanent,
        $"The Bulk {kind} job {jobId} is gone: the org keeps jobs for seven days.", "Start the job again.", "NOT_FOUND", 404);

    private static async Task<string> IdAsync(OrgAnswer answer, CancellationToken cancellationToken)
    {
        using var document = await answer.DocumentAsync(cancellationToken);
        return Text(document.RootElement, "id") ?? throw new JsonException("The answer has no id.");
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static long Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number ? value.GetInt64() : 0;

    private static BulkJobState State(JsonElement job) =>
        Enum.TryParse<BulkJobState>(Text(job, "state"), out var state) ? state : throw new JsonException("The job has no known state.");
}
