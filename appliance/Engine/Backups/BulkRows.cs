using System.Runtime.CompilerServices;
using Appliance.Salesforce;

namespace Appliance.Engine.Backups;

/// <summary>All rows of one query by Bulk API 2.0, or by REST where Bulk refuses the object. For reads that need no checkpoint.</summary>
public static class BulkRows
{
    private const int PageRows = 100_000;

    public static async IAsyncEnumerable<RecordBatch> ReadAsync(Org org, string soql, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? jobId = null;
        try
        {
            jobId = await org.CreateQueryJobAsync(soql, includeDeleted: true, cancellationToken);
        }
        catch (SalesforceException e) when (e.BulkUnsupported)
        {
        }
        if (jobId is null)
        {
            await foreach (var batch in org.QueryAsync(soql, includeDeleted: true, cancellationToken)) yield return batch;
            yield break;
        }
        await org.WaitForQueryJobAsync(jobId, null, cancellationToken);
        await foreach (var page in org.QueryPagesAsync(jobId, null, PageRows, cancellationToken))
            await foreach (var batch in page.Batches.WithCancellation(cancellationToken))
                yield return batch;
    }
}
