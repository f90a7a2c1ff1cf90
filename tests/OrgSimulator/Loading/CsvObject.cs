using OrgSimulator.Schema;

namespace OrgSimulator.Loading;

/// <summary>A CSV export of one object: header of API names or labels, an Id column if the rows are pointed to.</summary>
public sealed class CsvObject(string path, OrgSchema schema, TextWriter warnings)
{
    /// <summary>Old Ids of all CSV files of a folder: they are unique across objects.</summary>
    private const string OldIds = "old ids";

    public LoadedObject Read(string name)
    {
        var loaded = new LoadedObject(name);
        loaded.KeySets.Add(OldIds);
        var type = schema.Find(name);
        string?[]? columns = null;
        CsvTable.Read(path, strict: false, (header, cells, line) =>
        {
            columns ??= [.. header.Select(text => Column(type, text))];
            var key = "";
            var values = new List<LoadedValue>(cells.Count);
            for (var i = 0; i < cells.Count; i++)
            {
                if (columns[i] is not { } column) continue;
                if (column.Equals("Id", StringComparison.OrdinalIgnoreCase)) key = cells[i];
                else if (cells[i].Length == 0 || cells[i] == "#N/A") values.Add(new LoadedValue(column, null));
                else values.Add(new LoadedValue(column, cells[i], type?.Find(column)?.Type == FieldType.Reference ? OldIds : null));
            }
            loaded.Records.Add(new LoadedRecord(key, $"{path}, line {line}", values));
        });
        return loaded;
    }

    /// <summary>The field that a header means, by name, else by label; null when it can be none.</summary>
    private string? Column(ObjectType? type, string header)
    {
        header = header.Trim();
        if (type?.Find(header) is { } named) return named.Name;
        if (type?.Fields.FirstOrDefault(field => field.Label.Equals(header, StringComparison.OrdinalIgnoreCase)) is { } labelled) return labelled.Name;
        if (type?.Find(header.Replace(' ', '_') + "__c") is { } custom) return custom.Name;
        if (header.Length > 0 && char.IsAsciiLetter(header[0]) && header.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')) return header;
        warnings.WriteLine($"warning: {path}: column '{header}' left out, it is no field name");
        return null;
    }
}
