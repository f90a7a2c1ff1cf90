using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>
/// The objects of one run, each on its own: one whose schema changes under the reading is described and read again, one that Salesforce
/// refuses does not stop the others. Then the certificate says so, and what is held stays held.
/// </summary>
internal sealed class ObjectRuns(RunContext run, SnapshotManifest? parent, CompletenessCertificate? certified)
{
    private const int Describes = 3;

    private readonly ObjectBackup _objects = new(run);
    private readonly Dictionary<string, ObjectEntry> _previous = (parent?.Objects ?? []).ToDictionary(o => o.Name, StringComparer.Ordinal);
    private readonly Dictionary<string, ObjectCertificate> _certified = (certified?.Objects ?? []).ToDictionary(o => o.Name, StringComparer.Ordinal);

    public async Task<(ObjectEntry Entry, ObjectCertificate Certificate)> RunAsync(ObjectScope scope, IProgress<string> log, CancellationToken cancellationToken)
    {
        var (previous, known) = (_previous.GetValueOrDefault(scope.Name), _certified.GetValueOrDefault(scope.Name));
        for (var describe = 1; ; describe++)
        {
            try
            {
                await run.Vault.PutDocumentAsync($"schemas/{scope.SchemaHash}.json", scope.Describe.Json, cancellationToken);
                return await _objects.RunAsync(scope, previous, known, cancellationToken);
            }
            catch (SalesforceException e) when (e.SchemaChanged && describe < Describes)
            {
                log.Report($"{scope.Name}: the schema changed while it was read; it is read again");
                await run.Checkpoints.ForgetObjectAsync(scope.Name, cancellationToken);
                if (await DescribeAsync(scope.Name, cancellationToken) is not { } again) return await NotReadAsync(scope, previous, known, e, log, cancellationToken);
                scope = again;
            }
            catch (SalesforceException e) when (e.Kind == FailureKind.Permanent)
            {
                return await NotReadAsync(scope, previous, known, e, log, cancellationToken);
            }
        }
    }

    private async Task<ObjectScope?> DescribeAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var describe = (await run.Org.DescribeAsync(name, cancellationToken)).WithFieldIds(await run.Org.CustomFieldIdsAsync(cancellationToken));
            return (run.Start.Choice ?? BackupChoice.Everything).ScopeOf(describe);
        }
        catch (SalesforceException e) when (e.Kind == FailureKind.Permanent)
        {
            return null;
        }
    }

    private async Task<(ObjectEntry, ObjectCertificate)> NotReadAsync(
        ObjectScope scope, ObjectEntry? previous, ObjectCertificate? known, SalesforceException cause, IProgress<string> log, CancellationToken cancellationToken)
    {
        log.Report($"{scope.Name}: not read — {cause.Message}");
        var held = known is { Ranges.IsEmpty: false } ? HeldRanges.Of(known) : await new HeldCount(run, scope).WholeAsync(previous?.Segments ?? [], cancellationToken);
        var text = ObjectEntry.NotRead + cause.Message;
        var entry = (previous ?? new ObjectEntry { Name = scope.Name, Label = scope.Describe.Label, SchemaHash = scope.SchemaHash }) with
        {
            ReadRecords = 0, Explanation = text, OrgCount = null,
        };
        return (entry, new ObjectCertificate
        {
            Name = scope.Name,
            HeldLive = held.Live,
            HeldDeleted = held.Deleted,
            Buried = held.Buried,
            Ranges = [.. held.Ranges.Select(r => new IdRange(r.After, r.UpTo, r.Live, null))],
            DeletedUpTo = known?.DeletedUpTo,
            SyncedAt = run.CompareAll is null ? known?.SyncedAt : null,        // whatever made a comparison necessary still does
            Formulas = known?.Formulas,
            FilesHeld = held.Files,
            FilesMissing = held.FilesMissing,
            SkippedFields = scope.LeftOut,
            Gaps = [new CompletenessGap(GapKind.NotRead, text)],
        });
    }
}
