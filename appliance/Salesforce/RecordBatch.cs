using System.Buffers;
using System.Text;

namespace Appliance.Salesforce;

/// <summary>
/// Some rows of one object as UTF-8 text, at most about 1,000 rows or 1 MiB. A view over a buffer of its reader:
/// valid until the reader moves on or the batch is disposed. Null and empty are both an empty span, as in Bulk CSV.
/// </summary>
public sealed class RecordBatch : IDisposable
{
    internal const int MaxRows = 1_000;
    internal const int MaxBytes = 1 << 20;

    private Cell[] _cells = [];
    private byte[] _bytes = [];

    private readonly int _width;        // asked for every value: not by way of the list's interface

    internal RecordBatch(IReadOnlyList<string> columns) => (Columns, _width) = (columns, columns.Count);

    /// <summary>In the order of the query. A field of a parent is named by its path: <c>Account.Name</c>.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Rows in this batch.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<byte> Value(int row, int column)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Count, nameof(row));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)_width, nameof(column));
        var cell = _cells[(row * _width) + column];
        return _bytes.AsSpan(cell.Offset, cell.Length);
    }

    public string Text(int row, int column) => Encoding.UTF8.GetString(Value(row, column));

    public void Dispose()
    {
        Count = 0;
        if (_cells.Length > 0)
            ArrayPool<Cell>.Shared.Return(_cells);
        _cells = [];
        _bytes = [];
    }

    /// <summary>Empties the batch; the rows to come lie in <paramref name="bytes"/>, which stays the reader's.</summary>
    internal void Reset(byte[] bytes)
    {
        _bytes = bytes;
        Count = 0;
    }

    /// <summary>Adds a row of empty cells and gives them out to be filled.</summary>
    internal Span<Cell> AddRow()
    {
        var from = Count * _width;
        if (from + _width > _cells.Length)
        {
            var larger = ArrayPool<Cell>.Shared.Rent(Math.Max(256, (from + _width) * 2));
            _cells.AsSpan(0, from).CopyTo(larger);
            if (_cells.Length > 0)
                ArrayPool<Cell>.Shared.Return(_cells);
            _cells = larger;
        }
        Count++;
        var row = _cells.AsSpan(from, _width);
        row.Clear();
        return row;
    }

    internal readonly record struct Cell(int Offset, int Length);
}
