namespace Appliance.Catalog;

/// <summary>Percent of the org's daily quota, 1–100.</summary>
public sealed record OrgCeilings(int RestPercent, int BulkPercent)
{
    public static OrgCeilings Default { get; } = new(80, 80);
}

/// <summary>The ceilings of each org.</summary>
public sealed class Budgets(CatalogDatabase db, TimeProvider time)
{
    public async Task<OrgCeilings> CeilingsAsync(Guid orgId, CancellationToken cancellationToken) =>
        await db.FindAsync<Stored>("SELECT rest_percent, bulk_percent FROM org_budgets WHERE org_id = @orgId", new { orgId }, cancellationToken) is { } row
            ? new OrgCeilings(row.RestPercent, row.BulkPercent) : OrgCeilings.Default;

    public Task SetAsync(Guid orgId, OrgCeilings ceilings, string user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ceilings);
        return db.ExecuteAsync(
            """
            INSERT INTO org_budgets (org_id, rest_percent, bulk_percent, changed_at, changed_by) VALUES (@orgId, @RestPercent, @BulkPercent, @now, @user)
            ON DUPLICATE KEY UPDATE rest_percent = @RestPercent, bulk_percent = @BulkPercent, changed_at = @now, changed_by = @user
            """, new { orgId, ceilings.RestPercent, ceilings.BulkPercent, now = time.GetUtcNow(), user }, cancellationToken);
    }

    private sealed record Stored
    {
        public int RestPercent { get; init; }
        public int BulkPercent { get; init; }
    }
}
