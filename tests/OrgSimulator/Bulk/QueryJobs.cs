using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using OrgSimulator.Csv;
using OrgSimulator.Generating;
using OrgSimulator.Rest;
using OrgSimulator.Schema;
using OrgSimulator.Soql;
using OrgSimulator.Store;

namespace OrgSimulator.Bulk;

/// <summary>Bulk API 2.0 query. A job holds a snapshot of the table, so its pages never change, and nothing else.</summary>
public sealed class QueryJobs(OrgStore store, SimulatorOptions options, JobNumbers numbers)
{
    private readonly ConcurrentDictionary<string, QueryJob> _jobs = new(StringComparer.Ordinal);

    private sealed class QueryJob
    {
        public required string Id { get; init; }
        public required string Operation { get; init; }
        public required QueryPlan Plan { get; init; }
        public required QueryResult? Rows { get; set; }
        public int Total => Rows?.Total ?? 0;
        public required JobFormat Format { get; init; }
        public required int Version { get; init; }
        public required uint Created { get; init; }
        public string State { get; set; } = "UploadComplete";
        public int PollsLeft { get; set; }
        public required JobFate Fate { get; init; }
    }

    /// <summary>Jobs made in the last 24 hours.</summary>
    public int Recent => _jobs.Values.Count(job => store.Now - job.Created < 86_400);

    public ApiAnswer Handle(ApiRequest request)
    {
        var path = request.Path;
        if (path.Count == 2)
            return request.Method switch
            {
                "POST" => Create(request),
                "GET" => List(request),
                _ => throw ApiException.NotAllowed(request.Method, "GET, POST"),
            };
        var job = SalesforceId.Complete(path[2]) is { } id && _jobs.TryGetValue(id, out var found) && store.Now - found.Created < JobNumbers.KeptSeconds ? found : throw ApiException.NotFound;
        if (path.Count == 3)
            return request.Method switch
            {
                "GET" => Info(job, Advance(job)),
                "PATCH" => Abort(request, job),
                "DELETE" => Delete(job),
                _ => throw ApiException.NotAllowed(request.Method, "GET, PATCH, DELETE"),
            };
        return path[3].ToLowerInvariant() switch
        {
            "results" => Results(request, job),
            "resultpages" => ResultPages(request, job),
            _ => throw ApiException.NotFound,
        };
    }

    private ApiAnswer Create(ApiRequest request)
    {
        var body = request.Json();
        var operation = JobFormat.Text(body, "operation") ?? throw new ApiException(400, "API_ERROR", "Missing required field: operation");
        if (operation is not ("query" or "queryAll")) throw new ApiException(400, "API_ERROR", $"Unsupported operation: {operation}");
        var soql = JobFormat.Text(body, "query") ?? throw new ApiException(400, "API_ERROR", "Missing required field: query");
        var format = JobFormat.Read(body);
        if (Recent >= options.BulkQueryJobLimit)
            throw new ApiException(400, "LIMIT_EXCEEDED", $"Max bulk v2 query jobs ({options.BulkQueryJobLimit}) per 24 hrs has been reached");
        var plan = BulkQuery.Plan(store, soql);
        var fate = store.Interference.Job(plan.Type);
        var job = new QueryJob
        {
            Id = numbers.Next(), Operation = operation, Plan = plan, Rows = new QueryResult(plan, store, operation == "queryAll"), Format = format, Version = request.Version,
            Created = store.Now, PollsLeft = options.InProgressPolls + fate.Polls, Fate = fate,
        };
        _jobs[job.Id] = job;
        return Info(job, false);
    }

    /// <returns>Whether progress figures are known.</returns>
    private static bool Advance(QueryJob job)
    {
        lock (job)
        {
            if (job.State is not ("UploadComplete" or "InProgress")) return true;
            job.State = job.PollsLeft-- > 0 ? "InProgress" : job.Fate.Failure is null ? "JobComplete" : "Failed";
            if (job.State == "Failed") job.Fate.Failed();
            if (job.State == "InProgress" && job.PollsLeft < job.Fate.Polls) job.Fate.Slowed();
            return true;
        }
    }

    private ApiAnswer Abort(ApiRequest request, QueryJob job)
    {
        if (JobFormat.Text(request.Json(), "state") != "Aborted") throw new ApiException(400, "INVALIDJOBSTATE", "Only the state Aborted can be set on a query job");
        lock (job)
        {
            if (job.State is "JobComplete" or "Failed") throw new ApiException(400, "INVALIDJOBSTATE", "Aborting already Completed Job not allowed");
            job.State = "Aborted";
            job.Rows = null;
        }
        return Info(job, true);
    }

    private ApiAnswer Delete(QueryJob job)
    {
        if (job.State is "UploadComplete" or "InProgress") throw new ApiException(400, "API_ERROR", "Error encountered when deleting the job because the job is not terminated");
        _jobs.TryRemove(job.Id, out _);
        return ApiAnswer.Nothing;
    }

    private ApiAnswer List(ApiRequest request) => JobNumbers.List(request, "V2Query", _jobs, (json, job) => Write(json, job, false, request.Version));

    private ApiAnswer Info(QueryJob job, bool progress) => ApiAnswer.Of(json => Write(json, job, progress, job.Version));

    private void Write(Utf8JsonWriter json, QueryJob job, bool progress, int version)
    {
        json.WriteStartObject();
        json.WriteString("id", job.Id);
        json.WriteString("operation", job.Operation);
        json.WriteString("object", job.Plan.Type.Name);
        json.WriteString("createdById", store.AdminId);
        json.WriteString("createdDate", FieldReader.RestDateTime(FieldReader.Stamp(job.Created)));
        json.WriteString("systemModstamp", FieldReader.RestDateTime(FieldReader.Stamp(store.Now)));
        json.WriteString("state", job.State);
        json.WriteString("concurrencyMode", "Parallel");
        json.WriteString("contentType", "CSV");
        json.WritePropertyName("apiVersion");
        json.WriteRawValue(version + ".0");
        if (progress) json.WriteString("jobType", "V2Query");
        json.WriteString("lineEnding", job.Format.LineEndingName);
        json.WriteString("columnDelimiter", job.Format.DelimiterName);
        if (progress)
        {
            json.WriteNumber("numberRecordsProcessed", job.State == "JobComplete" ? job.Total : 0);
            if (job is { State: "Failed", Fate.Failure: { } why }) json.WriteString("errorMessage", why);
            json.WriteNumber("retries", 0);
            json.WriteNumber("totalProcessingTime", 100);
            json.WriteBoolean("isPkChunkingSupported", IsCut(job));
        }
        json.WriteEndObject();
    }

    private ApiAnswer Results(ApiRequest request, QueryJob job)
    {
        MustBeReadable(request, job);
        var offset = request.Query.TryGetValue("locator", out var locator) && locator is not ("" or "null") ? Locator.Read(job.Id, locator) : 0;
        var most = PageAt(job, offset);
        var size = Math.Min(JobFormat.Number(request, "maxRecords", most), most);
        var count = Math.Max(0, Math.Min(size, job.Total - offset));
        var answer = new ApiAnswer(200) { ContentType = "text/csv", Stream = (body, cancellationToken) => WriteRowsAsync(job, offset, count, body, cancellationToken) };
        answer.Headers["Sforce-NumberOfRecords"] = count.ToString(CultureInfo.InvariantCulture);
        answer.Headers["Sforce-Locator"] = offset + count < job.Total ? Locator.Write(job.Id, offset + count) : "null";
        return answer;
    }

    private ApiAnswer ResultPages(ApiRequest request, QueryJob job)
    {
        MustBeReadable(request, job);
        var offset = request.Query.TryGetValue("locator", out var locator) ? Locator.Read(job.Id, locator) : 0;
        var own = $"{request.Base}/jobs/query/{job.Id}";
        return ApiAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("resultPages");
            for (var page = 0; page < 5 && (offset < job.Total || offset == 0 && page == 0); page++, offset += PageAt(job, offset))
            {
                json.WriteStartObject();
                json.WriteString("resultUrl", offset == 0 ? own + "/results" : $"{own}/results?locator={Locator.Write(job.Id, offset)}");
                json.WriteEndObject();
            }
            json.WriteEndArray();
            var more = offset < job.Total;
            json.WriteString("nextRecordsUrl", more ? $"{own}/resultPages?locator={Locator.Write(job.Id, offset)}" : null);
            json.WriteBoolean("done", !more);
            json.WriteEndObject();
        });
    }

    private static bool IsCut(QueryJob job) => job.Plan.Order.Count == 0 && job.Plan.Limit is null;

    private int PageAt(QueryJob job, int offset) => options.UnevenPages && IsCut(job)
        ? Math.Max(1, options.BulkPageSize - Dice.For(options.Seed, "page").Roll(0, offset, options.BulkPageSize / 2 + 1)) : options.BulkPageSize;

    private static void MustBeReadable(ApiRequest request, QueryJob job)
    {
        if (request.Version != job.Version)
            throw new ApiException(409, "API_ERROR", $"The job was created with API version {job.Version}.0; read its results with the same version");
        if (job.State != "JobComplete")
            throw new ApiException(412, "JOB_NOT_COMPLETE", "can only download query results of successfully completed bulk job with status: JOB_COMPLETE. Current status: "
                + (job.State == "InProgress" ? "IN_PROGRESS" : job.State.ToUpperInvariant()));
    }

    private async Task WriteRowsAsync(QueryJob job, int offset, int count, Stream body, CancellationToken cancellationToken)
    {
        var writer = new CsvWriter(body, (byte)job.Format.Delimiter, job.Format.LineEnd);
        var paths = job.Plan.FlatPaths!.Where(path => !path.Leaf.Type.IsCompound()).ToArray();     // FIELDS(STANDARD) names compounds, too
        foreach (var path in paths) writer.Cell(path.Text);
        await writer.EndRowAsync(cancellationToken);
        foreach (var row in job.Rows?.From(offset).Take(count) ?? [])
        {
            foreach (var path in paths) Cell(writer, path, row);
            await writer.EndRowAsync(cancellationToken);
        }
        await writer.FlushAsync(cancellationToken);
    }

    private void Cell(CsvWriter writer, BoundPath path, Row row)
    {
        switch (path.Hops.Count == 0 ? path.Leaf.Source : FieldSource.Slot)
        {
            case FieldSource.Id when path.Root.KeyPrefix is { } prefix && row.IsGenerated: writer.Id(prefix, store.Instance, row.Number); break;
            case FieldSource.CreatedDate: writer.Stamp(row.Created); break;
            case FieldSource.LastModifiedDate: writer.Stamp(row.Modified); break;
            case FieldSource.SystemModstamp: writer.Stamp(row.Modstamp); break;
            default: writer.Cell(path.Read(store, row)); break;
        }
    }
}
