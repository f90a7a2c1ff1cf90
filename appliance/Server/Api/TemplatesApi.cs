using System.Security.Claims;
using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Backups;
using Appliance.Engine.Templates;
using Appliance.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class TemplatesApi
{
    public sealed record TemplateRequest(string? Name, string? Description, BackupTemplate? Content);

    public sealed record Template(Guid Id, string Name, string Description, BackupTemplate Content, DateTimeOffset ChangedAt, string ChangedBy);

    /// <param name="SkipReason">Why a default backup leaves it out; absent when it takes it.</param>
    public sealed record OrgObject(string Name, string Label, bool Custom, string? SkipReason);

    public static void MapTemplates(this RouteGroupBuilder api)
    {
        api.MapGet("/orgs/{orgId:guid}/objects", ObjectsAsync).WithTags("Templates").WithSummary("Objects of an org, and why a default backup leaves some out");
        var templates = api.MapGroup("/orgs/{orgId:guid}/templates").WithTags("Templates");
        templates.MapGet("/", ListAsync).WithSummary("Saved choices of what to back up");
        templates.MapGet("/{id:guid}", GetAsync).WithSummary("One template");
        templates.MapPost("/", AddAsync).WithSummary("Save a template");
        templates.MapPut("/{id:guid}", ChangeAsync).WithSummary("Change a template");
        templates.MapDelete("/{id:guid}", RemoveAsync).WithSummary("Remove a template");
        templates.MapPost("/checks", CheckAsync).WithSummary("What a template would take today");
    }

    private static async Task<Results<Ok<IEnumerable<OrgObject>>, ProblemHttpResult>> ObjectsAsync(Guid orgId, Orgs orgs, OrgSessions sessions, CancellationToken cancellationToken) =>
        await orgs.FindAsync(orgId, cancellationToken) is not { } org
            ? Problems.NotFound("org")
            : TypedResults.Ok((await sessions.For(org).DescribeGlobalAsync(cancellationToken)).OrderBy(s => s.Name, StringComparer.Ordinal)
                .Select(s => new OrgObject(s.Name, s.Label, s.Custom, SkipList.ReasonToSkip(s))));

    private static async Task<Results<Ok<IEnumerable<Template>>, ProblemHttpResult>> ListAsync(Guid orgId, Orgs orgs, Templates templates, CancellationToken cancellationToken) =>
        await orgs.FindAsync(orgId, cancellationToken) is null
            ? Problems.NotFound("org")
            : TypedResults.Ok((await templates.ListAsync(orgId, cancellationToken)).Select(Told));

    private static async Task<Results<Ok<Template>, ProblemHttpResult>> GetAsync(Guid orgId, Guid id, Templates templates, CancellationToken cancellationToken) =>
        await templates.FindAsync(orgId, id, cancellationToken) is { } row ? TypedResults.Ok(Told(row)) : Problems.NotFound("template");

    private static async Task<Results<Created<Template>, ProblemHttpResult>> AddAsync(
        Guid orgId, TemplateRequest request, Orgs orgs, TemplateChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is not { } org) return Problems.NotFound("org");
        var (row, mistakes) = await changes.PutAsync(org, null, request.Name, request.Description, request.Content, user.UserName, cancellationToken);
        return row is null ? Refused(mistakes) : TypedResults.Created($"/api/v1/orgs/{orgId}/templates/{row.Id}", Told(row));
    }

    private static async Task<Results<Ok<Template>, ProblemHttpResult>> ChangeAsync(
        Guid orgId, Guid id, TemplateRequest request, Orgs orgs, Templates templates, TemplateChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is not { } org) return Problems.NotFound("org");
        if (await templates.FindAsync(orgId, id, cancellationToken) is not { } known) return Problems.NotFound("template");
        var (row, mistakes) = await changes.PutAsync(org, known, request.Name ?? known.Name, request.Description ?? known.Description,
            request.Content ?? BackupTemplate.Parse(known.Content), user.UserName, cancellationToken);
        return row is null ? Refused(mistakes) : TypedResults.Ok(Told(row));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(
        Guid orgId, Guid id, TemplateChanges changes, Schedules schedules, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await schedules.TakesAsync(id, cancellationToken)) return Problems.Of(StatusCodes.Status409Conflict, "A schedule of this org takes this template.", "Change or remove the schedule first.");
        return await changes.RemoveAsync(orgId, id, user.UserName, cancellationToken) ? TypedResults.NoContent() : Problems.NotFound("template");
    }

    private static async Task<Results<Ok<ResolvedTemplate>, ProblemHttpResult>> CheckAsync(
        Guid orgId, BackupTemplate template, Orgs orgs, TemplateChanges changes, CancellationToken cancellationToken) =>
        await orgs.FindAsync(orgId, cancellationToken) is not { } org ? Problems.NotFound("org") : TypedResults.Ok(await changes.CheckAsync(org, template, cancellationToken));

    private static ProblemHttpResult Refused(string mistakes) => mistakes.Length > 0
        ? Problems.Bad(mistakes, "Correct it and send it again.")
        : Problems.Of(StatusCodes.Status409Conflict, "Another template of this org has this name.", "Choose another name.");

    private static Template Told(TemplateRow row) => new(row.Id, row.Name, row.Description, BackupTemplate.Parse(row.Content), row.ChangedAt, row.ChangedBy);
}
