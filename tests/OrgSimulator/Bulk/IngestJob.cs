using OrgSimulator.Csv;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Bulk;

/// <summary>One ingest job and the outcome of each of its rows.</summary>
public sealed class IngestJob
{
    public required string Id { get; init; }
    public required ObjectType Type { get; init; }
    public required string Operation { get; init; }
    public Field? Key { get; init; }
    public required JobFormat Format { get; init; }
    public required int Version { get; init; }
    public required uint Created { get; init; }
    public string? AssignmentRuleId { get; init; }

    public string State { get; set; } = "Open";
    public int PollsLeft { get; set; }
    public byte[]? Content { get; set; }
    public string? ErrorMessage { get; set; }
    public ReadOnlyMemory<byte> Header { get; private set; }
    public List<(ReadOnlyMemory<byte> Raw, SaveResult Result)> Outcomes { get; } = [];
    public List<ReadOnlyMemory<byte>> Unprocessed { get; } = [];
    public Task Work { get; set; } = Task.CompletedTask;
    public int Failed { get; private set; }

    /// <summary>Carries the deeds out in chunks of 200 rows, each row failing for itself.</summary>
    public void Process(Dml dml)
    {
        try
        {
            var reader = new CsvReader(Content, Format.Delimiter);
            if (!reader.Read()) throw new InvalidBatch("InvalidBatch : The data is empty");
            Header = reader.Raw;
            var columns = Columns([.. reader.Cells]);
            var chunk = new List<(ReadOnlyMemory<byte> Raw, RecordInput Record)>(200);
            while (reader.Read())
            {
                if (reader.Cells.Count != columns.Length)
                    throw new InvalidBatch($"InvalidBatch : Number of columns in the row does not match the header: expected {columns.Length}, found {reader.Cells.Count} on line {reader.Line}");
                chunk.Add((reader.Raw, Record(columns, reader.Cells)));
                if (chunk.Count == 200) Save(dml, chunk);
            }
            Save(dml, chunk);
            lock (this)
                if (State == "InProgress") State = PollsLeft > 0 ? State : "JobComplete";
        }
        catch (InvalidBatch problem)
        {
            Fail(problem.Message);
        }
        catch (CsvException problem)
        {
            Fail($"InvalidBatch : Unable to parse CSV: {problem.Message} (line {problem.Line})");
        }
    }

    private void Fail(string message)
    {
        ErrorMessage = message;
        lock (this) State = "Failed";
    }

    private string[] Columns(string[] columns)
    {
        foreach (var column in columns)
        {
            if (column.Contains('.', StringComparison.Ordinal)) continue;
            if (Type.Find(column) is null) throw new InvalidBatch($"InvalidBatch : Field name not found : {column}");
        }
        if (Operation is "update" or "delete" or "hardDelete" && !columns.Contains("Id", StringComparer.OrdinalIgnoreCase)) throw new InvalidBatch("InvalidBatch : Field name not found : Id");
        if (Operation is "delete" or "hardDelete" && columns.Length > 1) throw new InvalidBatch("InvalidBatch : When deleting, only the Id column is allowed");
        if (Key is not null && !columns.Contains(Key.Name, StringComparer.OrdinalIgnoreCase)) throw new InvalidBatch($"InvalidBatch : Field name not found : {Key.Name}");
        return columns;
    }

    /// <summary>An empty cell says nothing about its field; #N/A clears it.</summary>
    private static RecordInput Record(string[] columns, List<string> cells)
    {
        var record = new RecordInput();
        for (var i = 0; i < columns.Length; i++)
        {
            if (cells[i].Length == 0) continue;
            if (columns[i].Equals("Id", StringComparison.OrdinalIgnoreCase)) record.Id = cells[i];
            else record.Set(columns[i], cells[i] == "#N/A" ? null : cells[i]);
        }
        return record;
    }

    private void Save(Dml dml, List<(ReadOnlyMemory<byte> Raw, RecordInput Record)> chunk)
    {
        if (State == "Aborted") Unprocessed.AddRange(chunk.Select(item => item.Raw));
        else if (chunk.Count > 0)
        {
            var records = chunk.ConvertAll(item => item.Record);
            var results = Operation switch
            {
                "insert" => dml.Insert(Type, records),
                "update" => dml.Update(Type, records),
                "upsert" => dml.Upsert(Type, Key!, records),
                _ => dml.Delete([.. records.Select(record => record.Id ?? "")], hard: Operation == "hardDelete"),
            };
            for (var i = 0; i < chunk.Count; i++)
            {
                Outcomes.Add((chunk[i].Raw, results[i]));
                if (!results[i].Success) Failed++;
            }
        }
        chunk.Clear();
    }

    private sealed class InvalidBatch(string message) : Exception(message);
}
