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

    private sealed record GlobalDescribe(IReadOnlyList<ObjectSummary> SObjects);
}
