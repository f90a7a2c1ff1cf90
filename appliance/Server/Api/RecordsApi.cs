using System.Security.Claims;
using Appliance.Engine.Browsing;
using Appliance.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class RecordsApi
{
    public sealed record RecordsDocument(IEnumerable<ColumnView> Columns, IEnumerable<IEnumerable<string?>> Records, string? Next);

    public sealed record RecordDocument(string RecordId, bool Deleted, IReadOnlyDictionary<string, string?> Fields);

    public static void MapRecords(this RouteGroupBuilder api)
    {
        var records = api.MapGroup("/snapshots/{id:guid}/objects/{objectName}/records").WithTags("Records");
        records.MapGet("/", PageAsync).WithSummary("Records of an object as of the snapshot, in Id order; deleted=true shows the deleted ones instead");
        records.MapGet("/{recordId}", GetAsync).WithSummary("One record as of the snapshot");
        records.MapGet("/{recordId}/files/{field}", FileAsync).WithSummary("The bytes of a file field");
        api.MapGet("/orgs/{orgId:guid}/objects/{objectName}/records/{recordId}/history", HistoryAsync).WithTags("Records").WithSummary("What changed in a record, newest first");
    }

    private static async Task<Results<Ok<RecordsDocument>, ProblemHttpResult>> PageAsync(
        Guid id, string objectName, RecordBrowsing browsing, ClaimsPrincipal user, CancellationToken cancellationToken, string? after = null, int limit = 50, bool deleted = false)
    {
        if (limit is < 1 or > 500) return Problems.Bad("The limit is 1 to 500.", "Ask for fewer and go on with after=<next>.");
        return await browsing.PageAsync(id, objectName, after, limit, deleted, user.UserName, cancellationToken) is { } page
            ? TypedResults.Ok(new RecordsDocument(page.Columns, page.Records.Select(r => r.AsEnumerable()), page.Next))
            : Problems.NotFound("object in this snapshot");
    }

    private static async Task<Results<Ok<RecordDocument>, ProblemHttpResult>> GetAsync(
        Guid id, string objectName, string recordId, RecordBrowsing browsing, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await browsing.RecordAsync(id, objectName, recordId, user.UserName, cancellationToken) is { } record
            ? TypedResults.Ok(new RecordDocument(record.RecordId, record.Deleted, record.Columns.ToDictionary(c => c.Name, c => record.Fields[c.Name])))     // in the object's order of fields
            : Problems.NotFound("record in this snapshot");

    private static async Task<Results<FileStreamHttpResult, ProblemHttpResult>> FileAsync(
        Guid id, string objectName, string recordId, string field, RecordBrowsing browsing, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await browsing.FileAsync(id, objectName, recordId, field, user.UserName, cancellationToken) is { } file
            ? TypedResults.Stream(file.Content, "application/octet-stream", file.Name)     // always a download, never shown in our origin
            : Problems.NotFound("file in this record");

    private static async Task<Results<Ok<IReadOnlyList<HistoryEntry>>, ProblemHttpResult>> HistoryAsync(
        Guid orgId, string objectName, string recordId, RecordBrowsing browsing, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await browsing.HistoryAsync(orgId, objectName, recordId, user.UserName, cancellationToken) is { } history ? TypedResults.Ok(history) : Problems.NotFound("org");
}
