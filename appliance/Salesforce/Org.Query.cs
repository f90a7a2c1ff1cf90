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
        using var page = await FirstPageAsync(soql, includeDeleted, objectName, new(SelectList.Parse(soql), null), cancellationToken);
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
        for (string? next = null; ;)
        {
            using var page = next is null
                ? await FirstPageAsync(soql, includeDeleted, select.ObjectName, columns, cancellationToken)
                : await PageAsync(new(HttpMethod.Get, next, $"Querying {select.ObjectName}") { AnswerWithin = OrgCall.Long }, columns, inBatch: false, cancellationToken);
            while (page.Fill(batch))
                yield return batch;
            next = page.NextPath;
            if (next is null)
                yield break;
        }
    }

    /// <summary>In the address; a query too long for that, or for a proxy on the way, goes in the body of a batch. A query may be posted twice.</summary>
    private async Task<QueryPage> FirstPageAsync(
        string soql, bool includeDeleted, string objectName, SelectColumns columns, CancellationToken cancellationToken)
    {
        var what = $"Querying {objectName}";
        var path = $"{(includeDeleted ? "queryAll" : "query")}?q={SoqlText.ForUri(soql)}";
        if (SoqlText.FitsUri(soql))
        {
            try
            {
                return await PageAsync(new(HttpMethod.Get, path, what) { AnswerWithin = OrgCall.Long }, columns, inBatch: false, cancellationToken);
            }
            catch (SalesforceException e) when (e.StatusCode is 414 or 431)
            {
                // a server on the way takes less than Salesforce does
            }
        }
        var call = new OrgCall(HttpMethod.Post, "composite/batch", what)
        {
            Content = _ => JsonContent.Create(new { batchRequests = new[] { new { method = "GET", url = $"{ApiVersion}/{path}" } } }),
            AnswerWithin = OrgCall.Long,
        };
        return await PageAsync(call, columns, inBatch: true, cancellationToken);
    }

    private Task<QueryPage> PageAsync(OrgCall call, SelectColumns columns, bool inBatch, CancellationToken cancellationToken) =>
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
