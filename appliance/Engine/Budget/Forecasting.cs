using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine.Backups;
using Appliance.Engine.Jobs;
using Appliance.Engine.Templates;
using Appliance.Salesforce;

namespace Appliance.Engine.Budget;

/// <summary>Forecasts a backup of an org from its past runs and from what Salesforce says of its objects. Costs three or four API calls, one more for each object of a template.</summary>
public sealed class Forecasting(OrgSessions sessions, Catalog.Jobs jobs, Snapshots snapshots, Catalog.Templates templates, EngineOptions options)
{
    private const int JobsLookedAt = 500;

    public async Task<BackupForecast> ForAsync(OrgRow row, BackupParameters parameters, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(row);
        ArgumentNullException.ThrowIfNull(parameters);
        var org = sessions.For(row);
        await org.LimitsAsync(cancellationToken);
        var first = await snapshots.LatestAsync(row.Id, cancellationToken) is null;
        var kind = first && parameters.Kind is not BackupKind.Templated ? BackupKind.Full : parameters.Kind;
        var objects = parameters.Templates.IsEmpty || kind is BackupKind.Full ? await AllAsync(org, cancellationToken) : await ChosenAsync(row, org, parameters, cancellationToken);
        var incremental = kind is BackupKind.Incremental or BackupKind.Composite or BackupKind.CompositeSync;
        return BackupForecast.For(
            NameOf(kind), incremental, parameters.Sync || kind is BackupKind.CompositeSync, objects, await PastAsync(row.Id, cancellationToken), options.RestRows, options.CertificateRangeRows,
            parameters.ReadsMetadata(first) ? await MetadataCallsAsync(org, cancellationToken) : 0);
    }

    /// <summary>The past backups of an org as the catalog remembers them, newest first.</summary>
    public async Task<IReadOnlyList<PastRun>> PastAsync(Guid orgId, CancellationToken cancellationToken) =>
        [.. (await jobs.ListAsync(orgId, JobsLookedAt, cancellationToken)).Select(PastOf).OfType<PastRun>()];

    private static PastRun? PastOf(JobRow job)
    {
        if (job is not { Kind: JobKind.Backup, State: JobState.Completed or JobState.CompletedWithWarnings, Result: { } text, StartedAt: { } start, EndedAt: { } end }) return null;
        var result = JsonElement.Parse(text);
        var kind = JsonSerializer.Deserialize<BackupParameters>(job.Parameters, JsonSerializerOptions.Web)!.Kind;
        // The first incremental of an org was a full.
        if (result.TryGetProperty("kind", out var became) && became.GetString() == "full") kind = BackupKind.Full;
        long Number(string name) => result.TryGetProperty(name, out var value) && value.TryGetInt64(out var number) ? number : 0;
        return new PastRun(NameOf(kind), Number("apiCalls"), Number("recordsRead"), Number("records"), Number("bytesRead"), Number("bytesStored"), (end - start).TotalMinutes);
    }

    private static string NameOf(BackupKind kind) => kind switch
    {
        BackupKind.Full => "full",
        BackupKind.Incremental => "incremental",
        BackupKind.Composite => "composite",
        BackupKind.CompositeSync => "compositeSync",
        BackupKind.Templated => "templated",
    };

    /// <summary>Lists of types and of folders, and three calls for each of a few parts.</summary>
    private static async Task<long> MetadataCallsAsync(Org org, CancellationToken cancellationToken)
    {
        try
        {
            var types = await org.DescribeMetadataAsync(cancellationToken);
            return 1 + (types.Count + Org.MetadataQueriesPerCall - 1) / Org.MetadataQueriesPerCall + types.Count(t => t.InFolder) + 6;
        }
        catch (SalesforceException e) when (e is { OutOfQuota: false, NeedsReconnect: false })
        {
            return 1;       // refused, as the backup will be
        }
    }

    private static async Task<IReadOnlyList<ExpectedObject>> AllAsync(Org org, CancellationToken cancellationToken)
    {
        var names = (await org.DescribeGlobalAsync(cancellationToken)).Where(s => SkipList.ReasonToSkip(s) is null).Select(s => s.Name).ToList();
        var counts = await org.RecordCountsAsync(names, cancellationToken);
        return [.. names.Select(n => Expected(n, counts.GetValueOrDefault(n)))];
    }

    private async Task<IReadOnlyList<ExpectedObject>> ChosenAsync(OrgRow row, Org org, BackupParameters parameters, CancellationToken cancellationToken)
    {
        var chosen = new List<BackupTemplate>();
        foreach (var id in parameters.Templates)
            if (await templates.FindAsync(row.Id, id, cancellationToken) is { } template) chosen.Add(BackupTemplate.Parse(template.Content));
        return [.. (await new TemplateResolution(org).ResolveAsync(chosen, cancellationToken)).Objects.Select(o => Expected(o.Name, o.Rows ?? 0))];
    }

    private static ExpectedObject Expected(string name, long rows) => new(name, rows, name is "Attachment" or "ContentVersion" or "Document" or "StaticResource" or "ContentNote");
}
