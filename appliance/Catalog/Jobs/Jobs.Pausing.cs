using Dapper;

namespace Appliance.Catalog;

/// <summary>Pausing and resuming. A paused job keeps its place in the queue and everything its run has reached.</summary>
public sealed partial class Jobs
{
    /// <summary>Pauses our running job.</summary>
    /// <exception cref="LostLeaseException">The job is no longer ours, or it has ended already.</exception>
    public async Task PauseAsync(LeasedJob job, JobPause pause, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(pause);
        var paused = await db.InTransactionAsync(async (c, t) =>
        {
            // The org's row first, as everywhere: an org that is being connected again either finds this job paused, or is seen here as connected.
            var token = await c.ExecuteScalarAsync<string?>(new CommandDefinition("SELECT token_state FROM orgs WHERE id = @OrgId FOR UPDATE", new { job.OrgId }, t, cancellationToken: cancellationToken));
            var wait = pause.Reason is PauseReason.Token && token is nameof(TokenState.Valid) ? TimeSpan.Zero : pause.LookIn;
            var ours = await c.ExecuteAsync(new CommandDefinition(
                $"""
                 UPDATE jobs SET state = 'Paused', cause = @Cause, remedy = @Remedy, attempts = 0,
                     worker = NULL, lease_until = NULL, running_org_id = NULL, version = version + 1 {OursStill}
                 """, new { job.Id, job.Fencing, pause.Cause, pause.Remedy }, t, cancellationToken: cancellationToken));
            if (ours == 0) return false;
            await c.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO job_pauses (job_id, reason, since, look_at, times, calls_to_begin)
                VALUES (@Id, @reason, UTC_TIMESTAMP(6), TIMESTAMPADD(MICROSECOND, @micros, UTC_TIMESTAMP(6)), 1, @CallsToBegin)
                ON DUPLICATE KEY UPDATE reason = @reason, since = IF(@Progressed, UTC_TIMESTAMP(6), since), asked_by = NULL,
                    look_at = TIMESTAMPADD(MICROSECOND, @micros, UTC_TIMESTAMP(6)), times = IF(@Progressed, 1, times + 1), calls_to_begin = GREATEST(calls_to_begin, @CallsToBegin)
                """,
                new { job.Id, reason = pause.Reason.ToString(), micros = (long?)wait?.TotalMicroseconds, pause.CallsToBegin, pause.Progressed }, t, cancellationToken: cancellationToken));
            return true;
        }, cancellationToken);
        if (!paused) throw new LostLeaseException(job.Id);
    }

    /// <summary>Pauses our running job because <see cref="AskPauseAsync"/> asked for it.</summary>
    /// <exception cref="LostLeaseException">The job is no longer ours, or it has ended already.</exception>
    public async Task PauseForUserAsync(LeasedJob job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        var user = await db.FindAsync<string?>("SELECT asked_by FROM job_pauses WHERE job_id = @Id", new { job.Id }, cancellationToken);
        var (cause, remedy) = JobPause.ByUser(user ?? "A user");
        await PauseAsync(job, new JobPause(PauseReason.User, cause, remedy), cancellationToken);
    }

    /// <summary>A queued job is paused at once, a running one at its next durable step; one that waits to try again by itself does so no more. False when it has ended.</summary>
    public Task<bool> AskPauseAsync(Guid jobId, string user, CancellationToken cancellationToken) =>
        db.InTransactionAsync(async (c, t) =>
        {
            var state = await c.ExecuteScalarAsync<string?>(new CommandDefinition("SELECT state FROM jobs WHERE id = @jobId FOR UPDATE", new { jobId }, t, cancellationToken: cancellationToken));
            if (state is not (nameof(JobState.Queued) or nameof(JobState.InProgress) or nameof(JobState.Paused))) return false;
            var running = state is nameof(JobState.InProgress);
            var (cause, remedy) = JobPause.ByUser(user);
            await c.ExecuteAsync(new CommandDefinition(
                running ? "UPDATE jobs SET version = version + 1 WHERE id = @jobId"
                    : "UPDATE jobs SET state = 'Paused', attempts = 0, cause = @cause, remedy = @remedy, version = version + 1 WHERE id = @jobId",
                new { jobId, cause, remedy }, t, cancellationToken: cancellationToken));
            await c.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO job_pauses (job_id, reason, since, asked_by) VALUES (@jobId, 'User', UTC_TIMESTAMP(6), @asked)
                ON DUPLICATE KEY UPDATE reason = 'User', since = UTC_TIMESTAMP(6), look_at = NULL, asked_by = @asked
                """, new { jobId, asked = running ? user : null }, t, cancellationToken: cancellationToken));
            return true;
        }, cancellationToken);

    /// <summary>Lets a paused job go on at its place in the queue, or takes back that a running one is asked to pause. False when it is neither.</summary>
    public Task<bool> ResumeAsync(Guid jobId, CancellationToken cancellationToken) =>
        db.InTransactionAsync(async (c, t) =>
        {
            if (await ResumeAsync(c, t, "j.id = @jobId", new { jobId }, cancellationToken) > 0) return true;
            return await c.ExecuteAsync(new CommandDefinition(
                "UPDATE jobs j JOIN job_pauses p ON p.job_id = j.id SET p.asked_by = NULL, j.version = j.version + 1 WHERE j.id = @jobId AND j.state = 'InProgress' AND p.asked_by IS NOT NULL",
                new { jobId }, t, cancellationToken: cancellationToken)) > 0;
        }, cancellationToken);

    /// <summary>Lets all jobs of an org go on that are paused for this reason; answers how many that were.</summary>
    public Task<int> ResumeAllAsync(Guid orgId, PauseReason reason, CancellationToken cancellationToken) =>
        db.InTransactionAsync((c, t) => ResumeAllAsync(c, t, orgId, reason, cancellationToken), cancellationToken);

    internal static Task<int> ResumeAllAsync(
        MySqlConnector.MySqlConnection c, MySqlConnector.MySqlTransaction t, Guid orgId, PauseReason reason, CancellationToken cancellationToken) =>
        ResumeAsync(c, t, "j.org_id = @orgId AND p.reason = @reason", new { orgId, reason = reason.ToString() }, cancellationToken);

    private static async Task<int> ResumeAsync(
        MySqlConnector.MySqlConnection c, MySqlConnector.MySqlTransaction t, string which, object parameters, CancellationToken cancellationToken)
    {
        var ids = (await c.QueryAsync<Guid>(new CommandDefinition(
            $"SELECT j.id FROM jobs j JOIN job_pauses p ON p.job_id = j.id WHERE j.state = 'Paused' AND {which} FOR UPDATE", parameters, t, cancellationToken: cancellationToken))).AsList();
        if (ids.Count == 0) return 0;
        await c.ExecuteAsync(new CommandDefinition(
            "UPDATE jobs SET state = 'Queued', cause = NULL, remedy = NULL, version = version + 1 WHERE id IN @ids", new { ids }, t, cancellationToken: cancellationToken));
        await c.ExecuteAsync(new CommandDefinition("UPDATE job_pauses SET look_at = NULL, asked_by = NULL WHERE job_id IN @ids", new { ids }, t, cancellationToken: cancellationToken));
        return ids.Count;
    }
}
