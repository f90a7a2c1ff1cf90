using System.Text;
using Appliance.Engine.Backups;
using Appliance.Salesforce;

namespace Appliance.Engine.Restores;

/// <summary>What Salesforce's recycle bin still holds (15 days, less when emptied); asked just before planning, because no stamp tells.</summary>
public sealed class RecycleBin(Org org, EngineOptions options)
{
    private const int IdsPerQuery = 200;

    /// <summary>Those of the given records that can no longer be undeleted.</summary>
    public async Task<HashSet<string>> MissingAsync(string objectName, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        var there = new IdSet();
        if (ids.Count <= options.RestRows)
        {
            foreach (var chunk in ids.Chunk(IdsPerQuery))
            {
                var soql = SoqlText.Select(objectName, ["Id"], "IsDeleted = true AND " + SoqlText.In("Id", chunk));
                await foreach (var batch in org.QueryAsync(soql, includeDeleted: true, cancellationToken)) Add(there, batch);
            }
        }
        else
        {
            var soql = SoqlText.Select(objectName, ["Id"], "IsDeleted = true");
            await foreach (var batch in BulkRows.ReadAsync(org, soql, cancellationToken)) Add(there, batch);
        }
        return ids.Where(id => !there.Contains(Encoding.ASCII.GetBytes(id))).ToHashSet(StringComparer.Ordinal);
    }

    private static void Add(IdSet ids, RecordBatch batch)
    {
        for (var row = 0; row < batch.Count; row++) ids.Add(batch.Value(row, 0));
    }
}
