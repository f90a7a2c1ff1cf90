using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Templates;

namespace Appliance.Server.Api;

/// <summary>Checks templates against the org, stores them, and writes the audit log. The API and the pages both come here.</summary>
public sealed class TemplateChanges(Templates templates, OrgSessions sessions, AuditLog audit, TimeProvider time)
{
    private const int LongestName = 120, LongestDescription = 1000;

    /// <summary>What the template would take today.</summary>
    public Task<ResolvedTemplate> CheckAsync(OrgRow org, BackupTemplate template, CancellationToken cancellationToken) =>
        new TemplateResolution(sessions.For(org)).ResolveAsync([template], cancellationToken);

    /// <param name="known">Null for a new one.</param>
    /// <returns>The stored row; or null with every mistake, or with none when the name is taken.</returns>
    public async Task<(TemplateRow? Row, string Mistakes)> PutAsync(
        OrgRow org, TemplateRow? known, string? name, string? description, BackupTemplate? template, string user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(org);
        var mistakes = new List<string>();
        if (string.IsNullOrWhiteSpace(name) || name.Length > LongestName) mistakes.Add($"The name must have 1 to {LongestName} characters.");
        if (description?.Length > LongestDescription) mistakes.Add($"The description may have {LongestDescription} characters at most.");
        if (template is null) mistakes.Add("The template has no content.");
        else mistakes.AddRange((await CheckAsync(org, template, cancellationToken)).Mistakes);
        if (mistakes.Count > 0) return (null, string.Join(" ", mistakes));
        var row = new TemplateRow
        {
            Id = known?.Id ?? Guid.CreateVersion7(time.GetUtcNow()), OrgId = org.Id, Name = name!.Trim(), Description = description ?? "", Content = template!.ToJson(), ChangedBy = user,
        };
        if (!await templates.PutAsync(row, cancellationToken)) return (null, "");
        await audit.AppendAsync(user, known is null ? "template made" : "template changed", $"org {org.Id}", $"{row.Name}, template {row.Id}", cancellationToken);
        return (await templates.FindAsync(org.Id, row.Id, cancellationToken), "");
    }

    public async Task<bool> RemoveAsync(Guid orgId, Guid id, string user, CancellationToken cancellationToken)
    {
        var removed = await templates.RemoveAsync(orgId, id, cancellationToken);
        if (removed) await audit.AppendAsync(user, "template removed", $"org {orgId}", $"template {id}", cancellationToken);
        return removed;
    }
}
