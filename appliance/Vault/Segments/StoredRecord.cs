using System.Text;

namespace Appliance.Vault;

/// <summary>One version of one record. Owns its bytes: it may be kept as long as one likes. Null and empty are the same.</summary>
public sealed class StoredRecord
{
    private readonly byte[] _row;
    private readonly int[] _ends;
    private readonly ColumnSet _columns;

    internal StoredRecord(ReadOnlySpan<byte> row, ColumnSet columns, bool tombstone, string blobName)
    {
        _row = row.ToArray();
        _columns = columns;
        _ends = new int[columns.Names.Count];
        if (CsvText.FieldEnds(_row, _ends) != _ends.Length) throw VaultException.Damaged(blobName, "a row has not as many values as there are columns");
        Id = Encoding.UTF8.GetString(_row.AsSpan(0, _ends[0]));
        IsTombstone = tombstone;
        Deleted = tombstone || (columns.IsDeleted >= 0 && Utf8(columns.IsDeleted).SequenceEqual("true"u8));
    }

    private StoredRecord(StoredRecord version)
    {
        (_row, _ends, _columns, Id) = (version._row, version._ends, version._columns, version.Id);
        IsTombstone = Deleted = true;
    }

    public string Id { get; }

    /// <summary>The record is in the recycle bin (its IsDeleted says so) or gone from the org (a tombstone says so).</summary>
    public bool Deleted { get; }

    /// <summary>
    /// The newest thing known of the record is a tombstone; the values are those of its last known version, or none but the Id.
    /// </summary>
    public bool IsTombstone { get; }

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
        var start = i == 0 ? 0 : _ends[i - 1] + 1;
        return CsvText.Value(_row.AsSpan(start, _ends[i] - start));
    }

    /// <summary>The value as UTF-8; empty when this version has no such column.</summary>
    public ReadOnlySpan<byte> Utf8(string column) => _columns.Find(column) is var i and >= 0 ? Utf8(i) : default;
}

/// <summary>A version of a record and the run that wrote it.</summary>
public sealed record RecordVersion(Guid SnapshotId, StoredRecord Record);
