using System.Security.Claims;
using Appliance.Catalog;
using Appliance.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class SchedulesApi
{
    public sealed record ScheduleRequest(string? Kind, string? Cadence, string? TimeZone, bool? Enabled, Guid[]? TemplateIds = null);

    public sealed record Schedule(Guid Id, string Kind, string Cadence, string TimeZone, bool Enabled, DateTimeOffset? NextDue, Guid? LastJobId, long Skipped, IEnumerable<Guid> TemplateIds);

    public sealed record OrgSchedules(bool Off, IEnumerable<Schedule> Schedules);

    public sealed record Switch(bool Off);

    public static void MapSchedules(this RouteGroupBuilder api)
    {
        var schedules = api.MapGroup("/orgs/{orgId:guid}/schedules").WithTags("Schedules");
        schedules.MapGet("/", ListAsync).WithSummary("When backups of an org run by themselves");
        schedules.MapPost("/", AddAsync).WithSummary("Add a schedule");
        schedules.MapPut("/{id:guid}", ChangeAsync).WithSummary("Change a schedule");
        schedules.MapDelete("/{id:guid}", RemoveAsync).WithSummary("Remove a schedule");
        schedules.MapPut("/off", SwitchAsync).WithSummary("Let all schedules of an org stand still, or go on");
    }

    private static async Task<Results<Ok<OrgSchedules>, ProblemHttpResult>> ListAsync(Guid orgId, Orgs orgs, Schedules schedules, CancellationToken cancellationToken) =>
        await orgs.FindAsync(orgId, cancellationToken) is null
            ? Problems.NotFound("org")
            : TypedResults.Ok(new OrgSchedules(await schedules.AreOffAsync(orgId, cancellationToken), (await schedules.ListAsync(orgId, cancellationToken)).Select(Told)));

    private static async Task<Results<Created<Schedule>, ProblemHttpResult>> AddAsync(
        Guid orgId, ScheduleRequest request, Orgs orgs, ScheduleChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is null) return Problems.NotFound("org");
        var (row, mistakes) = await changes.AddAsync(orgId, request.Kind, request.Cadence, request.TimeZone, request.Enabled ?? true, user.UserName, cancellationToken, request.TemplateIds);
        return row is null ? Problems.Bad(mistakes, "Correct it and send it again.") : TypedResults.Created($"/api/v1/orgs/{orgId}/schedules/{row.Id}", Told(row));
    }

    private static async Task<Results<Ok<Schedule>, ProblemHttpResult>> ChangeAsync(
        Guid orgId, Guid id, ScheduleRequest request, Schedules schedules, ScheduleChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await schedules.FindAsync(orgId, id, cancellationToken) is not { } known) return Problems.NotFound("schedule");
        var (row, mistakes) = await changes.ChangeAsync(known, request.Kind, request.Cadence, request.TimeZone, request.Enabled, user.UserName, cancellationToken, request.TemplateIds);
        return row is null ? Problems.Bad(mistakes, "Correct it and send it again.") : TypedResults.Ok(Told(row));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        Guid orgId, Guid id, ScheduleChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await changes.RemoveAsync(orgId, id, user.UserName, cancellationToken) ? TypedResults.NoContent() : Problems.NotFound("schedule");

    private static async Task<Results<NoContent, ProblemHttpResult>> SwitchAsync(
        Guid orgId, Switch request, Orgs orgs, ScheduleChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is null) return Problems.NotFound("org");
        await changes.SwitchAsync(orgId, request.Off, user.UserName, cancellationToken);
        return TypedResults.NoContent();
    }

    private static Schedule Told(ScheduleRow row) =>
        new(row.Id, row.Kind, row.Cadence, row.TimeZone, row.NextDue is not null, row.NextDue, row.LastJobId, row.Skipped, row.TemplateIds);
}
