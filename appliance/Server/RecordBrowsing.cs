using Appliance.Catalog;
using Appliance.Engine.Browsing;
using Appliance.Vault;

namespace Appliance.Server;

/// <summary>Looking at snapshots, with a line in the audit log for every view of record data. The API and the pages both come here.</summary>
public sealed class RecordBrowsing(SnapshotBrowser browser, AuditLog audit)
{
    /// <summary>No record data, so no audit line.</summary>
    public Task<SnapshotManifest?> ManifestAsync(Guid snapshotId, CancellationToken cancellationToken) => browser.ManifestAsync(snapshotId, cancellationToken);

    public Task<CompletenessCertificate?> CertificateAsync(Guid snapshotId, CancellationToken cancellationToken) => browser.CertificateAsync(snapshotId, cancellationToken);

    public async Task<RecordPage?> PageAsync(Guid snapshotId, string objectName, string? after, int limit, bool deleted, string user, CancellationToken cancellationToken)
    {
        await audit.AppendAsync(user, "records viewed", $"{objectName} in snapshot {snapshotId}", after is null ? null : $"after {after}", cancellationToken);
        return await browser.PageAsync(snapshotId, objectName, after, limit, deleted, cancellationToken);
    }

    public async Task<RecordView?> RecordAsync(Guid snapshotId, string objectName, string recordId, string user, CancellationToken cancellationToken)
    {
        await audit.AppendAsync(user, "record viewed", $"{objectName} {recordId}", $"snapshot {snapshotId}", cancellationToken);
        return await browser.RecordAsync(snapshotId, objectName, recordId, cancellationToken);
    }

    public async Task<IReadOnlyList<HistoryEntry>?> HistoryAsync(Guid orgId, string objectName, string recordId, string user, CancellationToken cancellationToken)
    {
        await audit.AppendAsync(user, "history viewed", $"{objectName} {recordId}", $"org {orgId}", cancellationToken);
        return await browser.HistoryAsync(orgId, objectName, recordId, cancellationToken);
    }

    public async Task<FileView?> FileAsync(Guid snapshotId, string objectName, string recordId, string field, string user, CancellationToken cancellationToken)
    {
        await audit.AppendAsync(user, "file downloaded", $"{objectName} {recordId} {field}", $"snapshot {snapshotId}", cancellationToken);
        return await browser.FileAsync(snapshotId, objectName, recordId, field, cancellationToken);
    }
}
