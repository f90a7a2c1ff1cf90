using System.Text;
using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>Puts rows of a batch into segments, with the files that belong to them.</summary>
public sealed class RowWriter(Org org, OrgVault vault, ObjectScope scope, Guid snapshotId, JobProgress progress, EngineOptions options)
{
    private static readonly Dictionary<int, string> NoFiles = [];
    private readonly SegmentWriter _segments =
        vault.NewSegments(scope.Name, snapshotId, SegmentKind.Records, scope.Columns, options.SegmentFlushBytes);

    private readonly ObjectFiles? _files = scope.FileField is null ? null : new ObjectFiles(org, vault, scope);

    public bool ShouldSeal => _segments.ShouldSeal;

    /// <summary>Appends the given rows and answers their content references by row index (empty for objects without files).</summary>
    public async Task<IReadOnlyDictionary<int, string>> AppendAsync(
        RecordBatch batch, BatchColumns columns, IReadOnlyList<int> rows, IReadOnlyDictionary<string, StoredRecord> held, CancellationToken cancellationToken)
    {
        var files = _files is null ? NoFiles : await _files.StoreAsync(batch, columns, rows, held, progress, cancellationToken);
        Append(batch, columns.Source, rows, files);
        return files;
    }

    // Every value of every row passes here.
    private void Append(RecordBatch batch, int[] sources, IReadOnlyList<int> rows, IReadOnlyDictionary<int, string> files)
    {
        for (var i = 0; i < rows.Count; i++)
        {
            var row = rows[i];
            _segments.BeginRow();
            foreach (var source in sources)
                _segments.Add(source >= 0 ? batch.Value(row, source) : Encoding.ASCII.GetBytes(files.GetValueOrDefault(row, "")));
            _segments.EndRow();
        }
    }

    /// <summary>Makes all appended rows durable.</summary>
    public async Task<IReadOnlyList<SegmentRef>> SealAsync(CancellationToken cancellationToken)
    {
        var sealedNow = await _segments.SealAsync(cancellationToken);
        progress.Stored(sealedNow.Sum(s => s.StoredBytes));
        return sealedNow;
    }
}
