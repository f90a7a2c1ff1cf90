using System.Text;

namespace Appliance.Vault;

/// <summary>
/// Collects rows of one object, sorts them by Id and seals them as segments. Memory: the flush size, a block per core, and 24 bytes a row.
/// Not thread-safe. A later row of an Id replaces an earlier one.
/// </summary>
public sealed class SegmentWriter : IDisposable
{
    private readonly ContainerStore _containers;
    private readonly string _objectName;
    private readonly Guid _snapshotId;
    private readonly SegmentKind _kind;
    private readonly string[] _columns;
    private readonly int _flushBytes;
    private readonly RowBuffer _rows;
    private int _column = -1;

    internal SegmentWriter(ContainerStore containers, string objectName, Guid snapshotId, SegmentKind kind, IReadOnlyList<string> columns, int flushBytes)
    {
        if (!VaultNames.IsObjectName(objectName)) throw new ArgumentException($"'{objectName}' is no object name.", nameof(objectName));
        if (columns.Count == 0 || columns[0] != "Id") throw new ArgumentException("The first column must be Id.", nameof(columns));
        if (columns.Distinct(StringComparer.Ordinal).Count() != columns.Count) throw new ArgumentException("A column is named twice.", nameof(columns));
        if (kind == SegmentKind.Tombstones && columns.Count != 1) throw new ArgumentException("Tombstones have the one column Id.", nameof(columns));
        ArgumentOutOfRangeException.ThrowIfLessThan(flushBytes, 1);
        (_containers, _objectName, _snapshotId, _kind, _flushBytes) = (containers, objectName, snapshotId, kind, flushBytes);
        _columns = [.. columns];
        _rows = new RowBuffer(CsvText.Line(_columns));
    }

    /// <summary>Bytes of canonical CSV that wait to be sealed.</summary>
    public long BufferedBytes => _rows.Rows == 0 ? 0 : _rows.Bytes;

    /// <summary>Rows taken since the writer was made, replaced ones counted.</summary>
    public long Rows { get; private set; }

    /// <summary>Time to call <see cref="SealAsync"/>; the writer does not do so itself.</summary>
    public bool ShouldSeal => BufferedBytes >= _flushBytes;

    public void BeginRow()
    {
        if (_column >= 0) throw new InvalidOperationException("The row before has not been ended.");
        _rows.Begin();
        _column = 0;
    }

    /// <summary>
    /// The next value of the row as UTF-8 text, in the order of the columns. Empty means null. The first is the Id: 1 to 255 bytes
    /// without comma, quote or line break.
    /// </summary>
    public void Add(ReadOnlySpan<byte> value)
    {
        if ((uint)_column >= (uint)_columns.Length) throw new InvalidOperationException("No row has been begun, or it has all its values.");
        if (_column++ > 0)
        {
            _rows.AppendField(value);
            return;
        }
        if (value.IsEmpty || value.Length > 255 || value.ContainsAny(CsvText.NeedQuotes))
            throw new VaultException(FailureKind.Permanent, $"{_objectName}: '{Encoding.UTF8.GetString(value[..Math.Min(value.Length, 40)])}' is no Id.", "Report this as a fault of the appliance.");
        _rows.AppendId(value);
    }

    public void EndRow()
    {
        if (_column != _columns.Length) throw new InvalidOperationException($"The row has {_column} of {_columns.Length} values.");
        _rows.End();
        _column = -1;
        Rows++;
    }

    /// <summary>
    /// Makes everything buffered durable as one segment and returns it; nothing buffered gives an empty list. The writer can go on
    /// afterwards.
    /// When it throws, the rows are still buffered and the call may be repeated.
    /// </summary>
    public async Task<IReadOnlyList<SegmentRef>> SealAsync(CancellationToken cancellationToken)
    {
        if (_column >= 0) throw new InvalidOperationException("A row is not ended.");
        if (_rows.Rows == 0) return [];
        var segment = await new SegmentSealer(_containers, _rows, _columns, _kind).SealAsync(_objectName, _snapshotId, cancellationToken);
        _rows.Clear();
        return [segment];
    }

    public void Dispose() => _rows.Dispose();
}
