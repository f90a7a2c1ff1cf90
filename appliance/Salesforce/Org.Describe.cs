using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Appliance.Salesforce;

public sealed partial class Org
{
    private const int DescribesPerCall = 25;
    private const int DescribeCallsAtOnce = 4;

    public Task<IReadOnlyList<ObjectSummary>> DescribeGlobalAsync(CancellationToken cancellationToken) =>
        _channel.ReadAsync<IReadOnlyList<ObjectSummary>>(new(HttpMethod.Get, "sobjects", "Listing the org's objects"),
            async (answer, token) => (await answer.JsonAsync<GlobalDescribe>(token)).SObjects, cancellationToken);

    /// <exception cref="SalesforceException">404 when the object does not exist or the user cannot see it.</exception>
    public async Task<ObjectDescribe> DescribeAsync(string objectName, CancellationToken cancellationToken) =>
        Remember(await _channel.ReadAsync(new(HttpMethod.Get, $"sobjects/{Uri.EscapeDataString(objectName)}/describe", $"Describing {objectName}"),
            async (answer, token) => ObjectDescribe.Parse(await answer.BytesAsync(token)), cancellationToken));

    /// <summary>25 objects a call. Objects that are gone (404) are left out; the order is that of <paramref name="objectNames"/>.</summary>
    public async Task<IReadOnlyList<ObjectDescribe>> DescribeManyAsync(IReadOnlyList<string> objectNames, CancellationToken cancellationToken)
    {
        var groups = objectNames.Chunk(DescribesPerCall).ToArray();
        var answers = new IReadOnlyList<ObjectDescribe>[groups.Length];
        await Parallel.ForEachAsync(Enumerable.Range(0, groups.Length),
            new ParallelOptions { MaxDegreeOfParallelism = DescribeCallsAtOnce, CancellationToken = cancellationToken },
            async (i, token) => answers[i] = await DescribeGroupAsync(groups[i], token));
        return [.. answers.SelectMany(a => a).Select(Remember)];
    }

    /// <summary>
    /// Ids of the org's custom fields by <c>Object.Field</c>, 2,000 a call. A field that was deleted and made again under its name and type has another one, and no other sign
    /// tells it: a describe looks the same. Null when the user may not ask ("View Setup and Configuration").
    /// </summary>
    public async Task<IReadOnlyDictionary<string, string>?> CustomFieldIdsAsync(CancellationToken cancellationToken)
    {
        var ids = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        try
        {
            for (var path = $"tooling/query?q={SoqlText.ForUri("SELECT Id, EntityDefinition.QualifiedApiName, DeveloperName, NamespacePrefix FROM CustomField")}"; path is not null;)
                path = await _channel.ReadAsync(new(HttpMethod.Get, path, "Listing the ids of custom fields") { AnswerWithin = OrgCall.Long },
                    async (answer, token) => (await answer.JsonAsync<CustomFieldPage>(token)).AddTo(ids), cancellationToken);
            return ids;
        }
        catch (SalesforceException e) when (e is { OutOfQuota: false, NeedsReconnect: false })      // a question that a backup can do without must not be what ends it
        {
            return null;
        }
    }

    private Task<IReadOnlyList<ObjectDescribe>> DescribeGroupAsync(string[] names, CancellationToken cancellationToken) =>
        _channel.ReadAsync<IReadOnlyList<ObjectDescribe>>(
            new(HttpMethod.Post, "composite/batch", $"Describing {names.Length} objects from {names[0]} on")
            {
                Content = _ => JsonContent.Create(new
                {
                    batchRequests = names.Select(n => new { method = "GET", url = $"{ApiVersion}/sobjects/{Uri.EscapeDataString(n)}/describe" }),
                }),
                AnswerWithin = OrgCall.Long,
            },
            async (answer, token) =>
            {
                using var document = await answer.DocumentAsync(token);
                var found = new List<ObjectDescribe>(names.Length);
                var results = document.RootElement.GetProperty("results");
                if (results.GetArrayLength() != names.Length)
                    throw new JsonException("The batch has another number of results.");
                foreach (var (result, name) in results.EnumerateArray().Zip(names))
                {
                    var status = result.GetProperty("statusCode").GetInt32();
                    var body = JsonMarshal.GetRawUtf8Value(result.GetProperty("result"));
                    if (status == 404)
                        continue;
                    if (status >= 300)
                        throw FailedAnswer.Parse((System.Net.HttpStatusCode)status, body.ToArray()).ToException($"Describing {name}", creating: false);
                    found.Add(ObjectDescribe.Parse(body));
                }
                return found;
            }, cancellationToken);

    private ObjectDescribe Remember(ObjectDescribe describe)
    {
        _datetimes[describe.Name] = describe.Fields.Where(f => f.Type == "datetime").Select(f => f.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        return describe;
    }

    private sealed record CustomFieldPage(IReadOnlyList<CustomFieldRow> Records, string? NextRecordsUrl)
    {
        /// <returns>Where the next page is; null on the last.</returns>
        public string? AddTo(Dictionary<string, string> ids)
        {
            foreach (var row in Records)
                if (row.EntityDefinition is { } entity)        // fields of what the user does not see have none
                    ids[$"{entity.QualifiedApiName}.{(row.NamespacePrefix is { Length: > 0 } prefix ? prefix + "__" : "")}{row.DeveloperName}__c"] = row.Id;
            return NextRecordsUrl is { Length: > 0 } url ? OrgChannel.PathOf(url) : null;
        }
    }

    private sealed record CustomFieldRow(string Id, CustomFieldEntity? EntityDefinition, string DeveloperName, string? NamespacePrefix);

    private sealed record CustomFieldEntity(string QualifiedApiName);

    private sealed record GlobalDescribe(IReadOnlyList<ObjectSummary> SObjects);
}
