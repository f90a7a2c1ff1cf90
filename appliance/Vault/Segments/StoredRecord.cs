using System.Text;

namespace Appliance.Vault;

/// <summary>One version of one record. Owns its bytes: it may be kept as long as one likes. Null and empty are the same.</summary>
public sealed class StoredRecord
{
    private readonly byte[] _row;
    private readonly ColumnSet _columns;
    private readonly string _blobName;
    private readonly int _idLength;
    private int[]? _ends;       // found when a value behind the Id is asked for: who only counts or copies rows never pays for it
    private string? _id;

    internal StoredRecord(ReadOnlySpan<byte> row, int idLength, ColumnSet columns, bool tombstone, string blobName)
    {
        (_row, _idLength, _columns, _blobName) = (row.ToArray(), idLength, columns, blobName);
        IsTombstone = tombstone;
        Deleted = tombstone || (columns.IsDeleted >= 0 && CsvText.Field(_row, columns.IsDeleted).SequenceEqual("true"u8));
    }

    private StoredRecord(StoredRecord version)
    {
        (_row, _idLength, _columns, _blobName, _ends, _id) = (version._row, version._idLength, version._columns, version._blobName, version._ends, version._id);
        IsTombstone = Deleted = true;
    }

    public string Id => _id ??= Encoding.UTF8.GetString(_row.AsSpan(0, _idLength));

    /// <summary>The record is in the recycle bin (its IsDeleted says so) or gone from the org (a tombstone says so).</summary>
    public bool Deleted { get; }

    /// <summary>
    /// The newest thing known of the record is a tombstone; the values are those of its last known version, or none but the Id.
    /// </summary>
    public bool IsTombstone { get; }

    /// <summary>Bytes of the stored row as CSV, its line feed included.</summary>
    public int RowBytes => _row.Length + 1;

    /// <summary>The columns of the segment this version stands in; other versions may have others.</summary>
    public IReadOnlyList<string> Columns => _columns.Names;

    /// <summary>Null when the value is empty or this version has no such column.</summary>
    public string? this[string column] => _columns.Find(column) is var i and >= 0 ? Value(i) : null;

    /// <summary>The value in column <paramref name="i"/> of <see cref="Columns"/>, null when empty.</summary>
    public string? Value(int i) => Utf8(i) is { IsEmpty: false } value ? Encoding.UTF8.GetString(value) : null;

    /// <summary>The same values, known to be gone.</summary>
    internal StoredRecord AsTombstone() => new(this);

    /// <summary>The same as UTF-8, without making a string.</summary>
    public ReadOnlySpan<byte> Utf8(int i)
    {
        if (i == 0) return _row.AsSpan(0, _idLength);
        var ends = _ends ??= FindEnds();
        return CsvText.Value(_row.AsSpan(ends[i - 1] + 1, ends[i] - ends[i - 1] - 1));
    }

    /// <summary>The value as UTF-8; empty when this version has no such column.</summary>
    public ReadOnlySpan<byte> Utf8(string column) => _columns.Find(column) is var i and >= 0 ? Utf8(i) : default;

    private int[] FindEnds()
    {
        var ends = new int[_columns.Names.Count];
        return CsvText.FieldEnds(_row, ends) == ends.Length ? ends : throw VaultException.Damaged(_blobName, "a row has not as many values as there are columns");
    }
}

/// <summary>What is held of a record: live, in the recycle bin, or known to be gone (a tombstone).</summary>
public enum HeldState { Live, Deleted, Buried }

/// <summary>A version of a record and the run that wrote it.</summary>
public sealed record RecordVersion(Guid SnapshotId, StoredRecord Record);
