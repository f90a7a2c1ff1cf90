using OrgSimulator.Bulk;
using OrgSimulator.Metadata;
using OrgSimulator.Rules;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>Finds the resource that a path under /services/data/vXX.0 names.</summary>
public sealed class RestApi
{
    private readonly QueryResource _queries;
    private readonly SObjectResource _objects;
    private readonly CompositeResource _composite;
    private readonly SearchResource _search;
    private readonly OrgResources _org;
    private readonly ToolingResource _tooling;
    private readonly QueryJobs _queryJobs;
    private readonly IngestJobs _ingestJobs;

    private readonly MetadataResource _metadata;

    public RestApi(Dml dml, SimulatorOptions options, ApiMeter meter, MetadataResource metadata)
    {
        _metadata = metadata;
        _queries = new QueryResource(dml.Store, new Cursors(dml.Store));
        _objects = new SObjectResource(dml, options);
        _composite = new CompositeResource(dml, meter, Handle);
        _search = new SearchResource(dml.Store, Handle);
        _tooling = new ToolingResource(dml.Store);
        var jobs = new JobNumbers(dml.Store);
        _queryJobs = new QueryJobs(dml.Store, options, jobs);
        _ingestJobs = new IngestJobs(dml, options, jobs);
        _org = new OrgResources(dml.Store, options, meter, _queryJobs, _ingestJobs);
    }

    /// <summary>Answers one call; refusals come back as answers, too.</summary>
    public ApiAnswer Handle(ApiRequest request)
    {
        SaveHeaders.Set(request.Header);
        try
        {
            // For those whose network lets no PATCH through.
            if (request.Method == "POST" && request.Query.TryGetValue("_HttpMethod", out var meant)) request = request with { Method = meant.ToUpperInvariant() };
            if (request.Body.Length > 0 && request.ContentType is { } type && !IsReadable(type))
                throw new ApiException(415, "UNSUPPORTED_MEDIA_TYPE", $"Content-Type '{type}' not supported; bodies are JSON, multipart or, for bulk data, CSV");
            return Route(request);
        }
        catch (ApiException failure)
        {
            return failure.Answer();
        }
        catch (Exception problem) when (problem is KeyNotFoundException or InvalidOperationException or System.Text.Json.JsonException or FormatException)
        {
            // A body of the wrong shape: the readers of JSON say so in many ways.
            return ApiAnswer.Failure(400, "JSON_PARSER_ERROR", problem.Message);
        }
    }

    private static bool IsReadable(string contentType) => contentType.Split(';')[0].Trim().ToLowerInvariant() is "" or "application/json" or "text/json" or "text/csv" or "application/zip"
        || contentType.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase);

    private ApiAnswer Route(ApiRequest request)
    {
        if (request.Version is >= 21 and < 31) throw new ApiException(410, "GONE", "The requested resource is no longer available");      // retired in Summer '25
        if (request.Version is < 31 or > 68) throw ApiException.NotFound;
        if (request.Path.Count == 0) return _org.Resources(request);
        return request.Path[0].ToLowerInvariant() switch
        {
            "query" or "queryall" => _queries.Handle(request),
            "sobjects" => _objects.Handle(request),
            "composite" => _composite.Handle(request),
            "limits" => _org.Limits(request),
            "metadata" => _metadata.Handle(request),
            "tooling" => _tooling.Handle(request),
            "search" => _search.Sosl(request),
            "parameterizedsearch" => _search.Parameterized(request),
            "recent" => ApiAnswer.Of(json =>
            {
                json.WriteStartArray();
                json.WriteEndArray();
            }),
            "jobs" when request.Path.Count > 1 => request.Path[1].ToLowerInvariant() switch
            {
                "query" => _queryJobs.Handle(request),
                "ingest" => _ingestJobs.Handle(request),
                _ => throw ApiException.NotFound,
            },
            _ => throw ApiException.NotFound,
        };
    }
}
