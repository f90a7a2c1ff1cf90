using System.Text;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Backups;

/// <summary>Where each stored column stands in a batch as Salesforce answered it (SELECT order, but names are matched, not trusted).</summary>
public sealed class BatchColumns
{
    private readonly RecordBatch _batch;
    private readonly ObjectScope _scope;
    private readonly int _isDeleted;

    public BatchColumns(RecordBatch batch, ObjectScope scope)
    {
        (_batch, _scope) = (batch, scope);
        Source = [.. scope.Columns.Select(name => IndexOf(batch.Columns, name))];
        var missing = scope.Columns.Where((name, i) => Source[i] < 0 && name != scope.FileField).ToList();
        if (missing.Count > 0)
            throw new SalesforceException(
                FailureKind.Permanent, $"Salesforce's answer for {scope.Name} lacks the columns {string.Join(", ", missing)}.",
                "The schema changed while the run was reading it; start the backup again.", "INVALID_FIELD");
        Id = Source[0];
        _isDeleted = IndexOf(batch.Columns, "IsDeleted");
    }

    /// <summary>Index in the batch for each stored column; -1 for the file column, which no query returns.</summary>
    public int[] Source { get; }

    public int Id { get; }

    public bool IsDeleted(int row) => _isDeleted >= 0 && _batch.Value(row, _isDeleted).SequenceEqual("true"u8);

    /// <summary>Whether the held version says the same in every column, so that storing the row again would add nothing.</summary>
    public bool SameAs(StoredRecord? held, int row)
    {
        if (held is null || held.IsTombstone) return false;
        for (var column = 0; column < Source.Length; column++)
            if (Source[column] >= 0 && !Equal(_batch.Value(row, Source[column]), held[_scope.Columns[column]])) return false;
        return true;
    }

    private static bool Equal(ReadOnlySpan<byte> utf8, string? text)
    {
        if (string.IsNullOrEmpty(text)) return utf8.IsEmpty;
        if (utf8.Length < text.Length) return false;
        return utf8.Length == Encoding.UTF8.GetByteCount(text) && Encoding.UTF8.GetString(utf8) == text;
    }

    private static int IndexOf(IReadOnlyList<string> columns, string name)
    {
        for (var i = 0; i < columns.Count; i++)
            if (string.Equals(columns[i], name, StringComparison.OrdinalIgnoreCase)) return i;
        return -1;
    }
}
