using System.Text.Json;
using OrgSimulator.Rest;

namespace OrgSimulator.Metadata;

/// <summary>The REST side of the Metadata API: deployments only, there is no REST retrieve.</summary>
public sealed class MetadataResource(MetadataJobs jobs)
{
    public ApiAnswer Handle(ApiRequest request)
    {
        var path = request.Path;
        if (path.Count < 2 || !path[1].Equals("deployRequest", StringComparison.OrdinalIgnoreCase)) throw ApiException.NotFound;
        if (path.Count == 2) return request.Method == "POST" ? Start(request) : throw ApiException.NotAllowed(request.Method, "POST");
        var job = jobs.Find(path[2]) ?? throw ApiException.NotFound;
        switch (request.Method)
        {
            case "GET":
                job.Check();
                return Result(job, request.Query.TryGetValue("includeDetails", out var details) && details.Equals("true", StringComparison.OrdinalIgnoreCase), 200);
            case "PATCH":
                if (request.Json().GetProperty("deployResult").GetProperty("status").GetString() != "Canceling") throw new ApiException(400, "INVALID_INPUT", "The status can be set to Canceling only");
                if (!job.Cancel()) throw new ApiException(400, "INVALID_ID_FIELD", "Deployment already completed");
                return Result(job, false, 202);
            default: throw ApiException.NotAllowed(request.Method, "GET, PATCH");
        }
    }

    private ApiAnswer Start(ApiRequest request)
    {
        if (request.ContentType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) != true)
            throw new ApiException(415, "UNSUPPORTED_MEDIA_TYPE", "The deployRequest resource takes multipart/form-data only");
        var parts = Multipart.Parts(request);
        var settings = parts.Find(part => part.FileName is null && part.ContentType?.StartsWith("application/json", StringComparison.OrdinalIgnoreCase) == true)
            ?? parts.Find(part => part.Name is "json" or "entity_content") ?? throw new ApiException(400, "INVALID_MULTIPART_REQUEST", "The part with the deployOptions is missing");
        var zip = parts.Find(part => part != settings) ?? throw new ApiException(400, "INVALID_MULTIPART_REQUEST", "The part with the zip file is missing");
        var given = (request with { Body = settings.Content }).Json();
        var options = given.TryGetProperty("deployOptions", out var found) ? found : throw new ApiException(400, "JSON_PARSER_ERROR", "deployOptions is missing");
        bool On(string name) => options.TryGetProperty(name, out var flag) && flag.ValueKind == JsonValueKind.True;
        return Result(jobs.Deploy(zip.Content.ToArray(), new DeployOptions(On("checkOnly"), On("rollbackOnError"), On("singlePackage"), On("purgeOnDelete"), On("ignoreWarnings"))), false, 201, options);
    }

    private ApiAnswer Result(MetadataJob job, bool details, int status, JsonElement? options = null) => ApiAnswer.Of(json =>
    {
        json.WriteStartObject();
        json.WriteString("id", job.Id);
        if (options is { } given)
        {
            json.WritePropertyName("deployOptions");
            given.WriteTo(json);
        }
        json.WriteString("validatedDeployRequestId", (string?)null);
        json.WritePropertyName("deployResult");
        new DeployResult(job, jobs.Store, details).Write(json);
        json.WriteEndObject();
    }, status);
}
