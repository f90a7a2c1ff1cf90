using Dapper;
using MySqlConnector;

namespace Appliance.Catalog;

/// <summary>
/// The job queue: rows with leases. A worker leases a job, keeps it by heartbeats and names the fencing number in every write, so that one whose
/// lease ran out can no longer change anything. Lease ends are told by the database's clock (workers may stand on several machines).
/// </summary>
public sealed partial class Jobs(CatalogDatabase db, TimeProvider time)
{
    /// <summary>A job that killed this many workers is given up.</summary>
    public const int MaxAttempts = 100;

    private const string Select =
        """
        SELECT j.id, j.org_id, j.kind, j.state, j.parameters, j.progress, j.result, j.cause, j.remedy, j.created_at, j.created_by, j.started_at, j.ended_at, j.abort_asked,
            j.worker, j.attempts, j.version, IF(j.state = 'Paused', p.reason, NULL) AS pause_reason, IF(j.state = 'Paused', p.since, NULL) AS paused_since,
            IF(j.state = 'Paused', p.look_at, NULL) AS looks_at, (j.state = 'InProgress' AND p.asked_by IS NOT NULL) AS pause_asked
        FROM jobs j LEFT JOIN job_pauses p ON p.job_id = j.id
        """;

    // A paused backup, or a plan whose safety backup is unfinished, keeps its place: later backups would read the same again, and a removal could take the
    // snapshot that it builds on. Restores and verification are let past it, and of one that waits for room on the disk a removal: it makes room.
    private const string MayRun =
        $"""
        ((j.state = 'InProgress' AND {LeaseOver})
         OR ((j.state = 'Queued' OR (j.state = 'Paused' AND EXISTS (SELECT 1 FROM job_pauses d WHERE d.job_id = j.id AND {LookIsDue})))
             AND NOT EXISTS (SELECT 1 FROM jobs r WHERE r.running_org_id = j.org_id)
             AND (j.kind IN ('RestorePlan', 'Restore', 'Verify')
                  OR NOT EXISTS (SELECT 1 FROM jobs b WHERE b.org_id = j.org_id AND b.state = 'Paused' AND b.kind IN ('Backup', 'RestorePlan') AND b.position < j.position
                      AND NOT (j.kind = 'Prune' AND EXISTS (SELECT 1 FROM job_pauses w WHERE w.job_id = b.id AND w.reason = 'Disk'))))))
        """;

    /// <summary>No lease is longer. One that ends later than this was given before the database's clock was set back: it counts as over.</summary>
    public static readonly TimeSpan LongestLease = TimeSpan.FromMinutes(10);

    private const string LeaseOver = "(j.lease_until < UTC_TIMESTAMP(6) OR j.lease_until > TIMESTAMPADD(SECOND, 660, UTC_TIMESTAMP(6)))";

    // No job waits a day for its next look: one that seems to was paused before the database's clock was set back.
    private const string LookIsDue = "(d.look_at <= UTC_TIMESTAMP(6) OR d.look_at > TIMESTAMPADD(HOUR, 25, UTC_TIMESTAMP(6)))";

    private const string OursStill = "WHERE id = @Id AND fencing = @Fencing AND state = 'InProgress'";

    public Task<Guid> EnqueueAsync(Guid orgId, JobKind kind, string parametersJson, CancellationToken cancellationToken) =>
        EnqueueAsync(orgId, kind, parametersJson, createdBy: "system", cancellationToken);

    /// <returns>The job's id; it grows with time.</returns>
    public async Task<Guid> EnqueueAsync(Guid orgId, JobKind kind, string parametersJson, string createdBy, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await db.ExecuteAsync(
            "INSERT INTO jobs (id, org_id, kind, state, parameters, created_at, created_by) VALUES (@id, @orgId, @kind, 'Queued', @parametersJson, @now, @createdBy)",
            new { id, orgId, kind = kind.ToString(), parametersJson, now, createdBy }, cancellationToken);
        return id;
    }

    /// <summary>
    /// Queues a deed that may be queued only once; every further call with the same key answers the first one's job, and queues it again
    /// when it was aborted or failed: it goes on where it stopped.
    /// </summary>
    /// <param name="onceKey">Names the deed, such as <c>restore/&lt;plan id&gt;</c>.</param>
    public async Task<Guid> EnqueueOnceAsync(Guid orgId, JobKind kind, string parametersJson, string createdBy, string onceKey, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await db.ExecuteAsync(
            """
            INSERT INTO jobs (id, org_id, kind, state, parameters, created_at, created_by, once_key)
            VALUES (@id, @orgId, @kind, 'Queued', @parametersJson, @now, @createdBy, @onceKey)
            ON DUPLICATE KEY UPDATE
                attempts = IF(state IN ('Aborted', 'Failed'), 0, attempts), abort_asked = IF(state IN ('Aborted', 'Failed'), 0, abort_asked),
                ended_at = IF(state IN ('Aborted', 'Failed'), NULL, ended_at), cause = IF(state IN ('Aborted', 'Failed'), NULL, cause),
                remedy = IF(state IN ('Aborted', 'Failed'), NULL, remedy), version = version + 1,
                state = IF(state IN ('Aborted', 'Failed'), 'Queued', state)
            """,
            new { id = Guid.CreateVersion7(now), orgId, kind = kind.ToString(), parametersJson, now, createdBy, onceKey }, cancellationToken);
        return (await FindOnceAsync(onceKey, cancellationToken))!.Value;
    }

    /// <summary>The job that was queued under this key, if any.</summary>
    public Task<Guid?> FindOnceAsync(string onceKey, CancellationToken cancellationToken) =>
        db.FindAsync<Guid?>("SELECT id FROM jobs WHERE once_key = @onceKey", new { onceKey }, cancellationToken);

    /// <summary>
    /// Takes the oldest job that may run: a queued one whose org has nothing in progress, or one in progress whose lease ran out.
    /// Null when there is none. Safe to call from any number of workers at once.
    /// </summary>
    public async Task<LeasedJob?> TryLeaseAsync(string workerId, TimeSpan lease, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lease, LongestLease);
        var candidates = await db.ListAsync<Candidate>(
            $"SELECT j.id, j.org_id FROM jobs j WHERE {MayRun} ORDER BY j.position LIMIT 20", null, cancellationToken);
        foreach (var candidate in candidates)
        {
            try
            {
                var job = await db.InTransactionAsync((c, t) => LeaseAsync(c, t, candidate, workerId, lease, cancellationToken), cancellationToken);
                if (job is not null) return job;
            }
            catch (MySqlException e) when (e.ErrorCode is MySqlErrorCode.LockDeadlock or MySqlErrorCode.DuplicateKeyEntry)
            {
                // Another worker was quicker with this org; look at the next.
            }
        }
        return null;
    }

    /// <summary>Keeps the job for another lease and tells whether it is still ours and whether somebody asked to abort or to pause it.</summary>
    public async Task<LeaseState> HeartbeatAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        var kept = await db.ExecuteAsync(
            $"UPDATE jobs SET lease_until = TIMESTAMPADD(MICROSECOND, @micros, UTC_TIMESTAMP(6)) {OursStill}",
            new { job.Id, job.Fencing, micros = (long)job.Lease.TotalMicroseconds }, cancellationToken);
        if (kept == 0) return LeaseState.Lost;
        return await db.FindAsync<int>(
            "SELECT IF(j.abort_asked, 2, p.asked_by IS NOT NULL) FROM jobs j LEFT JOIN job_pauses p ON p.job_id = j.id WHERE j.id = @Id", new { job.Id }, cancellationToken) switch
        {
            2 => LeaseState.AbortAsked, 1 => LeaseState.PauseAsked, _ => LeaseState.Ours,
        };
    }

    /// <exception cref="LostLeaseException">The job is no longer ours.</exception>
    public Task ReportProgressAsync(LeasedJob job, string progressJson, CancellationToken cancellationToken) =>
        GuardedAsync(job, $"UPDATE jobs SET progress = @progressJson, version = version + 1 {OursStill}", new { job.Id, job.Fencing, progressJson }, cancellationToken);

    /// <param name="level">info, warning or error.</param>
    /// <param name="text">Plain words; never a value of a record.</param>
    /// <exception cref="LostLeaseException">The job is no longer ours.</exception>
    public Task AppendLogAsync(LeasedJob job, string level, string text, CancellationToken cancellationToken) =>
        GuardedAsync(job,
            $"INSERT INTO job_log (job_id, at, level, text) SELECT id, @now, @level, @text FROM jobs {OursStill}",
            new { job.Id, job.Fencing, now = time.GetUtcNow(), level, text = text.Length > 10_000 ? text[..10_000] : text }, cancellationToken);

    /// <summary>Ends the job. A cause and a remedy belong to failures.</summary>
    /// <exception cref="LostLeaseException">The job is no longer ours, or it has ended already.</exception>
    public async Task FinishAsync(LeasedJob job, JobState state, string? resultJson, string? cause, string? remedy, CancellationToken cancellationToken)
    {
        if (state is JobState.Queued or JobState.InProgress or JobState.Paused) throw new ArgumentOutOfRangeException(nameof(state), state, "A job does not end so.");
        await GuardedAsync(job,
            $"""
             UPDATE jobs SET state = @state, result = @resultJson, cause = @cause, remedy = @remedy, ended_at = @ended,
                 worker = NULL, lease_until = NULL, running_org_id = NULL, version = version + 1 {OursStill}
             """,
            new { job.Id, job.Fencing, state = state.ToString(), resultJson, cause, remedy, ended = time.GetUtcNow() }, cancellationToken);
        // A pause that was asked for too late must not meet the job when the same deed is queued again.
        await db.ExecuteAsync("DELETE FROM job_pauses WHERE job_id = @Id", new { job.Id }, cancellationToken);
    }

    /// <summary>Gives the job back unfinished (a clean shutdown): the next worker goes on with it at once. A lost lease is fine here.</summary>
    public Task ReleaseAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        return db.ExecuteAsync(
            $"UPDATE jobs SET state = 'Queued', worker = NULL, lease_until = NULL, running_org_id = NULL, version = version + 1 {OursStill}",
            new { job.Id, job.Fencing }, cancellationToken);
    }

    public Task<JobRow?> GetAsync(Guid id, CancellationToken cancellationToken) =>
        db.FindAsync<JobRow>($"{Select} WHERE j.id = @id", new { id }, cancellationToken);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<JobRow>> ListAsync(Guid? orgId, int limit, CancellationToken cancellationToken) =>
        db.ListAsync<JobRow>(
            $"{Select} {(orgId is null ? "" : "WHERE j.org_id = @orgId")} ORDER BY j.position DESC LIMIT @limit",
            new { orgId, limit }, cancellationToken);

    /// <summary>Oldest first; <paramref name="afterId"/> is the id of the last line already seen.</summary>
    public Task<IReadOnlyList<JobLogLine>> LogAsync(Guid jobId, long afterId, CancellationToken cancellationToken) =>
        db.ListAsync<JobLogLine>("SELECT id, at, level, text FROM job_log WHERE job_id = @jobId AND id > @afterId ORDER BY id", new { jobId, afterId }, cancellationToken);

    /// <summary>Asks the running job to stop at its next durable step; a queued or paused one ends at once. False when it had ended already.</summary>
    public async Task<bool> AskAbortAsync(Guid jobId, CancellationToken cancellationToken)
    {
        var ended = await db.ExecuteAsync(
            "UPDATE jobs SET state = 'Aborted', abort_asked = 1, ended_at = @now, cause = NULL, remedy = NULL, version = version + 1 WHERE id = @jobId AND state IN ('Queued', 'Paused')",
            new { jobId, now = time.GetUtcNow() }, cancellationToken);
        return ended == 1 || await db.ExecuteAsync(
            "UPDATE jobs SET abort_asked = 1, version = version + 1 WHERE id = @jobId AND state = 'InProgress'", new { jobId }, cancellationToken) == 1;
    }

    private async Task<LeasedJob?> LeaseAsync(
        MySqlConnection c, MySqlTransaction t, Candidate candidate, string worker, TimeSpan lease, CancellationToken cancellationToken)
    {
        // The org's row is what workers queue on; whoever finds it taken looks elsewhere instead of waiting.
        var org = await c.ExecuteScalarAsync<int?>(new CommandDefinition(
            "SELECT 1 FROM orgs WHERE id = @OrgId FOR UPDATE SKIP LOCKED", candidate, t, cancellationToken: cancellationToken));
        if (org is null) return null;
        var row = await c.QueryFirstOrDefaultAsync<LeaseRow>(new CommandDefinition(
            $"""
             SELECT j.id, j.org_id, j.kind, j.parameters, j.fencing, j.attempts, p.times AS pauses, p.calls_to_begin FROM jobs j LEFT JOIN job_pauses p ON p.job_id = j.id
             WHERE j.id = @Id AND {MayRun} FOR UPDATE
             """, candidate, t, cancellationToken: cancellationToken));
        if (row is null) return null;
        if (row.Attempts >= MaxAttempts)
        {
            await c.ExecuteAsync(new CommandDefinition(
                """
                UPDATE jobs SET state = 'Failed', ended_at = @now, running_org_id = NULL, worker = NULL, lease_until = NULL, fencing = fencing + 1, version = version + 1,
                    cause = 'Every worker that took this job died before it ended.', remedy = 'Read the log of the machine for the reason, then start the job again.'
                WHERE id = @Id
                """, new { row.Id, now = time.GetUtcNow() }, t, cancellationToken: cancellationToken));
            return null;
        }
        await c.ExecuteAsync(new CommandDefinition(
            """
            UPDATE jobs SET state = 'InProgress', running_org_id = org_id, worker = @worker, cause = NULL, remedy = NULL, fencing = fencing + 1, attempts = attempts + 1, version = version + 1,
                started_at = COALESCE(started_at, @now), lease_until = TIMESTAMPADD(MICROSECOND, @micros, UTC_TIMESTAMP(6))
            WHERE id = @Id
            """,
            new { row.Id, worker, now = time.GetUtcNow(), micros = (long)lease.TotalMicroseconds }, t, cancellationToken: cancellationToken));
        return new LeasedJob(row.Id, row.OrgId, row.Kind, row.Parameters, row.Fencing + 1, row.Attempts + 1, worker, lease) { Pauses = row.Pauses ?? 0, CallsToBegin = row.CallsToBegin ?? 0 };
    }

    private async Task GuardedAsync(LeasedJob job, string sql, object parameters, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (await db.ExecuteAsync(sql, parameters, cancellationToken) == 0) throw new LostLeaseException(job.Id);
    }

    private sealed record Candidate
    {
        public Guid Id { get; init; }
        public Guid OrgId { get; init; }
    }

    private sealed record LeaseRow
    {
        public Guid Id { get; init; }
        public Guid OrgId { get; init; }
        public JobKind Kind { get; init; }
        public string Parameters { get; init; } = "";
        public long Fencing { get; init; }
        public int Attempts { get; init; }
        public int? Pauses { get; init; }
        public long? CallsToBegin { get; init; }
    }
}
