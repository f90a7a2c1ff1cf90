using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Claims;
using System.Text.Json;
using Appliance.Catalog;
using Appliance.Server.Access;
using Appliance.Server.Jobs;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class JobsApi
{
    public sealed record JobError(string Cause, string? Remedy);

    /// <param name="Reason">user, quota, token, disk or storage.</param>
    /// <param name="LooksAt">When the job tries again by itself; null: it waits for somebody.</param>
    public sealed record JobPauseDocument(PauseReason Reason, DateTimeOffset? Since, DateTimeOffset? LooksAt, string? Cause, string? Remedy);

    public sealed record LogLine(DateTimeOffset At, string Level, string Text);

    public sealed record JobDocument(
        Guid Id, Guid OrgId, JobKind Kind, JobState State, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt,
        int Attempts, bool AbortAsked, bool PauseAsked, JobPauseDocument? Pause, JsonElement? Progress, JsonElement? Result, JobError? Error)
    {
        public static JobDocument Of(JobRow job) => new(
            job.Id, job.OrgId, job.Kind, job.State, job.CreatedAt, job.CreatedBy, job.StartedAt, job.EndedAt, job.Attempts, job.AbortAsked, job.PauseAsked,
            job.PauseReason is { } reason ? new JobPauseDocument(reason, job.PausedSince, job.LooksAt, job.Cause, job.Remedy) : null,
            Parse(job.Progress), Parse(job.Result), job.Cause is null || job.State is JobState.Paused ? null : new JobError(job.Cause, job.Remedy));

        private static JsonElement? Parse(string? json) => string.IsNullOrEmpty(json) ? null : JsonElement.Parse(json);
    }

    public static void MapJobs(this RouteGroupBuilder api)
    {
        var jobs = api.MapGroup("/jobs").WithTags("Jobs");
        jobs.MapGet("/", ListAsync).WithSummary("Jobs, newest first");
        jobs.MapGet("/{id:guid}", GetAsync).WithSummary("One job: state, progress, result or error");
        jobs.MapGet("/{id:guid}/events", EventsAsync).WithSummary("Server-sent events: the job document at each change, until it ends");
        jobs.MapGet("/{id:guid}/log", LogAsync).WithSummary("What the job wrote, oldest first");
        jobs.MapPost("/{id:guid}/pause", PauseAsync).WithSummary("Pause the job at its next durable step, until somebody resumes it");
        jobs.MapPost("/{id:guid}/resume", ResumeAsync).WithSummary("Let a paused job go on where it stopped");
        jobs.MapPost("/{id:guid}/abort", AbortAsync).WithSummary("Stop the job at its next durable step");
    }

    private static async Task<Results<Ok<IEnumerable<JobDocument>>, ProblemHttpResult>> ListAsync(Catalog.Jobs jobs, CancellationToken cancellationToken, Guid? orgId = null, int limit = 50)
    {
        if (limit is < 1 or > 500) return Problems.Bad("The limit is 1 to 500.", "Ask for fewer.");
        return TypedResults.Ok((await jobs.ListAsync(orgId, limit, cancellationToken)).Select(JobDocument.Of));
    }

    private static async Task<Results<Ok<JobDocument>, ProblemHttpResult>> GetAsync(Guid id, Catalog.Jobs jobs, CancellationToken cancellationToken) =>
        await jobs.GetAsync(id, cancellationToken) is { } job ? TypedResults.Ok(JobDocument.Of(job)) : Problems.NotFound("job");

    private static async Task<Results<ServerSentEventsResult<JobDocument>, ProblemHttpResult>> EventsAsync(Guid id, Catalog.Jobs jobs, JobFeed feed, CancellationToken cancellationToken) =>
        await jobs.GetAsync(id, cancellationToken) is null ? Problems.NotFound("job") : TypedResults.ServerSentEvents(EventsOf(id, feed, cancellationToken));

    private static async IAsyncEnumerable<SseItem<JobDocument>> EventsOf(Guid id, JobFeed feed, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var job in feed.WatchAsync(id, cancellationToken)) yield return new SseItem<JobDocument>(JobDocument.Of(job), "job");
    }

    private static async Task<Results<Ok<IEnumerable<LogLine>>, ProblemHttpResult>> LogAsync(Guid id, Catalog.Jobs jobs, CancellationToken cancellationToken) =>
        await jobs.GetAsync(id, cancellationToken) is null
            ? Problems.NotFound("job")
            : TypedResults.Ok((await jobs.LogAsync(id, 0, cancellationToken)).Select(l => new LogLine(l.At, l.Level, l.Text)));

    private static async Task<Results<Accepted, ProblemHttpResult>> PauseAsync(
        Guid id, Catalog.Jobs jobs, JobStarter starter, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await jobs.GetAsync(id, cancellationToken) is null) return Problems.NotFound("job");
        return await starter.PauseAsync(id, user.UserName, cancellationToken)
            ? TypedResults.Accepted($"/api/v1/jobs/{id}")
            : Problems.Of(StatusCodes.Status409Conflict, "The job has ended already.", "There is nothing to pause.");
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> ResumeAsync(
        Guid id, Catalog.Jobs jobs, JobStarter starter, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await jobs.GetAsync(id, cancellationToken) is null) return Problems.NotFound("job");
        return await starter.ResumeAsync(id, user.UserName, cancellationToken)
            ? TypedResults.Accepted($"/api/v1/jobs/{id}")
            : Problems.Of(StatusCodes.Status409Conflict, "The job is not paused.", "Look at its state: it runs, waits for its turn, or has ended.");
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> AbortAsync(
        Guid id, Catalog.Jobs jobs, JobStarter starter, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await jobs.GetAsync(id, cancellationToken) is null) return Problems.NotFound("job");
        return await starter.AbortAsync(id, user.UserName, cancellationToken)
            ? TypedResults.Accepted($"/api/v1/jobs/{id}")
            : Problems.Of(StatusCodes.Status409Conflict, "The job has ended already.", "There is nothing to abort.");
    }
}
