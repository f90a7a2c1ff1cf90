using Appliance.Salesforce;

namespace Appliance.Engine.Restores;

/// <summary>
/// Salesforce links a file to its owner by itself, and undeleting a file brings its links back. Such links are taken as restored instead of
/// being created a second time, which Salesforce would refuse.
/// </summary>
public sealed class ExistingLinks(Org org)
{
    private const int IdsPerQuery = 200;

    public async Task<(IngestUpload Remaining, IReadOnlyList<RestoreOutcome> Adopted)> AdoptAsync(IngestUpload upload, CancellationToken cancellationToken)
    {
        var document = upload.Columns.IndexOf("ContentDocumentId");
        var entity = upload.Columns.IndexOf("LinkedEntityId");
        if (document < 0 || entity < 0) return (upload, upload.Refused);
        var standing = new Dictionary<(string, string), string>();
        foreach (var ids in upload.Rows.Select(r => r.Values[document]).Where(v => v.Length > 0).Distinct().Chunk(IdsPerQuery))
        {
            var soql = SoqlText.Select("ContentDocumentLink", ["Id", "ContentDocumentId", "LinkedEntityId"], SoqlText.In("ContentDocumentId", ids));
            await foreach (var batch in org.QueryAsync(soql, includeDeleted: false, cancellationToken))
                for (var row = 0; row < batch.Count; row++) standing[(batch.Text(row, 1), batch.Text(row, 2))] = batch.Text(row, 0);
        }
        var adopted = upload.Rows.Where(r => standing.ContainsKey((r.Values[document], r.Values[entity]))).ToList();
        var rest = new IngestUpload { Columns = upload.Columns, Rows = [.. upload.Rows.Except(adopted)] };
        return (rest,
        [
            .. upload.Refused,
            .. adopted.Select(r => new RestoreOutcome(
                "ContentDocumentLink", r.OldId, standing[(r.Values[document], r.Values[entity])], nameof(RestoreAction.Insert), "adopted", null)),
        ]);
    }
}
