using System.Text.Json;
using Dapper;

namespace Appliance.Catalog;

/// <summary>When backups of one org run by themselves.</summary>
public sealed record ScheduleRow
{
    public required Guid Id { get; init; }
    public required Guid OrgId { get; init; }
    /// <summary>One of the engine's kinds of backups.</summary>
    public required string Kind { get; init; }
    /// <summary>What a templated backup reads, or a composite refreshes.</summary>
    public IReadOnlyList<Guid> TemplateIds { get; init; } = [];
    /// <summary>As the engine's Cadence reads it.</summary>
    public required string Cadence { get; init; }
    /// <summary>IANA name.</summary>
    public required string TimeZone { get; init; }
    /// <summary>Null while disabled.</summary>
    public DateTimeOffset? NextDue { get; init; }
    public Guid? LastJobId { get; init; }
    /// <summary>Times let go because the run before was still going.</summary>
    public long Skipped { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public string CreatedBy { get; init; } = "";
}

/// <summary>What happened to a schedule that was due: a job was queued, or the run before was still going (no job).</summary>
public sealed record FiredSchedule(ScheduleRow Schedule, Guid? JobId);

public sealed class Schedules(CatalogDatabase db, TimeProvider time)
{
    private const string Columns = "id, org_id, kind, cadence, time_zone, next_due, last_job_id, skipped, created_at, created_by";

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<ScheduleRow>> ListAsync(Guid orgId, CancellationToken cancellationToken)
    {
        var rows = await db.ListAsync<ScheduleRow>($"SELECT {Columns} FROM schedules WHERE org_id = @orgId ORDER BY created_at, id", new { orgId }, cancellationToken);
        var templates = await db.ListAsync<Chosen>(
            "SELECT t.schedule_id, t.template_id FROM schedule_templates t JOIN schedules s ON s.id = t.schedule_id WHERE s.org_id = @orgId ORDER BY t.schedule_id, t.position", new { orgId }, cancellationToken);
        var of = templates.ToLookup(t => t.ScheduleId, t => t.TemplateId);
        return [.. rows.Select(r => r with { TemplateIds = [.. of[r.Id]] })];
    }

    public async Task<ScheduleRow?> FindAsync(Guid orgId, Guid id, CancellationToken cancellationToken) =>
        (await ListAsync(orgId, cancellationToken)).FirstOrDefault(s => s.Id == id);

    /// <summary>Stores a new schedule, or a known one with other words.</summary>
    public Task PutAsync(ScheduleRow row, CancellationToken cancellationToken) => db.InTransactionAsync(async (c, t) =>
    {
        await c.ExecuteAsync(new CommandDefinition(
            $"""
             INSERT INTO schedules ({Columns}) VALUES (@Id, @OrgId, @Kind, @Cadence, @TimeZone, @NextDue, NULL, 0, @now, @CreatedBy)
             ON DUPLICATE KEY UPDATE kind = @Kind, cadence = @Cadence, time_zone = @TimeZone, next_due = @NextDue
             """,
            new { row.Id, row.OrgId, row.Kind, row.Cadence, row.TimeZone, row.NextDue, now = time.GetUtcNow(), row.CreatedBy }, t, cancellationToken: cancellationToken));
        await c.ExecuteAsync(new CommandDefinition("DELETE FROM schedule_templates WHERE schedule_id = @Id", new { row.Id }, t, cancellationToken: cancellationToken));
        for (var i = 0; i < row.TemplateIds.Count; i++)
            await c.ExecuteAsync(new CommandDefinition(
                "INSERT INTO schedule_templates (schedule_id, position, template_id) VALUES (@Id, @i, @template)", new { row.Id, i, template = row.TemplateIds[i] }, t, cancellationToken: cancellationToken));
        return 0;
    }, cancellationToken);

    /// <summary>Whether a schedule takes the template: it must not go before.</summary>
    public async Task<bool> TakesAsync(Guid templateId, CancellationToken cancellationToken) =>
        await db.FindAsync<int?>("SELECT 1 FROM schedule_templates WHERE template_id = @templateId LIMIT 1", new { templateId }, cancellationToken) is not null;

    public async Task<bool> RemoveAsync(Guid orgId, Guid id, CancellationToken cancellationToken) =>
        await db.ExecuteAsync("DELETE FROM schedules WHERE id = @id AND org_id = @orgId", new { id, orgId }, cancellationToken) > 0;

    public async Task<bool> AreOffAsync(Guid orgId, CancellationToken cancellationToken) =>
        await db.FindAsync<int?>("SELECT 1 FROM schedules_off WHERE org_id = @orgId", new { orgId }, cancellationToken) is not null;

    public Task SwitchAsync(Guid orgId, bool off, string user, CancellationToken cancellationToken) => off
        ? db.ExecuteAsync("INSERT IGNORE INTO schedules_off (org_id, since, by_whom) VALUES (@orgId, @now, @user)", new { orgId, now = time.GetUtcNow(), user }, cancellationToken)
        : db.ExecuteAsync("DELETE FROM schedules_off WHERE org_id = @orgId", new { orgId }, cancellationToken);

    /// <summary>
    /// Queues the backup of one schedule that is due, and moves the schedule on, in one transaction: killed at any moment, or looked at by
    /// several servers at once, each due time gives one job at most. Null when nothing is due. Orgs that are switched off or whose token is
    /// broken wait.
    /// </summary>
    /// <param name="nextDue">The time after this one, from now: what was missed while no server ran is made up for once, not many times.</param>
    public Task<FiredSchedule?> FireDueAsync(Func<ScheduleRow, DateTimeOffset?> nextDue, CancellationToken cancellationToken) =>
        db.InTransactionAsync<FiredSchedule?>(async (c, t) =>
        {
            var now = time.GetUtcNow();
            var due = await c.QueryFirstOrDefaultAsync<ScheduleRow>(new CommandDefinition(
                $"""
                 SELECT {string.Join(", ", Columns.Split(", ").Select(column => "s." + column))} FROM schedules s
                 WHERE s.next_due <= @now
                   AND NOT EXISTS (SELECT 1 FROM schedules_off o WHERE o.org_id = s.org_id)
                   AND EXISTS (SELECT 1 FROM orgs g WHERE g.id = s.org_id AND g.token_state = 'Valid')
                 ORDER BY s.next_due LIMIT 1 FOR UPDATE SKIP LOCKED
                 """, new { now }, t, cancellationToken: cancellationToken));
            if (due is null) return null;
            var stillGoing = due.LastJobId is { } last && await c.ExecuteScalarAsync<int?>(new CommandDefinition(
                "SELECT 1 FROM jobs WHERE id = @last AND state IN ('Queued', 'InProgress', 'Paused')", new { last }, t, cancellationToken: cancellationToken)) is not null;
            Guid? jobId = stillGoing ? null : Guid.CreateVersion7(now);
            if (jobId is { } id)
            {
                var templates = (await c.QueryAsync<Guid>(new CommandDefinition(
                    "SELECT template_id FROM schedule_templates WHERE schedule_id = @Id ORDER BY position", new { due.Id }, t, cancellationToken: cancellationToken))).AsList();
                var parameters = templates.Count == 0 ? $$"""{"kind":"{{due.Kind}}"}""" : JsonSerializer.Serialize(new { kind = due.Kind, templateIds = templates });
                await c.ExecuteAsync(new CommandDefinition(
                    "INSERT INTO jobs (id, org_id, kind, state, parameters, created_at, created_by) VALUES (@id, @OrgId, 'Backup', 'Queued', @parameters, @now, 'schedule')",
                    new { id, due.OrgId, parameters, now }, t, cancellationToken: cancellationToken));
            }
            await c.ExecuteAsync(new CommandDefinition(
                "UPDATE schedules SET next_due = @next, last_job_id = COALESCE(@jobId, last_job_id), skipped = skipped + @skips WHERE id = @Id",
                new { due.Id, next = nextDue(due), jobId, skips = stillGoing ? 1 : 0 }, t, cancellationToken: cancellationToken));
            return new FiredSchedule(due, jobId);
        }, cancellationToken);

    /// <summary>
    /// Brings back schedules that were moved on while the machine's clock stood too late: corrected, it would let them wait for that time. A schedule's next time is never later than the
    /// one after now. Returns how many they were.
    /// </summary>
    /// <param name="nextDue">The time after now.</param>
    public async Task<int> BringBackAsync(Func<ScheduleRow, DateTimeOffset?> nextDue, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(nextDue);
        var brought = 0;
        foreach (var row in await db.ListAsync<ScheduleRow>($"SELECT {Columns} FROM schedules WHERE next_due > @now", new { now = time.GetUtcNow() }, cancellationToken))
            if (nextDue(row) is { } due && due < row.NextDue)
                brought += await db.ExecuteAsync("UPDATE schedules SET next_due = @due WHERE id = @Id AND next_due = @NextDue", new { row.Id, row.NextDue, due }, cancellationToken);
        return brought;
    }

    private sealed record Chosen
    {
        public Guid ScheduleId { get; init; }
        public Guid TemplateId { get; init; }
    }
}
