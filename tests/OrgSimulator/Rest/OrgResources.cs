using System.Globalization;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>Discovery and limits.</summary>
public sealed class OrgResources(OrgStore store, SimulatorOptions options, ApiMeter meter, Bulk.QueryJobs queryJobs, Bulk.IngestJobs ingestJobs)
{
    private static readonly string[] Names = ["tooling", "metadata", "folders", "prechatForms", "jsonxform", "chatter", "tabs", "appMenu", "quickActions", "queryAll",
        "commerce", "wave", "search", "composite", "parameterizedSearch", "theme", "nouns", "event", "serviceTemplates", "recent", "connect", "licensing", "limits",
        "process", "jobs", "dedupe", "query", "emailConnect", "compactLayouts", "actions", "tokenizer", "knowledgeManagement", "support", "sobjects"];

    /// <summary>All versions, oldest first; the only resource that asks for no session.</summary>
    public static ApiAnswer Versions(int newest) => ApiAnswer.Of(json =>
    {
        json.WriteStartArray();
        for (var version = 31; version <= newest; version++)
        {
            var season = (version % 3) switch { 1 => "Summer", 2 => "Winter", _ => "Spring" };
            var year = 14 + (version - 31) / 3 + (season == "Summer" ? 0 : 1);
            json.WriteStartObject();
            json.WriteString("label", string.Create(CultureInfo.InvariantCulture, $"{season} \u2019{year}"));
            json.WriteString("url", $"/services/data/v{version}.0");
            json.WriteString("version", $"{version}.0");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    public ApiAnswer Resources(ApiRequest request) => ApiAnswer.Of(json =>
    {
        json.WriteStartObject();
        foreach (var name in Names) json.WriteString(name, $"{request.Base}/{name}");
        json.WriteString("identity", $"{options.PublicUrl}/id/{store.OrganizationId}/{store.AdminId}");
        json.WriteEndObject();
    });

    public ApiAnswer Limits(ApiRequest request)
    {
        if (request.Path.Count > 1) return request.Path[1].Equals("recordCount", StringComparison.OrdinalIgnoreCase) ? RecordCount(request) : throw ApiException.NotFound;
        return ApiAnswer.Of(json =>
        {
            json.WriteStartObject();
            foreach (var (name, max, remaining) in ((string, int, int)[])
                     [("ActiveScratchOrgs", 6, 6), ("ConcurrentAsyncGetReportInstances", 200, 200), ("DailyApiRequests", meter.Max, Math.Max(0, meter.Max - meter.Used)),
                      ("DailyAsyncApexExecutions", 250000, 250000), ("DailyBulkApiBatches", 15000, Math.Max(0, 15000 - ingestJobs.Batches)), ("DailyBulkV2QueryFileStorageMB", 976562, 976562),
                      ("DailyBulkV2QueryJobs", options.BulkQueryJobLimit, Math.Max(0, options.BulkQueryJobLimit - queryJobs.Recent)), ("DailyStandardVolumePlatformEvents", 10000, 10000), ("DataStorageMB", 10240, 10000),
                      ("FileStorageMB", 10240, 10200), ("HourlyTimeBasedWorkflow", 1000, 1000), ("MassEmail", 5000, 5000), ("MonthlyPlatformEvents", 10000, 10000),
                      ("SingleEmail", 5000, 5000)])
            {
                json.WriteStartObject(name);
                json.WriteNumber("Max", max);
                json.WriteNumber("Remaining", remaining);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        });
    }

    private ApiAnswer RecordCount(ApiRequest request)
    {
        var types = request.Query.TryGetValue("sObjects", out var wanted)
            ? wanted.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(store.Schema.Find).OfType<Schema.ObjectType>()
            : store.Schema.Objects.Where(type => type.Queryable);
        return ApiAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("sObjects");
            foreach (var type in types)
            {
                json.WriteStartObject();
                json.WriteNumber("count", store.Table(type).LiveCount);
                json.WriteString("name", type.Name);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}
