namespace Appliance.Catalog;

/// <summary>A saved choice of what to back up.</summary>
public sealed record TemplateRow
{
    public required Guid Id { get; init; }
    public required Guid OrgId { get; init; }
    /// <summary>1 to 120 characters, once per org.</summary>
    public required string Name { get; init; }
    public string Description { get; init; } = "";
    /// <summary>The engine's JSON.</summary>
    public required string Content { get; init; }
    public DateTimeOffset ChangedAt { get; init; }
    public string ChangedBy { get; init; } = "";
}

public sealed class Templates(CatalogDatabase db, TimeProvider time)
{
    private const string Columns = "id, org_id, name, description, content, changed_at, changed_by";

    /// <summary>By name.</summary>
    public Task<IReadOnlyList<TemplateRow>> ListAsync(Guid orgId, CancellationToken cancellationToken) =>
        db.ListAsync<TemplateRow>($"SELECT {Columns} FROM templates WHERE org_id = @orgId ORDER BY name", new { orgId }, cancellationToken);

    public Task<TemplateRow?> FindAsync(Guid orgId, Guid id, CancellationToken cancellationToken) =>
        db.FindAsync<TemplateRow>($"SELECT {Columns} FROM templates WHERE id = @id AND org_id = @orgId", new { id, orgId }, cancellationToken);

    /// <summary>Stores a new template, or a known one with other words; false when another of this org has the name.</summary>
    public async Task<bool> PutAsync(TemplateRow row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        var values = new { row.Id, row.OrgId, row.Name, row.Description, row.Content, now = time.GetUtcNow(), row.ChangedBy };
        var changed = await db.ExecuteAsync(
            """
            UPDATE templates SET name = @Name, description = @Description, content = @Content, changed_at = @now, changed_by = @ChangedBy
            WHERE id = @Id AND org_id = @OrgId
              AND NOT EXISTS (SELECT 1 FROM (SELECT id, name, org_id FROM templates) o WHERE o.org_id = @OrgId AND o.name = @Name AND o.id <> @Id)
            """, values, cancellationToken);
        if (changed > 0) return true;
        return await db.ExecuteAsync($"INSERT IGNORE INTO templates ({Columns}) VALUES (@Id, @OrgId, @Name, @Description, @Content, @now, @ChangedBy)", values, cancellationToken) > 0;
    }

    public async Task<bool> RemoveAsync(Guid orgId, Guid id, CancellationToken cancellationToken) =>
        await db.ExecuteAsync("DELETE FROM templates WHERE id = @id AND org_id = @orgId", new { id, orgId }, cancellationToken) > 0;
}
