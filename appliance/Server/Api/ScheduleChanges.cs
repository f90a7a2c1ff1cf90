using Appliance.Catalog;
using Appliance.Engine.Jobs;
using Appliance.Engine.Schedules;

namespace Appliance.Server.Api;

/// <summary>Judges, stores and audits changes of schedules. The API and the pages both come here.</summary>
public sealed class ScheduleChanges(Schedules schedules, Templates templates, AuditLog audit, TimeProvider time)
{
    /// <returns>The schedule, or null and every mistake.</returns>
    public Task<(ScheduleRow? Row, string Mistakes)> AddAsync(
        Guid orgId, string? kind, string? cadence, string? timeZone, bool enabled, string user, CancellationToken cancellationToken, IReadOnlyList<Guid>? templateIds = null) =>
        PutAsync(new ScheduleRow
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()), OrgId = orgId, Kind = kind ?? "incremental", Cadence = cadence ?? "", TimeZone = timeZone ?? "Etc/UTC", CreatedBy = user,
            TemplateIds = templateIds ?? [],
        }, enabled, user, cancellationToken);

    /// <summary>What is not given stays. Returns the schedule, or null and every mistake.</summary>
    public Task<(ScheduleRow? Row, string Mistakes)> ChangeAsync(
        ScheduleRow known, string? kind, string? cadence, string? timeZone, bool? enabled, string user, CancellationToken cancellationToken, IReadOnlyList<Guid>? templateIds = null) =>
        PutAsync(
            known with { Kind = kind ?? known.Kind, Cadence = cadence ?? known.Cadence, TimeZone = timeZone ?? known.TimeZone, TemplateIds = templateIds ?? known.TemplateIds },
            enabled ?? known.NextDue is not null, user, cancellationToken);

    public async Task<bool> RemoveAsync(Guid orgId, Guid id, string user, CancellationToken cancellationToken)
    {
        if (!await schedules.RemoveAsync(orgId, id, cancellationToken)) return false;
        await audit.AppendAsync(user, "schedule removed", $"org {orgId}", $"schedule {id}", cancellationToken);
        return true;
    }

    public async Task SwitchAsync(Guid orgId, bool off, string user, CancellationToken cancellationToken)
    {
        await schedules.SwitchAsync(orgId, off, user, cancellationToken);
        await audit.AppendAsync(user, off ? "schedules switched off" : "schedules switched on", $"org {orgId}", null, cancellationToken);
    }

    private async Task<(ScheduleRow?, string)> PutAsync(ScheduleRow row, bool enabled, string user, CancellationToken cancellationToken)
    {
        var right = Cadence.TryParse(row.Cadence, row.TimeZone, out var cadence, out var wrong);
        var mistakes = wrong.ToList();
        if (!BackupParameters.Kinds.Contains(row.Kind)) mistakes.Add($"There is no scheduled backup of the kind '{row.Kind}'; the kinds are {string.Join(", ", BackupParameters.Kinds)}.");
        else if (row.Kind is "templated" && row.TemplateIds.Count == 0) mistakes.Add("A templated backup wants templateIds.");
        else if (row.Kind is "full" or "incremental" && row.TemplateIds.Count > 0) mistakes.Add($"A backup of the kind {row.Kind} takes everything; leave templateIds out.");
        foreach (var id in row.TemplateIds)
            if (await templates.FindAsync(row.OrgId, id, cancellationToken) is null) mistakes.Add($"This org has no template {id}.");
        var next = cadence?.After(time.GetUtcNow());
        if (right && next is null) mistakes.Add($"'{row.Cadence}' never comes; choose another time.");
        if (mistakes.Count > 0) return (null, string.Join(" ", mistakes));
        var stored = row with { NextDue = enabled ? next : null };
        await schedules.PutAsync(stored, cancellationToken);
        await audit.AppendAsync(user, "schedule set", $"org {row.OrgId}", $"{row.Kind}, {row.Cadence}, {row.TimeZone}{(enabled ? "" : ", disabled")}, schedule {row.Id}", cancellationToken);
        return (stored, "");
    }
}
