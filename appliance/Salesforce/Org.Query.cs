using System.Net.Http.Json;
using System.Runtime.CompilerServices;

namespace Appliance.Salesforce;

public sealed partial class Org
{
    /// <summary>Number of live rows.</summary>
    public Task<long> CountAsync(string objectName, string? where, CancellationToken cancellationToken) =>
        CountAsync(objectName, where, includeDeleted: false, cancellationToken);

    /// <summary>Number of rows; archived activities and deleted rows are counted only when asked for.</summary>
    public async Task<long> CountAsync(string objectName, string? where, bool includeDeleted, CancellationToken cancellationToken)
    {
        var soql = $"SELECT COUNT() FROM {objectName}{(string.IsNullOrEmpty(where) ? "" : " WHERE " + where)}";
        using var page = await ReadPageAsync(FirstPage(soql, includeDeleted, objectName), new(SelectList.Parse(soql), null), inBatch: !SoqlText.FitsUri(soql), cancellationToken);
        using var none = new RecordBatch([]);
        page.Fill(none);
        return page.TotalSize ?? throw new SalesforceException(FailureKind.Permanent, $"Counting {objectName} failed: the answer has no total.", "Report this org's answer.");
    }

    /// <summary>
    /// All rows of a query through REST, page by page. Values are written as Bulk CSV writes them. Deleted rows and archived activities come too
    /// when asked for. A compound field is given as its JSON. Subqueries, <c>FIELDS()</c> and <c>TYPEOF</c> are not for here.
    /// </summary>
    public async IAsyncEnumerable<RecordBatch> QueryAsync(string soql, bool includeDeleted, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var select = SelectList.Parse(soql);
        var columns = new SelectColumns(select, await DatetimesAsync(select.ObjectName, cancellationToken));
        using var batch = new RecordBatch(select.Columns);
        var call = FirstPage(soql, includeDeleted, select.ObjectName);
        var inBatch = !SoqlText.FitsUri(soql);
        while (true)
        {
            using var page = await ReadPageAsync(call, columns, inBatch, cancellationToken);
            while (page.Fill(batch))
                yield return batch;
            if (page.NextPath is null)
                yield break;
            call = call with { Method = HttpMethod.Get, Path = page.NextPath, Content = null };
            inBatch = false;
        }
    }

    private OrgCall FirstPage(string soql, bool includeDeleted, string objectName)
    {
        var what = $"Querying {objectName}";
        var path = $"{(includeDeleted ? "queryAll" : "query")}?q={SoqlText.ForUri(soql)}";
        return SoqlText.FitsUri(soql)
            ? new(HttpMethod.Get, path, what) { AnswerWithin = OrgCall.Long }
            // Too long for an address, but a batch carries it in its body; a query may be posted twice.
            : new(HttpMethod.Post, "composite/batch", what)
            {
                Content = _ => JsonContent.Create(new { batchRequests = new[] { new { method = "GET", url = $"{ApiVersion}/{path}" } } }),
                AnswerWithin = OrgCall.Long,
            };
    }

    private Task<QueryPage> ReadPageAsync(OrgCall call, SelectColumns columns, bool inBatch, CancellationToken cancellationToken) =>
        _channel.ReadAsync(call, (answer, token) => QueryPage.ReadAsync(answer.Body, columns, inBatch, token), cancellationToken);

    /// <summary>One describe for the first query of an object nobody has described yet.</summary>
    private async Task<IReadOnlySet<string>?> DatetimesAsync(string objectName, CancellationToken cancellationToken)
    {
        if (_datetimes.TryGetValue(objectName, out var known))
            return known;
        try
        {
            await DescribeAsync(objectName, cancellationToken);
        }
        catch (SalesforceException e) when (e.Kind is FailureKind.Permanent)
        {
            return null;   // let the query itself say what is wrong
        }
        return _datetimes.GetValueOrDefault(objectName);
    }
}
