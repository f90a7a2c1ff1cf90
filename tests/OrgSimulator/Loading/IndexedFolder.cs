using System.Text.Json;
using OrgSimulator.Csv;
using OrgSimulator.Schema;

namespace OrgSimulator.Loading;

/// <summary>The first form of test data: <c>index.json</c> and one CSV per object, lookups by local id.</summary>
public static class IndexedFolder
{
    public const string IndexName = "index.json";

    public static List<LoadedObject> Read(string folder, OrgSchema schema)
    {
        var indexPath = Path.Combine(folder, IndexName);
        var objects = new List<LoadedObject>();
        try
        {
            using var index = JsonDocument.Parse(File.ReadAllBytes(indexPath));
            foreach (var entry in index.RootElement.EnumerateArray()) objects.Add(ReadObject(folder, entry));
        }
        catch (JsonException problem)
        {
            throw new LoadException(indexPath, (int?)problem.LineNumber + 1, "it is not valid JSON", "It must be a list of {object, file, idColumn, fields, lookups}");
        }
        catch (Exception problem) when (problem is KeyNotFoundException or InvalidOperationException)
        {
            throw new LoadException(indexPath, null, "an entry lacks object, file, fields or lookups", "Each entry must be {object, file, idColumn, fields, lookups}");
        }
        foreach (var loaded in objects)
            foreach (var target in loaded.Lookups.Values)
                if (schema.Find(target) is null && !objects.Exists(other => other.Name.Equals(target, StringComparison.OrdinalIgnoreCase)))
                    throw new LoadException(indexPath, null, $"a lookup of {loaded.Name} names the object {target}, which is neither standard nor in the folder", "Add its file or remove the lookup");
        return objects;
    }

    private static LoadedObject ReadObject(string folder, JsonElement entry)
    {
        var loaded = new LoadedObject(entry.GetProperty("object").GetString()!) { KeysAreUnique = true };
        loaded.KeySets.Add(loaded.Name);
        var path = Path.Combine(folder, entry.GetProperty("file").GetString()!);
        var idColumn = entry.TryGetProperty("idColumn", out var named) ? named.GetString()! : "id";
        if (entry.TryGetProperty("lookups", out var lookups))
            foreach (var lookup in lookups.EnumerateObject()) loaded.Lookups[lookup.Name] = lookup.Value.GetString()!;
        if (!File.Exists(path)) throw new LoadException(path, null, $"the file is missing, but {IndexName} names it for {loaded.Name}", "Add the file or remove the entry");
        CsvTable.Read(path, strict: true, (header, cells, line) =>
        {
            var id = "";
            var values = new List<LoadedValue>(cells.Count);
            for (var i = 0; i < cells.Count; i++)
            {
                if (header[i].Equals(idColumn, StringComparison.OrdinalIgnoreCase)) id = cells[i];
                else if (cells[i].Length > 0) values.Add(new LoadedValue(header[i], cells[i], loaded.Lookups.GetValueOrDefault(header[i])));
                else values.Add(new LoadedValue(header[i], null));
            }
            loaded.Records.Add(new LoadedRecord(id, $"{path}, line {line}", values));
        });
        return loaded;
    }
}

/// <summary>A CSV file with a header line.</summary>
public static class CsvTable
{
    /// <param name="path">The file.</param>
    /// <param name="strict">Whether a line that is shorter or longer than the header is refused; else short lines are filled.</param>
    /// <param name="row">Gets the header, the cells and the line number.</param>
    /// <exception cref="LoadException">The file is not CSV.</exception>
    public static void Read(string path, bool strict, Action<IReadOnlyList<string>, IReadOnlyList<string>, int> row)
    {
        var reader = new CsvReader(File.ReadAllBytes(path));
        try
        {
            if (!reader.Read()) throw new LoadException(path, 1, "the file is empty", "It needs a header line");
            var header = reader.Cells.ToArray();
            if (header.FirstOrDefault(name => header.Count(other => other.Equals(name, StringComparison.OrdinalIgnoreCase)) > 1) is { } twice)
                throw new LoadException(path, 1, $"the column '{twice}' stands twice", "Remove one of them");
            while (reader.Read())
            {
                var cells = reader.Cells;
                if (cells.Count > header.Length || strict && cells.Count < header.Length)
                    throw new LoadException(path, reader.Line, $"the line has {cells.Count} values, the header {header.Length}", "Check for a missing or superfluous comma or quote");
                while (cells.Count < header.Length) cells.Add("");
                row(header, cells, reader.Line);
            }
        }
        catch (CsvException problem)
        {
            throw new LoadException(path, problem.Line, problem.Message, "Values with quotes must be quoted and their quotes doubled");
        }
    }
}
