using System.Collections.Immutable;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Restores;

/// <summary>
/// The CSV of one ingest job and the way back from its results to our records. Results come in no order and echo the uploaded columns; an
/// insert's rows are therefore found by all their values. Rows equal in every value are interchangeable, so any pairing of them is right.
/// </summary>
public sealed class IngestUpload
{
    private const char Separator = '\u001f';

    public required ImmutableArray<string> Columns { get; init; }
    public required IReadOnlyList<(string OldId, string[] Values)> Rows { get; init; }

    /// <summary>Records that cannot be sent at all, with the reason.</summary>
    public IReadOnlyList<RestoreOutcome> Refused { get; init; } = [];

    public static IngestUpload Insert(string objectName, IReadOnlyList<StepRow> stepRows, Dictionary<string, StoredRecord> found, RestoreRows rows)
    {
        var columns = rows.InsertColumns(objectName, found.Values);
        return new IngestUpload
        {
            Columns = [.. columns.Select(c => c.Name)],
            Rows = [.. stepRows.Select(r => (r.Id, columns.Select(c => rows.Value(c, found[r.Id]) ?? "").ToArray()))],
        };
    }

    public static IngestUpload Update(
        string objectName, IReadOnlyList<StepRow> stepRows, Dictionary<string, StoredRecord> found, RestoreRows rows, Restorability org)
    {
        var fields = org[objectName].Fields.ToDictionary(f => f.Name, StringComparer.Ordinal);
        var columns = stepRows.SelectMany(r => r.Fields).Distinct().Order(StringComparer.Ordinal).ToList();
        var lost = stepRows.Where(r => rows.WasNotCreated(r.Id)).ToHashSet();
        return new IngestUpload
        {
            Columns = ["Id", .. columns],
            Rows =
            [
                .. stepRows.Where(r => !lost.Contains(r)).Select(r => (r.Id, (string[])
                [
                    rows.Today(r.Id),
                    .. columns.Select(c => r.Fields.Contains(c) ? rows.Value(fields[c], found[r.Id]) ?? RestoreRows.SetNull : ""),
                ])),
            ],
            Refused = [.. lost.Select(r => new RestoreOutcome(
                objectName, r.Id, null, nameof(RestoreAction.Update), "failed", "not updated because the record could not be created"))],
        };
    }

    public Stream ToCsv()
    {
        var stream = new MemoryStream();
        var csv = new IngestCsv(stream, Columns);
        foreach (var (_, values) in Rows)
        {
            foreach (var value in values) csv.Add(value);
            csv.EndRow();
        }
        csv.Flush();
        stream.Position = 0;
        return stream;
    }

    public ResultMatcher Matcher()
    {
        var waiting = new Dictionary<string, Queue<string>>(StringComparer.Ordinal);
        foreach (var (oldId, values) in Rows)
        {
            var key = string.Join(Separator, values);
            if (!waiting.TryGetValue(key, out var ids)) waiting[key] = ids = new Queue<string>();
            ids.Enqueue(oldId);
        }
        return new ResultMatcher(Columns, waiting);
    }

    public sealed class ResultMatcher(ImmutableArray<string> columns, Dictionary<string, Queue<string>> waiting)
    {
        /// <summary>The old Id of the record that this result row speaks of; null when no such row was sent.</summary>
        public string? Take(RecordBatch batch, int row)
        {
            var key = string.Join(Separator, columns.Select(c => batch.Text(row, IndexOf(batch.Columns, c))));
            return waiting.TryGetValue(key, out var ids) && ids.TryDequeue(out var id) ? id : null;
        }

        private static int IndexOf(IReadOnlyList<string> names, string name)
        {
            for (var i = 2; i < names.Count; i++)   // after sf__Id and sf__Created or sf__Error
                if (names[i] == name) return i;
            throw new EngineException($"Salesforce's result file lacks the uploaded column {name}.", "Make a new plan.");
        }
    }
}
