using Dapper;

namespace Appliance.Catalog;

/// <summary>A snapshot that must not be removed, and why.</summary>
public sealed record LegalHold
{
    public required Guid SnapshotId { get; init; }
    public required string Reason { get; init; }
    public required DateTimeOffset HeldAt { get; init; }
    public required string HeldBy { get; init; }
}

/// <summary>Policies and legal holds, and the one door by which snapshots leave the catalog.</summary>
public sealed class Retention(CatalogDatabase db, TimeProvider time)
{
    /// <summary>The org's policy as the engine wrote it; null: everything is kept for ever.</summary>
    public Task<string?> PolicyAsync(Guid orgId, CancellationToken cancellationToken) =>
        db.FindAsync<string?>("SELECT policy FROM retention WHERE org_id = @orgId", new { orgId }, cancellationToken);

    /// <param name="policy">Null: keep everything for ever.</param>
    public Task SetPolicyAsync(Guid orgId, string? policy, string user, CancellationToken cancellationToken) => policy is null
        ? db.ExecuteAsync("DELETE FROM retention WHERE org_id = @orgId", new { orgId }, cancellationToken)
        : db.ExecuteAsync(
            """
            INSERT INTO retention (org_id, policy, changed_at, changed_by) VALUES (@orgId, @policy, @now, @user)
            ON DUPLICATE KEY UPDATE policy = @policy, changed_at = @now, changed_by = @user
            """, new { orgId, policy, now = time.GetUtcNow(), user }, cancellationToken);

    public Task<IReadOnlyList<LegalHold>> HoldsAsync(Guid orgId, CancellationToken cancellationToken) =>
        db.ListAsync<LegalHold>(
            "SELECT h.snapshot_id, h.reason, h.held_at, h.held_by FROM legal_holds h JOIN snapshots s ON s.id = h.snapshot_id WHERE s.org_id = @orgId", new { orgId }, cancellationToken);

    /// <summary>Holds a snapshot; one that is held keeps its first reason. False when there is no such snapshot.</summary>
    public async Task<bool> HoldAsync(Guid snapshotId, string reason, string user, CancellationToken cancellationToken)
    {
        await db.ExecuteAsync(
            "INSERT IGNORE INTO legal_holds (snapshot_id, reason, held_at, held_by) SELECT id, @reason, @now, @user FROM snapshots WHERE id = @snapshotId",
            new { snapshotId, reason, now = time.GetUtcNow(), user }, cancellationToken);
        return await db.FindAsync<int?>("SELECT 1 FROM legal_holds WHERE snapshot_id = @snapshotId", new { snapshotId }, cancellationToken) is not null;
    }

    public async Task<bool> LiftAsync(Guid snapshotId, CancellationToken cancellationToken) =>
        await db.ExecuteAsync("DELETE FROM legal_holds WHERE snapshot_id = @snapshotId", new { snapshotId }, cancellationToken) > 0;

    /// <summary>
    /// Takes snapshots out of sight, in one transaction, only while the lease holds. One that came under a hold meanwhile stops all.
    /// Removing them again changes nothing.
    /// </summary>
    /// <exception cref="LostLeaseException">The job is no longer ours; nothing changed.</exception>
    /// <exception cref="CatalogException">One of them is under a legal hold; nothing changed.</exception>
    public Task RemoveAsync(LeasedJob job, IReadOnlyCollection<Guid> snapshots, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        return db.InTransactionAsync(async (c, t) =>
        {
            var ours = await c.ExecuteScalarAsync<int?>(new CommandDefinition(
                "SELECT 1 FROM jobs WHERE id = @Id AND fencing = @Fencing AND state = 'InProgress' FOR UPDATE", new { job.Id, job.Fencing }, t, cancellationToken: cancellationToken));
            if (ours is null) throw new LostLeaseException(job.Id);
            foreach (var id in snapshots)
            {
                var held = await c.ExecuteScalarAsync<int?>(new CommandDefinition("SELECT 1 FROM legal_holds WHERE snapshot_id = @id FOR UPDATE", new { id }, t, cancellationToken: cancellationToken));
                if (held is not null) throw new CatalogException($"Snapshot {id} came under a legal hold while it was to be removed.", "Nothing was removed; start the removal again.");
                await c.ExecuteAsync(new CommandDefinition("DELETE FROM snapshots WHERE id = @id AND org_id = @OrgId", new { id, job.OrgId }, t, cancellationToken: cancellationToken));
            }
            return 0;
        }, cancellationToken);
    }
}
