using System.Collections.Concurrent;
using System.Text.Json;
using OrgSimulator.Csv;
using OrgSimulator.Rest;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Bulk;

/// <summary>Bulk API 2.0 ingest.</summary>
public sealed class IngestJobs(Dml dml, SimulatorOptions options, JobNumbers numbers)
{
    private const int DoneWithinTheCall = 1 << 20;
    private readonly ConcurrentDictionary<string, IngestJob> _jobs = new(StringComparer.Ordinal);
    private readonly OrgStore _store = dml.Store;

    /// <summary>Batches of 10,000 rows in the last 24 hours: they come out of the pool that both Bulk APIs share.</summary>
    public int Batches => _jobs.Values.Where(job => _store.Now - job.Created < 86_400).Sum(job => (job.Outcomes.Count + 9_999) / 10_000);

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
        var job = SalesforceId.Complete(path[2]) is { } id && _jobs.TryGetValue(id, out var found) && _store.Now - found.Created < JobNumbers.KeptSeconds ? found : throw ApiException.NotFound;
        if (path.Count == 3)
            return request.Method switch
            {
                "GET" => Poll(job),
                "PATCH" => Patch(request, job),
                "DELETE" => Delete(job),
                _ => throw ApiException.NotAllowed(request.Method, "GET, PATCH, DELETE"),
            };
        return (path[3].ToLowerInvariant(), request.Method) switch
        {
            ("batches", "PUT") => Upload(request, job),
            ("successfulresults", "GET") => Results(request, job, ["sf__Id", "sf__Created"],
                job.Outcomes.Where(outcome => outcome.Result.Success).Select(outcome => (outcome.Raw, new[] { outcome.Result.Id!, outcome.Result.Created ? "true" : "false" }))),
            ("failedresults", "GET") => Results(request, job, ["sf__Id", "sf__Error"],
                job.Outcomes.Where(outcome => !outcome.Result.Success).Select(outcome => (outcome.Raw, new[] { outcome.Result.Id ?? "", Text(outcome.Result.Error!) }))),
            ("unprocessedrecords", "GET") => Results(request, job, [], job.Unprocessed.Select(raw => (raw, Array.Empty<string>()))),
            _ => throw ApiException.NotFound,
        };
    }

    /// <summary><c>CODE:message:field field --</c></summary>
    public static string Text(SaveError error) => $"{error.Code}:{error.Message}:{string.Join(' ', error.Fields)} --";

    private ApiAnswer Create(ApiRequest request)
    {
        ReadOnlyMemory<byte> content = default;
        JsonElement body;
        if (request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true)
        {
            var parts = Multipart.Parts(request);
            body = (request with { Body = parts.Find(part => part.Name == "job")?.Content ?? throw new ApiException(400, "INVALIDJOB", "The part job is missing") }).Json();
            content = parts.Find(part => part.Name == "content")?.Content ?? default;
        }
        else body = request.Json();
        var objectName = JobFormat.Text(body, "object") ?? throw new ApiException(400, "INVALIDJOB", "Missing required field: object");
        var type = _store.Schema.Find(objectName) ?? throw new ApiException(400, "INVALIDJOB", $"Unable to find object: {objectName}");
        if (type.BulkRefused) throw new ApiException(400, "INVALIDENTITY", $"Entity '{type.Name}' is not supported by the Bulk API.");
        var operation = JobFormat.Text(body, "operation");
        if (operation is not ("insert" or "update" or "upsert" or "delete" or "hardDelete")) throw new ApiException(400, "INVALIDJOB", $"Unsupported operation: {operation}");
        if (type.Fields.Any(field => field.Type == FieldType.Base64) && operation is "insert" && type.Name == "Attachment" && content.Length > 0)
            throw new ApiException(400, "INVALIDENTITY", $"Entity '{type.Name}' is not supported by the Bulk API.");
        if (operation == "hardDelete" && !options.BulkHardDelete)
            throw new ApiException(400, "FEATURENOTENABLED", "hardDelete operation requires special user profile permission, please contact your system administrator");
        if (content.Length > 100_000) throw new ApiException(400, "LIMIT_EXCEEDED", "The content of a multipart request must not have more than 100,000 characters");
        Field? key = null;
        if (operation == "upsert")
        {
            var keyName = JobFormat.Text(body, "externalIdFieldName") ?? throw new ApiException(400, "INVALIDJOB", "External ID was blank for Bulk Upsert");
            key = type.Find(keyName) is { } found && (found.ExternalId || found.IdLookup) ? found
                : throw new ApiException(400, "INVALIDJOB", $"Field name provided, {keyName} is not an External ID or indexed field for {type.Name}");
        }
        var fate = _store.Interference.Job(type);
        var job = new IngestJob
        {
            Id = numbers.Next(), Type = type, Operation = operation, Key = key, Format = JobFormat.Read(body), Version = request.Version, Created = _store.Now,
            AssignmentRuleId = JobFormat.Text(body, "assignmentRuleId"), PollsLeft = options.InProgressPolls + fate.Polls, Fate = fate,
        };
        _jobs[job.Id] = job;
        if (content.Length > 0)
        {
            job.Content = content.ToArray();
            Start(job);
        }
        return Info(job, false);
    }

    private static ApiAnswer Upload(ApiRequest request, IngestJob job)
    {
        lock (job)
        {
            if (job.State != "Open") throw new ApiException(400, "INVALIDJOBSTATE", $"Job state is {job.State}; data can be uploaded to an open job only");
            if (job.Content is not null) throw new ApiException(400, "INVALIDJOBSTATE", "Data has been uploaded to this job already");
            if (request.Body.Length > 150_000_000) throw new ApiException(400, "LIMIT_EXCEEDED", "The data of a job must not be larger than 150 MB");
            job.Content = request.Body.ToArray();
        }
        return new ApiAnswer(201);
    }

    private ApiAnswer Patch(ApiRequest request, IngestJob job)
    {
        var wanted = JobFormat.Text(request.Json(), "state");
        lock (job)
        {
            switch (wanted)
            {
                case "UploadComplete" when job.State == "Open":
                    Start(job);
                    break;
                case "UploadComplete":
                    throw new ApiException(400, "INVALIDJOBSTATE", $"Closing a job that is not open is not allowed; the job is {job.State}");
                case "Aborted" when job.State is "Open" or "UploadComplete" or "InProgress":
                    job.State = "Aborted";
                    break;
                case "Aborted":
                    throw new ApiException(400, "INVALIDJOBSTATE", "Aborting already Completed Job not allowed");
                default:
                    throw new ApiException(400, "INVALIDJOBSTATE", $"The state of a job cannot be set to {wanted}");
            }
        }
        return Info(job, false, wanted == "UploadComplete" ? "UploadComplete" : null);
    }

    /// <summary>Small jobs are done before the answer goes out, so that a test polls once; large ones in the background.</summary>
    private void Start(IngestJob job)
    {
        job.State = "InProgress";
        job.Content ??= [];
        if (job.Content.Length <= DoneWithinTheCall) job.Process(dml);
        else job.Work = Task.Run(() => job.Process(dml));
    }

    private ApiAnswer Poll(IngestJob job)
    {
        lock (job)
        {
            if (job.State == "InProgress" && job.Work.IsCompleted)
            {
                if (job.PollsLeft-- <= 0) job.State = "JobComplete";
                else if (job.PollsLeft < job.Fate.Polls) job.Fate.Slowed();
            }
        }
        return Info(job, true);
    }

    private ApiAnswer Delete(IngestJob job)
    {
        if (job.State is "UploadComplete" or "InProgress") throw new ApiException(400, "API_ERROR", "Error encountered when deleting the job because the job is not terminated");
        _jobs.TryRemove(job.Id, out _);
        return ApiAnswer.Nothing;
    }

    private ApiAnswer List(ApiRequest request) => JobNumbers.List(request, "V2Ingest", _jobs, (json, job) => Write(json, job, false, null));

    private ApiAnswer Info(IngestJob job, bool progress, string? state = null) => ApiAnswer.Of(json => Write(json, job, progress, state));

    private void Write(Utf8JsonWriter json, IngestJob job, bool progress, string? state)
    {
        json.WriteStartObject();
        json.WriteString("id", job.Id);
        json.WriteString("operation", job.Operation);
        json.WriteString("object", job.Type.Name);
        json.WriteString("createdById", _store.AdminId);
        json.WriteString("createdDate", FieldReader.RestDateTime(FieldReader.Stamp(job.Created)));
        json.WriteString("systemModstamp", FieldReader.RestDateTime(FieldReader.Stamp(_store.Now)));
        json.WriteString("state", state ?? job.State);
        if (job.Key is not null) json.WriteString("externalIdFieldName", job.Key.Name);
        json.WriteString("concurrencyMode", "Parallel");
        json.WriteString("contentType", "CSV");
        json.WritePropertyName("apiVersion");
        json.WriteRawValue(job.Version + ".0");
        if (progress) json.WriteString("jobType", "V2Ingest");
        if (job.State == "Open") json.WriteString("contentUrl", $"services/data/v{job.Version}.0/jobs/ingest/{job.Id}/batches");
        json.WriteString("lineEnding", job.Format.LineEndingName);
        json.WriteString("columnDelimiter", job.Format.DelimiterName);
        if (job.AssignmentRuleId is not null) json.WriteString("assignmentRuleId", job.AssignmentRuleId);
        if (progress)
        {
            var done = job.State is "JobComplete" or "Failed" or "Aborted";
            json.WriteNumber("numberRecordsProcessed", done ? job.Outcomes.Count : 0);
            json.WriteNumber("numberRecordsFailed", done ? job.Failed : 0);
            json.WriteNumber("retries", 0);
            json.WriteNumber("totalProcessingTime", 100);
            json.WriteNumber("apiActiveProcessingTime", 80);
            json.WriteNumber("apexProcessingTime", 0);
            if (job.ErrorMessage is not null) json.WriteString("errorMessage", job.ErrorMessage);
        }
        json.WriteEndObject();
    }

    private ApiAnswer Results(ApiRequest request, IngestJob job, string[] own, IEnumerable<(ReadOnlyMemory<byte> Raw, string[] Own)> rows)
    {
        if (job.State is "Open" or "UploadComplete" or "InProgress")
            throw new ApiException(412, "JOB_NOT_COMPLETE", $"can only download results of a completed job. Current status: {job.State}");
        var all = rows.ToList();
        var offset = request.Query.TryGetValue("locator", out var locator) && locator is not ("" or "null") ? Locator.Read(job.Id, locator) : 0;
        var page = all.Skip(offset).Take(Math.Min(JobFormat.Number(request, "maxRecords", options.BulkPageSize), options.BulkPageSize)).ToList();
        var answer = new ApiAnswer(200)
        {
            ContentType = "text/csv",
            Stream = async (body, cancellationToken) =>
            {
                var writer = new CsvWriter(body, (byte)job.Format.Delimiter, job.Format.LineEnd);
                foreach (var name in own) writer.Cell(name);
                writer.Raw(job.Header.Span);
                await writer.EndRowAsync(cancellationToken);
                foreach (var (raw, cells) in page)
                {
                    foreach (var cell in cells) writer.Cell(cell);
                    writer.Raw(raw.Span);
                    await writer.EndRowAsync(cancellationToken);
                }
                await writer.FlushAsync(cancellationToken);
            },
        };
        answer.Headers["Sforce-NumberOfRecords"] = page.Count.ToString(System.Globalization.CultureInfo.InvariantCulture);
        answer.Headers["Sforce-Locator"] = offset + page.Count < all.Count ? Locator.Write(job.Id, offset + page.Count) : "null";
        return answer;
    }
}
