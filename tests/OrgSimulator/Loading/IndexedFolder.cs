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

    /// <summary>Names of objects and fields: letters, digits and underscores, a letter first, no longer than Salesforce allows.</summary>
    private static string Name(string folder, string? name) =>
        name is { Length: > 0 and <= 80 } && char.IsAsciiLetter(name[0]) && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') ? name
            : throw new LoadException(Path.Combine(folder, IndexName), null, $"'{name}' is no API name", "A name begins with a letter and has letters, digits and underscores, 80 at most");

    /// <summary>A file of this folder or below it, never one outside.</summary>
    private static string FileIn(string folder, string? file)
    {
        var root = Path.GetFullPath(folder);
        var path = Path.GetFullPath(Path.Combine(root, file ?? ""));
        return !string.IsNullOrEmpty(file) && !Path.IsPathRooted(file) && path.StartsWith(root.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path
            : throw new LoadException(Path.Combine(root, IndexName), null, $"the file '{file}' lies outside the folder", "Name files relative to the folder, without ..");
    }

    private static LoadedObject ReadObject(string folder, JsonElement entry)
    {
        var loaded = new LoadedObject(Name(folder, entry.GetProperty("object").GetString())) { KeysAreUnique = true };
        loaded.KeySets.Add(loaded.Name);
        var path = FileIn(folder, entry.GetProperty("file").GetString());
        var idColumn = entry.TryGetProperty("idColumn", out var named) ? named.GetString()! : "id";
        if (entry.TryGetProperty("lookups", out var lookups))
            foreach (var lookup in lookups.EnumerateObject()) loaded.Lookups[Name(folder, lookup.Name)] = Name(folder, lookup.Value.GetString());
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
        var reader = new CsvReader(File.ReadAllBytes(path), strict: true);
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
