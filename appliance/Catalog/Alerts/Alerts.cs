using Dapper;

namespace Appliance.Catalog;

/// <summary>Alerts and their deliveries. Several processes may raise and deliver at once: an alert is raised once, a delivery is tried by one at a time.</summary>
public sealed class Alerts(CatalogDatabase db, TimeProvider time)
{
    private const string Columns = "id, org_id, job_id, kind, title, text, remedy, raised_at";
    private const string DeliveryColumns = "id, alert_id, channel_id, channel, state, attempts, next_at, ended_at, answer";
    private const int LongestTitle = 255, LongestAnswer = 500;

    // Nothing waits a day: what seems to was put off before the database's clock was set back.
    private const string IsDue = "(next_at <= UTC_TIMESTAMP(6) OR next_at > TIMESTAMPADD(HOUR, 25, UTC_TIMESTAMP(6)))";

    // As far back as alerts look: jobs run for days, but hundreds do not end at once.
    private const int JobsLookedAt = 1_000;

    /// <summary>Ended jobs that nobody has looked at, oldest first.</summary>
    public Task<IReadOnlyList<Guid>> UnseenAsync(CancellationToken cancellationToken) =>
        db.ListAsync<Guid>(
            $"""
             SELECT j.id FROM (SELECT id, state, position FROM jobs ORDER BY position DESC LIMIT {JobsLookedAt}) j
             WHERE j.state IN ('Completed', 'CompletedWithWarnings', 'Failed') AND NOT EXISTS (SELECT 1 FROM alert_looks l WHERE l.job_id = j.id)
             ORDER BY j.position
             """, null, cancellationToken);

    /// <summary>Jobs that wait for quota, a token, room on the disk or the storage.</summary>
    public Task<IReadOnlyList<Guid>> PausedAsync(CancellationToken cancellationToken) =>
        db.ListAsync<Guid>(
            "SELECT j.id FROM jobs j JOIN job_pauses p ON p.job_id = j.id WHERE j.state = 'Paused' AND p.reason IN ('Quota', 'Token', 'Disk', 'Storage') ORDER BY j.position", null, cancellationToken);

    /// <summary>The job needs no further look. To be called after its alerts were raised.</summary>
    public Task SeenAsync(Guid jobId, CancellationToken cancellationToken) =>
        db.ExecuteAsync("INSERT IGNORE INTO alert_looks (job_id, looked_at) VALUES (@jobId, @now)", new { jobId, now = time.GetUtcNow() }, cancellationToken);

    /// <summary>Raises an alert once for its key, with a delivery for every channel that wants it, in one transaction. False when it had been raised.</summary>
    public Task<bool> RaiseAsync(AlertRow alert, string onceKey, CancellationToken cancellationToken) => RaiseAsync(alert, onceKey, null, cancellationToken);

    /// <param name="channelId">The only channel to tell; null for all that want it.</param>
    public Task<bool> RaiseAsync(AlertRow alert, string onceKey, Guid? channelId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(alert);
        return db.InTransactionAsync(async (c, t) =>
        {
            var raised = await c.ExecuteAsync(new CommandDefinition(
                $"INSERT IGNORE INTO alerts ({Columns}, once_key) VALUES (@Id, @OrgId, @JobId, @kind, @title, @Text, @Remedy, @now, @onceKey)",
                new { alert.Id, alert.OrgId, alert.JobId, kind = alert.Kind.ToString(), title = Cut(alert.Title, LongestTitle), alert.Text, alert.Remedy, now = time.GetUtcNow(), onceKey },
                t, cancellationToken: cancellationToken));
            if (raised == 0) return false;
            await c.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO alert_deliveries (alert_id, channel_id, channel, state, next_at)
                SELECT @Id, id, name, 'Waiting', UTC_TIMESTAMP(6) FROM alert_channels
                WHERE id = @channelId OR (@channelId IS NULL AND enabled = 1 AND (org_id IS NULL OR org_id = @OrgId) AND (events = '' OR FIND_IN_SET(@kind, events) > 0))
                """, new { alert.Id, alert.OrgId, channelId, kind = alert.Kind.ToString() }, t, cancellationToken: cancellationToken));
            return true;
        }, cancellationToken);
    }

    /// <summary>Takes one delivery that is due; nobody else gets it before <paramref name="hold"/> has passed, so one that is killed over it is followed by another.</summary>
    public Task<AlertDeliveryRow?> TakeDueAsync(TimeSpan hold, CancellationToken cancellationToken) =>
        db.InTransactionAsync<AlertDeliveryRow?>(async (c, t) =>
        {
            var due = await c.QueryFirstOrDefaultAsync<AlertDeliveryRow>(new CommandDefinition(
                $"SELECT {DeliveryColumns} FROM alert_deliveries WHERE state = 'Waiting' AND {IsDue} ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED",
                transaction: t, cancellationToken: cancellationToken));
            if (due is null) return null;
            await c.ExecuteAsync(new CommandDefinition(
                "UPDATE alert_deliveries SET attempts = attempts + 1, next_at = TIMESTAMPADD(MICROSECOND, @micros, UTC_TIMESTAMP(6)) WHERE id = @Id",
                new { due.Id, micros = (long)hold.TotalMicroseconds }, t, cancellationToken: cancellationToken));
            return due with { Attempts = due.Attempts + 1 };
        }, cancellationToken);

    /// <summary>It arrived, or (with <paramref name="again"/>) it is to be tried once more, or nobody tries again.</summary>
    public Task NoteAsync(AlertDeliveryRow delivery, bool delivered, string answer, TimeSpan? again, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        var state = delivered ? DeliveryState.Delivered : again is null ? DeliveryState.Failed : DeliveryState.Waiting;
        return db.ExecuteAsync(
            """
            UPDATE alert_deliveries SET state = @state, answer = @answer, ended_at = IF(@state = 'Waiting', NULL, UTC_TIMESTAMP(6)),
                next_at = IF(@state = 'Waiting', TIMESTAMPADD(MICROSECOND, @micros, UTC_TIMESTAMP(6)), NULL)
            WHERE id = @Id AND state = 'Waiting' AND attempts = @Attempts
            """,
            new { delivery.Id, delivery.Attempts, state = state.ToString(), answer = Cut(answer, LongestAnswer), micros = (long?)again?.TotalMicroseconds }, cancellationToken);
    }

    public Task<AlertRow?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        db.FindAsync<AlertRow>($"SELECT {Columns} FROM alerts WHERE id = @id", new { id }, cancellationToken);

    /// <summary>Newest first, each with its deliveries.</summary>
    public async Task<IReadOnlyList<(AlertRow Alert, IReadOnlyList<AlertDeliveryRow> Deliveries)>> ListAsync(Guid? orgId, int limit, CancellationToken cancellationToken)
    {
        var alerts = await db.ListAsync<AlertRow>(
            $"SELECT {Columns} FROM alerts {(orgId is null ? "" : "WHERE org_id = @orgId")} ORDER BY raised_at DESC, id DESC LIMIT @limit", new { orgId, limit }, cancellationToken);
        if (alerts.Count == 0) return [];
        var deliveries = await db.ListAsync<AlertDeliveryRow>(
            $"SELECT {DeliveryColumns} FROM alert_deliveries WHERE alert_id IN @ids ORDER BY id", new { ids = alerts.Select(a => a.Id).ToArray() }, cancellationToken);
        var byAlert = deliveries.ToLookup(d => d.AlertId);
        return [.. alerts.Select(a => (a, (IReadOnlyList<AlertDeliveryRow>)[.. byAlert[a.Id]]))];
    }

    /// <summary>The org's rule for what is unusual, as the engine wrote it; null for the default.</summary>
    public Task<string?> RuleAsync(Guid orgId, CancellationToken cancellationToken) =>
        db.FindAsync<string>("SELECT content FROM anomaly_rules WHERE org_id = @orgId", new { orgId }, cancellationToken);

    public Task SetRuleAsync(Guid orgId, string content, string user, CancellationToken cancellationToken) =>
        db.ExecuteAsync(
            """
            INSERT INTO anomaly_rules (org_id, content, changed_at, changed_by) VALUES (@orgId, @content, @now, @user)
            ON DUPLICATE KEY UPDATE content = @content, changed_at = @now, changed_by = @user
            """, new { orgId, content, now = time.GetUtcNow(), user }, cancellationToken);

    private static string Cut(string text, int most) => text.Length <= most ? text : text[..(most - 1)] + "…";
}
