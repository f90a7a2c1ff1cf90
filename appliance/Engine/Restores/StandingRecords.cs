using Appliance.Salesforce;

namespace Appliance.Engine.Restores;

/// <summary>
/// What stands already is taken as restored instead of being created a second time: a record that came back together with an undeleted
/// parent or by hand, one that another restore has created since the plan was made, a file that Salesforce links to its owner by itself.
/// </summary>
public sealed class StandingRecords(Org org, RestoreRows rows)
{
    private const int IdsPerQuery = 200;

    public async Task<(IngestUpload Remaining, IReadOnlyList<RestoreOutcome> Adopted)> AdoptAsync(
        string objectName, IngestUpload upload, CancellationToken cancellationToken)
    {
        var standing = await FindAsync(objectName, upload.Rows.Select(r => r.OldId), cancellationToken);
        if (objectName == "ContentDocumentLink") await AddLinksAsync(upload, standing, cancellationToken);
        return (
            new IngestUpload { Columns = upload.Columns, Rows = [.. upload.Rows.Where(r => !standing.ContainsKey(r.OldId))], Shortcomings = upload.Shortcomings },
            [.. upload.Rows.Where(r => standing.ContainsKey(r.OldId)).Select(r => new RestoreOutcome(
                objectName, r.OldId, standing[r.OldId], nameof(RestoreAction.Insert), "adopted", null))]);
    }

    /// <summary>Those of the records that live, under the Id of today or their old one; the Id they live under by the old one.</summary>
    public async Task<Dictionary<string, string>> FindAsync(string objectName, IEnumerable<string> oldIds, CancellationToken cancellationToken)
    {
        var standing = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var ids in oldIds.Chunk(IdsPerQuery / 2))
        {
            var alive = new HashSet<string>(StringComparer.Ordinal);
            var soql = SoqlText.Select(objectName, ["Id"], SoqlText.In("Id", ids.Concat(ids.Select(rows.Today)).Distinct()));
            await foreach (var batch in org.QueryAsync(soql, includeDeleted: false, cancellationToken))
                for (var row = 0; row < batch.Count; row++) alive.Add(batch.Text(row, 0));
            foreach (var id in ids)
                if (alive.Contains(rows.Today(id))) standing[id] = rows.Today(id);
                else if (alive.Contains(id)) standing[id] = id;
        }
        return standing;
    }

    /// <summary>A link is known by the file and the record it joins, whatever its Id.</summary>
    private async Task AddLinksAsync(IngestUpload upload, Dictionary<string, string> standing, CancellationToken cancellationToken)
    {
        var document = upload.Columns.IndexOf("ContentDocumentId");
        var entity = upload.Columns.IndexOf("LinkedEntityId");
        if (document < 0 || entity < 0) return;
        var links = new Dictionary<(string, string), string>();
        foreach (var ids in upload.Rows.Select(r => r.Values[document]).Where(v => v.Length > 0).Distinct().Chunk(IdsPerQuery))
        {
            var soql = SoqlText.Select("ContentDocumentLink", ["Id", "ContentDocumentId", "LinkedEntityId"], SoqlText.In("ContentDocumentId", ids));
            await foreach (var batch in org.QueryAsync(soql, includeDeleted: false, cancellationToken))
                for (var row = 0; row < batch.Count; row++) links[(batch.Text(row, 1), batch.Text(row, 2))] = batch.Text(row, 0);
        }
        foreach (var (oldId, values) in upload.Rows)
            if (links.TryGetValue((values[document], values[entity]), out var id)) standing.TryAdd(oldId, id);
    }
}
