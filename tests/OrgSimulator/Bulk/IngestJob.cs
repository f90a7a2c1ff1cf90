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

    private const int ChunkRows = 200;
    public string State { get; set; } = "Open";
    public int PollsLeft { get; set; }
    public byte[]? Content { get; set; }
    public string? ErrorMessage { get; set; }

    /// <summary>A planned failure comes before a row is touched.</summary>
    public required JobFate Fate { get; init; }
    public ReadOnlyMemory<byte> Header { get; private set; }
    public List<(ReadOnlyMemory<byte> Raw, SaveResult Result)> Outcomes { get; } = [];
    public List<ReadOnlyMemory<byte>> Unprocessed { get; } = [];
    public Task Work { get; set; } = Task.CompletedTask;
    public int Failed { get; private set; }

    /// <summary>Carries the deeds out in chunks of 200 rows, each row failing for itself.</summary>
    public void Process(Dml dml)
    {
        var reader = new CsvReader(Content, Format.Delimiter);
        var chunk = new List<(ReadOnlyMemory<byte> Raw, RecordInput Record)>(200);
        try
        {
            if (Fate.Failure is { } planned)
            {
                Fate.Failed();
                throw new InvalidBatch(planned);
            }
            if (!reader.Read()) throw new InvalidBatch("InvalidBatch : The data is empty");
            Header = reader.Raw;
            CheckLineEnd();
            var columns = Columns([.. reader.Cells]);
            while (reader.Read())
            {
                if (reader.Cells.Count != columns.Length)
                    throw new InvalidBatch($"InvalidBatch : Number of columns in the row does not match the header: expected {columns.Length}, found {reader.Cells.Count} on line {reader.Line}");
                Measure(reader);
                chunk.Add((reader.Raw, Record(columns, reader.Cells)));
                if (chunk.Count == 200) Save(dml, chunk);
            }
            Save(dml, chunk);
            Shuffle(dml.Store.Seed);
            lock (this)
                if (State == "InProgress") State = PollsLeft > 0 ? State : "JobComplete";
        }
        catch (InvalidBatch problem)
        {
            Unprocessed.AddRange(chunk.Select(item => item.Raw));
            if (!Header.Span.SequenceEqual(reader.Raw.Span)) Unprocessed.Add(reader.Raw);
            Rest(reader);
            Fail(problem.Message);
        }
        catch (CsvException problem)
        {
            Fail($"InvalidBatch : Unable to parse CSV: {problem.Message} (line {problem.Line})");
        }
    }

    /// <summary>What stands behind the place where a job failed was not processed, and is listed as that.</summary>
    private void Rest(CsvReader reader)
    {
        try
        {
            while (reader.Read()) Unprocessed.Add(reader.Raw);
        }
        catch (CsvException)
        {
            // What cannot be read cannot be listed.
        }
    }

    private void CheckLineEnd()
    {
        var content = Content.AsSpan();
        var first = content.IndexOf((byte)'\n');
        var crlf = first > 0 && content[first - 1] == '\r';
        if (first >= 0 && crlf != (Format.LineEndingName == "CRLF")) throw new InvalidBatch($"LineEnding is invalid on user data. Current LineEnding setting is {Format.LineEndingName}");
    }

    private static void Measure(CsvReader reader)
    {
        if (reader.Raw.Length > 400_000 && reader.Cells.Sum(cell => cell.Length) > 400_000) throw new InvalidBatch($"InvalidBatch : The record on line {reader.Line} has more than 400,000 characters");
        if (reader.Raw.Length > 131_072 && reader.Cells.Exists(cell => cell.Length > 131_072)) throw new InvalidBatch($"InvalidBatch : A field on line {reader.Line} has more than 131,072 characters");
    }

    /// <summary>Batches run side by side, so their results stand in no order; within a chunk of 200 rows they do.</summary>
    private void Shuffle(int seed)
    {
        if (Outcomes.Count <= ChunkRows) return;
        var chunks = Outcomes.Chunk(ChunkRows).ToArray();
#pragma warning disable CA5394 // which order comes out guards nothing, and the same seed must give it again
        new Random(seed).Shuffle(chunks);
#pragma warning restore CA5394
        Outcomes.Clear();
        foreach (var chunk in chunks) Outcomes.AddRange(chunk);
    }

    private void Fail(string message)
    {
        ErrorMessage = message;
        lock (this) State = "Failed";
    }

    private string[] Columns(string[] columns)
    {
        if (Header.Length > 32_000) throw new InvalidBatch("InvalidBatch : The header has more than 32,000 characters");
        if (columns.Length > 5000) throw new InvalidBatch("InvalidBatch : A record has more than 5,000 fields");
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
                _ => dml.Delete([.. records.Select(record => record.Id ?? "")], hard: Operation == "hardDelete", of: Type),
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
