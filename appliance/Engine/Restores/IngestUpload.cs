using System.Collections.Immutable;
using System.Text.Json.Nodes;
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

    /// <summary>Updates that no CSV can carry, because a text reads <c>#N/A</c>, which means null there. They go by REST.</summary>
    public IReadOnlyList<(string OldId, JsonObject Fields)> ByRest { get; init; } = [];

    /// <summary>By old Id: the row can be written, but not with all that it had.</summary>
    public IReadOnlyDictionary<string, string> Shortcomings { get; init; } = new Dictionary<string, string>();

    public static IngestUpload Insert(string objectName, IReadOnlyList<StepRow> stepRows, Dictionary<string, StoredRecord> found, RestoreRows rows)
    {
        var columns = rows.InsertColumns(objectName, found.Values);
        return new IngestUpload
        {
            Columns = [.. columns.Select(c => c.Name)],
            Rows = [.. stepRows.Select(r => (r.Id, columns.Select(c => Cell(c, rows.Value(c, found[r.Id]))).ToArray()))],
            Shortcomings = ShortcomingsOf(stepRows, found, rows, _ => columns),
        };
    }

    /// <summary>A text that reads #N/A waits for the update after the insert; a field that must not be empty holds its place until then.</summary>
    private static string Cell(FieldDescribe field, string? value) => value != RestoreRows.SetNull ? value ?? "" : field.Nillable || field.DefaultedOnCreate ? "" : "-";

    private static Dictionary<string, string> ShortcomingsOf(
        IEnumerable<StepRow> stepRows, Dictionary<string, StoredRecord> found, RestoreRows rows, Func<StepRow, IEnumerable<FieldDescribe>> written) =>
        stepRows.Select(r => (r.Id, Text: rows.LeftEmpty(written(r), found[r.Id]))).Where(r => r.Text is not null)
            .ToDictionary(r => r.Id, r => r.Text!, StringComparer.Ordinal);

    public static IngestUpload Update(
        string objectName, IReadOnlyList<StepRow> stepRows, Dictionary<string, StoredRecord> found, RestoreRows rows, Restorability org)
    {
        var fields = org[objectName].Fields.ToDictionary(f => f.Name, StringComparer.Ordinal);
        var columns = stepRows.SelectMany(r => r.Fields).Distinct().Order(StringComparer.Ordinal).ToList();
        var lost = stepRows.Where(r => rows.WasNotCreated(r.Id)).ToHashSet();
        var literal = stepRows.Where(r => !lost.Contains(r) && r.Fields.Any(f => rows.Value(fields[f], found[r.Id]) == RestoreRows.SetNull)).ToHashSet();
        return new IngestUpload
        {
            Columns = ["Id", .. columns],
            Rows =
            [
                .. stepRows.Where(r => !lost.Contains(r) && !literal.Contains(r)).Select(r => (r.Id, (string[])
                [
                    rows.Today(r.Id),
                    .. columns.Select(c => r.Fields.Contains(c) ? rows.Value(fields[c], found[r.Id]) ?? RestoreRows.SetNull : ""),
                ])),
            ],
            ByRest =
            [
                .. literal.Select(r => (r.Id, new JsonObject([
                    new("Id", rows.Today(r.Id)), .. r.Fields.Select(f => KeyValuePair.Create(f, RestoreRows.Typed(fields[f], rows.Value(fields[f], found[r.Id]))))]))),
            ],
            Shortcomings = ShortcomingsOf(stepRows, found, rows, r => r.Fields.Select(f => fields[f])),
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
