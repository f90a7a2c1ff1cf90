using System.Runtime.CompilerServices;
using Appliance.Salesforce;

namespace Appliance.Engine.Backups;

/// <summary>
/// Queries over REST, including the objects that Salesforce answers only when filtered by a parent: ContentDocumentLink, unless the user holds
/// "Query All Files".
/// </summary>
public static class RestrictedQuery
{
    private const int IdsPerQuery = 200;

    public static async IAsyncEnumerable<RecordBatch> ReadAsync(
        Org org, ObjectScope scope, IReadOnlyList<string> columns, string? where, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var soql = SoqlText.Select(scope.Name, columns, where);
        var refused = false;
        await using var batches = org.QueryAsync(soql, includeDeleted: true, cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await batches.MoveNextAsync()) yield break;
            }
            catch (SalesforceException e) when (scope.Name == "ContentDocumentLink" && e.Message.Contains("Implementation restriction", StringComparison.Ordinal))
            {
                refused = true;
            }
            if (refused) break;
            yield return batches.Current;
        }

        foreach (var ids in (await DocumentIdsAsync(org, cancellationToken)).Chunk(IdsPerQuery))
        {
            var filtered = SoqlText.Select(scope.Name, columns, SoqlText.In("ContentDocumentId", ids) + (where is null ? "" : $" AND ({where})"));
            await foreach (var batch in org.QueryAsync(filtered, includeDeleted: true, cancellationToken)) yield return batch;
        }
    }

    private static async Task<List<string>> DocumentIdsAsync(Org org, CancellationToken cancellationToken)
    {
        var ids = new List<string>();
        await foreach (var batch in org.QueryAsync("SELECT Id FROM ContentDocument", includeDeleted: false, cancellationToken))
            for (var row = 0; row < batch.Count; row++) ids.Add(batch.Text(row, 0));
        return ids;
    }
}
