using System.Security.Claims;
using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine.Alerts;
using Appliance.Server.Access;
using Appliance.Server.Alerts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class AlertsApi
{
    /// <param name="Key">The signing key of a new webhook, shown once.</param>
    public sealed record Channel(
        Guid Id, string Name, AlertChannelKind Kind, Guid? OrgId, IEnumerable<AlertKind> Events, bool Enabled, MailSettings? Mail, string? Host, DateTimeOffset ChangedAt, string ChangedBy, string? Key = null);

    public sealed record Delivery(string Channel, DeliveryState State, int Attempts, DateTimeOffset? NextAt, DateTimeOffset? EndedAt, string? Answer);

    public sealed record Alert(Guid Id, Guid? OrgId, Guid? JobId, AlertKind Kind, string Title, string Text, string? Remedy, DateTimeOffset RaisedAt, IEnumerable<Delivery> Deliveries);

    public static void MapAlerts(this RouteGroupBuilder api)
    {
        var alerts = api.MapGroup("/alerts").WithTags("Alerts");
        alerts.MapGet("/", ListAsync).WithSummary("Alerts with their deliveries, newest first");
        alerts.MapGet("/channels", ChannelsAsync).WithSummary("Where alerts go");
        alerts.MapPost("/channels", AddAsync).WithSummary("Add a channel");
        alerts.MapPut("/channels/{id:guid}", ChangeAsync).WithSummary("Change a channel; secrets that are not given stay");
        alerts.MapDelete("/channels/{id:guid}", RemoveAsync).WithSummary("Remove a channel");
        alerts.MapPost("/channels/{id:guid}/tests", TestAsync).WithSummary("Send a test now");
        var rule = api.MapGroup("/orgs/{orgId:guid}/anomalies").WithTags("Alerts");
        rule.MapGet("/", RuleAsync).WithSummary("When deletes or changes of an org count as unusual");
        rule.MapPut("/", SetRuleAsync).WithSummary("Set the rule");
    }

    private static async Task<Results<Ok<IEnumerable<Alert>>, ProblemHttpResult>> ListAsync(Catalog.Alerts alerts, CancellationToken cancellationToken, Guid? orgId = null, int limit = 50) =>
        limit is < 1 or > 500 ? Problems.Bad("The limit is 1 to 500.", "Ask for fewer.") : TypedResults.Ok((await alerts.ListAsync(orgId, limit, cancellationToken)).Select(Told));

    private static async Task<Ok<IEnumerable<Channel>>> ChannelsAsync(AlertChannels channels, CancellationToken cancellationToken) =>
        TypedResults.Ok((await channels.ListAsync(cancellationToken)).Select(c => Told(c)));

    private static async Task<Results<Created<Channel>, ProblemHttpResult>> AddAsync(ChannelWish wish, AlertChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        var (row, key, mistakes) = await changes.PutAsync(null, wish, user.UserName, cancellationToken);
        return row is null ? Problems.Bad(mistakes, "Correct it and send it again.") : TypedResults.Created($"/api/v1/alerts/channels/{row.Id}", Told(row, key));
    }

    private static async Task<Results<Ok<Channel>, ProblemHttpResult>> ChangeAsync(
        Guid id, ChannelWish wish, AlertChannels channels, AlertChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await channels.FindAsync(id, cancellationToken) is not { } known) return Problems.NotFound("channel");
        var (row, key, mistakes) = await changes.PutAsync(known, wish, user.UserName, cancellationToken);
        return row is null ? Problems.Bad(mistakes, "Correct it and send it again.") : TypedResults.Ok(Told(row, key));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(Guid id, AlertChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await changes.RemoveAsync(id, user.UserName, cancellationToken) ? TypedResults.NoContent() : Problems.NotFound("channel");

    private static async Task<Results<Ok<Sent>, ProblemHttpResult>> TestAsync(Guid id, AlertChannels channels, AlertChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken) =>
        await channels.FindAsync(id, cancellationToken) is { } channel ? TypedResults.Ok(await changes.TestAsync(channel, user.UserName, cancellationToken)) : Problems.NotFound("channel");

    private static async Task<Results<Ok<AnomalyRule>, ProblemHttpResult>> RuleAsync(Guid orgId, Orgs orgs, AlertChanges changes, CancellationToken cancellationToken) =>
        await orgs.FindAsync(orgId, cancellationToken) is null ? Problems.NotFound("org") : TypedResults.Ok(await changes.RuleAsync(orgId, cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> SetRuleAsync(
        Guid orgId, AnomalyRule rule, Orgs orgs, AlertChanges changes, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (await orgs.FindAsync(orgId, cancellationToken) is null) return Problems.NotFound("org");
        var mistake = await changes.SetRuleAsync(orgId, rule, user.UserName, cancellationToken);
        return mistake.Length > 0 ? Problems.Bad(mistake, "Correct it and send it again.") : TypedResults.NoContent();
    }

    private static Channel Told(AlertChannelRow row, string? key = null) => new(
        row.Id, row.Name, row.Kind, row.OrgId, row.Events, row.Enabled,
        row.Kind is AlertChannelKind.Mail ? JsonSerializer.Deserialize<MailSettings>(row.Settings, JsonSerializerOptions.Web) : null,
        row.Kind is AlertChannelKind.Mail ? null : ChannelSecret.Of(row).Url?.IdnHost, row.ChangedAt, row.ChangedBy, key);

    private static Alert Told((AlertRow Alert, IReadOnlyList<AlertDeliveryRow> Deliveries) told) => new(
        told.Alert.Id, told.Alert.OrgId, told.Alert.JobId, told.Alert.Kind, told.Alert.Title, told.Alert.Text, told.Alert.Remedy, told.Alert.RaisedAt,
        told.Deliveries.Select(d => new Delivery(d.Channel, d.State, d.Attempts, d.NextAt, d.EndedAt, d.Answer)));
}
