using System.Runtime.CompilerServices;
using System.Text;
using Appliance.Salesforce;

namespace Appliance.Engine.Backups;

/// <summary>The live Ids of one range as Salesforce lists them, sorted, each with its stamp: 24 bytes a row.</summary>
internal sealed class OrgIds
{
    /// <summary>Rows beyond which a range is not compared in memory.</summary>
    public const int Most = 2_000_000;

    private const int Attempts = 3;
    private UInt128[] _ids = new UInt128[1024];
    private long[] _stamps = new long[1024];

    public int Count { get; private set; }

    public UInt128 this[int i] => _ids[i];

    /// <summary>The digits of the change field; 0 when the object has none.</summary>
    public long Stamp(int i) => _stamps[i];

    /// <summary>Rows that have changed since the moment that <see cref="LookAsync"/> was asked for, deleted ones included.</summary>
    public long Changed { get; private set; }

    /// <summary>Salesforce listed some row twice: then it may have left out another one.</summary>
    private bool Repeated { get; set; }

    /// <summary>Null when there are more than <see cref="Most"/>.</summary>
    /// <exception cref="SalesforceException">Permanent: the object cannot be listed.</exception>
    public static async Task<OrgIds?> ListAsync(RunContext run, ObjectScope scope, string? where, long expected, CancellationToken cancellationToken)
    {
        var byRest = expected <= run.Options.RestRows;
        for (var attempt = 1; ; attempt++)
        {
            var listed = new OrgIds();
            try
            {
                if (!await listed.FillAsync(run, scope, where, byRest, cancellationToken)) return null;
                if (!listed.Repeated) return listed;
                if (attempt == Attempts)
                    throw new SalesforceException(FailureKind.Permanent, $"Listing the Ids of {scope.Name} failed: Salesforce repeats rows.", "Run the backup again.");
            }
            catch (SalesforceException e) when (!byRest && (e.BulkUnsupported || (e.OutOfBulk && run.Org.Budget.AffordsByRest(expected))))
            {
                byRest = true;
            }
            catch (SalesforceException e) when (attempt < Attempts && (e.ResultLost || e.Kind == FailureKind.Transient))
            {
                await Task.Delay(TimeSpan.FromSeconds(attempt * attempt), run.Time, cancellationToken);
            }
        }
    }

    /// <summary>
    /// One look at a small object that has a change field, before anything of it is read: its live rows, and how many have changed. Mostly none has, and then the list
    /// is all that the run needs. Null when it shows nothing to rely on, or more rows than expected: then the object is read like any other.
    /// </summary>
    public static async Task<OrgIds?> LookAsync(RunContext run, ObjectScope scope, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var (look, from) = (new OrgIds(), Digits(Encoding.ASCII.GetBytes(SoqlText.Literal(since))));
        string[] columns = scope.HasIsDeleted ? ["Id", scope.ChangeField!, "IsDeleted"] : ["Id", scope.ChangeField!];
        try
        {
            var seen = new HashSet<UInt128>();
            await foreach (var batch in RestrictedQuery.ReadAsync(run.Org, scope, columns, null, cancellationToken))
                for (var row = 0; row < batch.Count; row++)
                {
                    // Of a repeated row, deleted or not, may follow that another one was left out.
                    if (!seen.Add(PackedId.Of(batch.Value(row, 0))) || seen.Count > run.Options.RestRows) return null;
                    if (Digits(batch.Value(row, 1)) >= from) look.Changed++;
                    if (columns.Length == 2 || !batch.Value(row, 2).SequenceEqual("true"u8)) look.Add(batch, row);
                }
        }
        catch (SalesforceException e) when (e.Kind is FailureKind.Permanent or FailureKind.Transient && !e.SchemaChanged)
        {
            return null;    // the reading meets the same, and tells it
        }
        look.Sort();
        return look;
    }

    /// <summary>The digits of a stamp such as 2026-01-31T10:00:00.000Z as one number.</summary>
    public static long Digits(ReadOnlySpan<byte> stamp)
    {
        long digits = 0;
        foreach (var c in stamp[..Math.Min(stamp.Length, 23)])
            if (c is >= (byte)'0' and <= (byte)'9') digits = digits * 10 + (c - '0');
        return digits;
    }

    private async Task<bool> FillAsync(RunContext run, ObjectScope scope, string? where, bool byRest, CancellationToken cancellationToken)
    {
        string[] columns = scope.ChangeField is { } field ? ["Id", field] : ["Id"];
        await foreach (var batch in RowsAsync(run, scope, columns, where, byRest, cancellationToken))
        {
            if (Count + batch.Count > Most) return false;
            for (var row = 0; row < batch.Count; row++) Add(batch, row);
        }
        Sort();
        return true;
    }

    private void Add(RecordBatch batch, int row)
    {
        if (Count == _ids.Length)
        {
            Array.Resize(ref _ids, Count * 2);
            Array.Resize(ref _stamps, Count * 2);
        }
        _ids[Count] = PackedId.Of(batch.Value(row, 0));
        _stamps[Count++] = batch.Columns.Count > 1 ? Digits(batch.Value(row, 1)) : 0;
    }

    private static async IAsyncEnumerable<RecordBatch> RowsAsync(
        RunContext run, ObjectScope scope, string[] columns, string? where, bool byRest, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batches = byRest
            ? RestrictedQuery.ReadAsync(run.Org, scope, columns, where, cancellationToken)
            : BulkRows.ReadAsync(run.Org, SoqlText.Select(scope.Name, columns, where), cancellationToken);
        await foreach (var batch in batches) yield return batch;
    }

    private void Sort()
    {
        Array.Sort(_ids, _stamps, 0, Count);
        var kept = 0;
        for (var i = 0; i < Count; i++)
        {
            if (kept > 0 && _ids[kept - 1] == _ids[i]) _stamps[kept - 1] = Math.Max(_stamps[kept - 1], _stamps[i]);
            else (_ids[kept], _stamps[kept++]) = (_ids[i], _stamps[i]);
        }
        Repeated = kept < Count;
        Count = kept;
    }
}
