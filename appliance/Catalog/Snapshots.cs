using Dapper;

namespace Appliance.Catalog;

public enum SnapshotRowKind { Full, Incremental, Templated }

/// <summary>A snapshot that users may see. Its content and its certificate of completeness stand in the vault's manifest.</summary>
public sealed record SnapshotRow
{
    public required Guid Id { get; init; }
    public required Guid OrgId { get; init; }
    /// <summary>The job that made it: a backup, or a restore plan (its safety backup).</summary>
    public required Guid JobId { get; init; }
    public required SnapshotRowKind Kind { get; init; }
    public Guid? ParentId { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset CompletedAt { get; init; }
    public required int Objects { get; init; }
    /// <summary>Live records in the snapshot, whatever was read that day.</summary>
    public required long Records { get; init; }
    public required long Files { get; init; }
    /// <summary>What this run added to the vault, in bytes on disk.</summary>
    public required long BytesStored { get; init; }
    /// <summary>True when every object's certificate of completeness is clean.</summary>
    public required bool Complete { get; init; }
    /// <summary>64 hex digits.</summary>
    public required string ManifestSha256 { get; init; }
}

public sealed class Snapshots(CatalogDatabase db)
{
    private const string Columns =
        "id, org_id, job_id, kind, parent_id, started_at, completed_at, objects, records, files, bytes_stored, complete, manifest_sha256";

    /// <summary>
    /// Makes the snapshot visible, in one transaction, only while the lease holds. Committing the same id again changes nothing (a worker may die between this and the job's end).
    /// </summary>
    /// <exception cref="LostLeaseException">The job is no longer ours; nothing became visible.</exception>
    public Task CommitAsync(LeasedJob job, SnapshotRow row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(row);
        return db.InTransactionAsync(async (c, t) =>
        {
            var ours = await c.ExecuteScalarAsync<int?>(new CommandDefinition(
                "SELECT 1 FROM jobs WHERE id = @Id AND fencing = @Fencing AND state = 'InProgress' FOR UPDATE",
                new { job.Id, job.Fencing }, t, cancellationToken: cancellationToken));
            if (ours is null) throw new LostLeaseException(job.Id);
            var known = await c.ExecuteScalarAsync<int?>(new CommandDefinition("SELECT 1 FROM snapshots WHERE id = @Id", new { row.Id }, t, cancellationToken: cancellationToken));
            if (known is not null) return 0;
            return await c.ExecuteAsync(new CommandDefinition(Insert("INSERT"), Values(row), t, cancellationToken: cancellationToken));
        }, cancellationToken);
    }

    /// <summary>Makes a snapshot visible that was found in a vault; false when it was visible already.</summary>
    public async Task<bool> AdoptAsync(SnapshotRow row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        return await db.ExecuteAsync(Insert("INSERT IGNORE"), Values(row), cancellationToken) == 1;
    }

    private static string Insert(string verb) =>
        $"""
         {verb} INTO snapshots ({Columns})
         VALUES (@Id, @OrgId, @JobId, @kind, @ParentId, @StartedAt, @CompletedAt, @Objects, @Records, @Files, @BytesStored, @Complete, @ManifestSha256)
         """;

    private static object Values(SnapshotRow row) => new
    {
        row.Id, row.OrgId, row.JobId, kind = row.Kind.ToString(), row.ParentId, row.StartedAt, row.CompletedAt, row.Objects, row.Records, row.Files, row.BytesStored, row.Complete,
        row.ManifestSha256,
    };

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<SnapshotRow>> ListAsync(Guid orgId, CancellationToken cancellationToken) =>
        db.ListAsync<SnapshotRow>($"SELECT {Columns} FROM snapshots WHERE org_id = @orgId ORDER BY completed_at DESC, id DESC", new { orgId }, cancellationToken);

    public Task<SnapshotRow?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        db.FindAsync<SnapshotRow>($"SELECT {Columns} FROM snapshots WHERE id = @id", new { id }, cancellationToken);

    /// <summary>The one to build on: snapshots of a template hold only a part.</summary>
    public Task<SnapshotRow?> LatestAsync(Guid orgId, CancellationToken cancellationToken) =>
        db.FindAsync<SnapshotRow>($"SELECT {Columns} FROM snapshots WHERE org_id = @orgId AND kind <> 'Templated' ORDER BY completed_at DESC, id DESC LIMIT 1", new { orgId }, cancellationToken);
}
