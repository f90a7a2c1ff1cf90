using Appliance.Catalog;
using Appliance.Engine.Jobs;
using Appliance.Vault;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class SnapshotsApi
{
    public sealed record SnapshotInList(
        Guid Id, SnapshotRowKind Kind, DateTimeOffset StartedAt, DateTimeOffset CompletedAt, Guid? ParentId, int Objects, long Records, long Files, long BytesStored, bool Complete);

    /// <param name="OrgCount">What Salesforce said it has; absent when it does not count this object.</param>
    /// <param name="HeldCount">What we hold, live records.</param>
    public sealed record SnapshotObject(
        string Name, string Label, long Records, long DeletedRecords, long ReadRecords, long? OrgCount, long HeldCount, long Files, bool Complete, string? Explanation);

    /// <param name="ReadAt">By the org's clock; a run that does not read metadata takes it over from the one before.</param>
    public sealed record SnapshotMetadata(long Components, long Files, DateTimeOffset ReadAt, Guid SnapshotId);

    public sealed record SnapshotDocument(
        Guid Id, Guid OrgId, Guid JobId, SnapshotRowKind Kind, DateTimeOffset StartedAt, DateTimeOffset CompletedAt, Guid? ParentId, long Records, long Files, long BytesStored,
        bool Complete, IEnumerable<SnapshotObject> Objects, IEnumerable<SkippedObject> Skipped, IEnumerable<string> Warnings, SnapshotMetadata? Metadata);

    public static void MapSnapshots(this RouteGroupBuilder api)
    {
        api.MapGet("/orgs/{orgId:guid}/snapshots", ListAsync).WithTags("Snapshots").WithSummary("Snapshots of an org, newest first");
        api.MapGet("/snapshots/{id:guid}", GetAsync).WithTags("Snapshots").WithSummary("One snapshot and its objects");
        api.MapGet("/snapshots/{id:guid}/certificate", CertificateAsync).WithTags("Snapshots").WithSummary("What Salesforce had, what is held, and what is missing");
    }

    private static async Task<Results<Ok<IEnumerable<SnapshotInList>>, ProblemHttpResult>> ListAsync(Guid orgId, Orgs orgs, Snapshots snapshots, CancellationToken cancellationToken) =>
        await orgs.FindAsync(orgId, cancellationToken) is null
            ? Problems.NotFound("org")
            : TypedResults.Ok((await snapshots.ListAsync(orgId, cancellationToken)).Select(s =>
                new SnapshotInList(s.Id, s.Kind, s.StartedAt, s.CompletedAt, s.ParentId, s.Objects, s.Records, s.Files, s.BytesStored, s.Complete)));

    private static async Task<Results<Ok<SnapshotDocument>, ProblemHttpResult>> GetAsync(Guid id, Snapshots snapshots, RecordBrowsing browsing, CancellationToken cancellationToken)
    {
        if (await snapshots.FindAsync(id, cancellationToken) is not { } row || await browsing.ManifestAsync(id, cancellationToken) is not { } manifest) return Problems.NotFound("snapshot");
        return TypedResults.Ok(new SnapshotDocument(
            row.Id, row.OrgId, row.JobId, row.Kind, row.StartedAt, row.CompletedAt, row.ParentId, row.Records, row.Files, row.BytesStored, row.Complete,
            manifest.Objects.Select(o => new SnapshotObject(
                o.Name, o.Label, o.LiveRecords, o.DeletedRecords, o.ReadRecords, o.OrgCount, o.LiveRecords, o.Files, JobRunner.IsComplete(o), o.Explanation)),
            manifest.Skipped, manifest.Warnings,
            manifest.Metadata is { } metadata ? new SnapshotMetadata(metadata.Components, metadata.Files, metadata.ReadAt, metadata.SnapshotId) : null));
    }

    private static async Task<Results<Ok<CompletenessCertificate>, ProblemHttpResult>> CertificateAsync(Guid id, Snapshots snapshots, RecordBrowsing browsing, CancellationToken cancellationToken) =>
        await snapshots.FindAsync(id, cancellationToken) is not null && await browsing.CertificateAsync(id, cancellationToken) is { } certificate
            ? TypedResults.Ok(certificate)
            : Problems.NotFound("certificate");
}
