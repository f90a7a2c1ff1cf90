namespace Appliance.Catalog;

/// <summary>The channels of alerts. Their secrets are boxed by <see cref="SecretBox"/> before they reach MySQL.</summary>
public sealed class AlertChannels(CatalogDatabase db, SecretBox secrets, TimeProvider time)
{
    private const string Columns = "id, org_id, name, kind, events, enabled, settings, secret, changed_at, changed_by";

    /// <summary>By name.</summary>
    public async Task<IReadOnlyList<AlertChannelRow>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await db.ListAsync<Stored>($"SELECT {Columns} FROM alert_channels ORDER BY name, id", null, cancellationToken)).Select(Open)];

    public async Task<AlertChannelRow?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await db.FindAsync<Stored>($"SELECT {Columns} FROM alert_channels WHERE id = @id", new { id }, cancellationToken) is { } row ? Open(row) : null;

    /// <summary>Stores a new channel, or a known one with other words.</summary>
    public Task PutAsync(AlertChannelRow row, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        return db.ExecuteAsync(
            $"""
             INSERT INTO alert_channels ({Columns}) VALUES (@Id, @OrgId, @Name, @kind, @events, @Enabled, @Settings, @secret, @now, @ChangedBy)
             ON DUPLICATE KEY UPDATE org_id = @OrgId, name = @Name, events = @events, enabled = @Enabled, settings = @Settings, secret = @secret, changed_at = @now, changed_by = @ChangedBy
             """,
            new
            {
                row.Id, row.OrgId, row.Name, kind = row.Kind.ToString(), events = string.Join(',', row.Events), row.Enabled, row.Settings,
                secret = row.Secret is null ? null : secrets.Seal(row.Secret, "alert_channels", "secret", row.Id), now = time.GetUtcNow(), row.ChangedBy,
            }, cancellationToken);
    }

    /// <summary>What waits for it is not sent any more; what was sent stays in the log.</summary>
    public async Task<bool> RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        await db.ExecuteAsync("DELETE FROM alert_channels WHERE id = @id", new { id }, cancellationToken) == 1;

    private AlertChannelRow Open(Stored row) => new()
    {
        Id = row.Id, OrgId = row.OrgId, Name = row.Name, Kind = row.Kind,
        Events = [.. row.Events.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Enum.Parse<AlertKind>)],
        Enabled = row.Enabled, Settings = row.Settings, Secret = row.Secret is null ? null : secrets.Open(row.Secret, "alert_channels", "secret", row.Id),
        ChangedAt = row.ChangedAt, ChangedBy = row.ChangedBy,
    };

    private sealed class Stored
    {
        public Guid Id { get; init; }
        public Guid? OrgId { get; init; }
        public string Name { get; init; } = "";
        public AlertChannelKind Kind { get; init; }
        public string Events { get; init; } = "";
        public bool Enabled { get; init; }
        public string Settings { get; init; } = "";
        public byte[]? Secret { get; init; }
        public DateTimeOffset ChangedAt { get; init; }
        public string ChangedBy { get; init; } = "";
    }
}
