using System.Text.Json;
using OrgSimulator.Schema;

namespace OrgSimulator.Loading;

/// <summary>
/// The second form of test data: a project folder with object metadata, tree JSON (with or without plans) and CSV.
/// All plans are loaded whose references resolve within the plan; without plans all tree files; CSV only for objects that no tree gives.
/// </summary>
public sealed class ProjectFolder(string folder, OrgSchema schema, TextWriter warnings)
{
    private readonly Dictionary<string, TreeFile> _trees = new(StringComparer.Ordinal);
    private readonly List<LoadedObject> _loaded = [];

    /// <summary>Record types that the metadata of the folder declares.</summary>
    public List<(string Object, string DeveloperName, string Name, bool Active)> RecordTypes { get; private set; } = [];

    private sealed record Plan(string Path, IReadOnlyList<TreeFile> Files);

    public List<LoadedObject> Read()
    {
        var metadata = new ObjectMetadata(schema);
        metadata.Read(folder);
        RecordTypes = metadata.RecordTypes;
        var data = Path.Combine(folder, "data");
        if (!Directory.Exists(data)) data = folder;
        var jsonFiles = Directory.EnumerateFiles(data, "*.json", SearchOption.AllDirectories).Where(path => !path.Contains("node_modules", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToList();
        var plans = new List<Plan>();
        foreach (var path in jsonFiles)
        {
            using var json = Parse(path);
            if (json.RootElement.ValueKind == JsonValueKind.Array && json.RootElement.EnumerateArray().Any(step => step.ValueKind == JsonValueKind.Object && step.TryGetProperty("files", out _)))
                plans.Add(ReadPlan(path, json.RootElement));
            else if (TreeFile.IsTree(json.RootElement)) Tree(path);
        }
        Choose(plans);
        ReadCsv(data);
        if (_loaded.Count == 0 && metadata.Count == 0)
            throw new LoadException(folder, null, "it holds no records: neither index.json nor plans, tree JSON or CSV files that name an object",
                "Give a folder with index.json and CSV files, or one with data/ and objects/");
        return _loaded;
    }

    private void Choose(List<Plan> plans)
    {
        var whole = plans.Where(plan => TreeFile.Unresolved(plan.Files, schema).Count == 0).ToList();
        foreach (var plan in plans.Except(whole))
            warnings.WriteLine($"warning: {plan.Path}: left out, it refers to records that it does not load: {string.Join(", ", TreeFile.Unresolved(plan.Files, schema).Take(3))}");
        if (whole.Count == 0 && _trees.Count > 0) whole.Add(new Plan(Path.Combine(folder, "data"), [.. _trees.Values]));
        var objects = new Dictionary<TreeFile, List<LoadedObject>>();
        foreach (var plan in whole)
        {
            foreach (var file in plan.Files)
            {
                if (!objects.TryGetValue(file, out var read))
                {
                    objects[file] = read = file.Load(plan.Path, plan.Files, schema);
                    _loaded.AddRange(read);
                }
                foreach (var loaded in read)
                    if (!loaded.KeySets.Contains(plan.Path)) loaded.KeySets.Add(plan.Path);
            }
        }
    }

    private Plan ReadPlan(string path, JsonElement steps)
    {
        var files = new List<TreeFile>();
        foreach (var step in steps.EnumerateArray())
            foreach (var name in step.GetProperty("files").EnumerateArray())
            {
                var file = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, name.GetString()!));
                if (!file.StartsWith(Path.GetFullPath(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal))
                    throw new LoadException(path, null, $"the plan names {name.GetString()}, which lies outside the folder", "Put the file into the folder");
                if (!File.Exists(file)) throw new LoadException(path, null, $"the plan names {name.GetString()}, which is missing", "Add the file or remove it from the plan");
                files.Add(Tree(file));
            }
        return new Plan(path, files);
    }

    private TreeFile Tree(string path)
    {
        path = Path.GetFullPath(path);
        if (_trees.TryGetValue(path, out var known)) return known;
        using var json = Parse(path);
        if (!TreeFile.IsTree(json.RootElement)) throw new LoadException(path, null, "it is no tree JSON", "It must be {\"records\": [{\"attributes\": {\"type\": …}}]}");
        return _trees[path] = new TreeFile(path, json.RootElement.Clone());
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        }
        catch (JsonException problem)
        {
            throw new LoadException(path, (int?)problem.LineNumber + 1, "it is not valid JSON", "Correct it; a missing or superfluous comma or bracket is the usual cause");
        }
    }

    private void ReadCsv(string data)
    {
        foreach (var path in Directory.EnumerateFiles(data, "*.csv", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (ObjectOf(Path.GetFileNameWithoutExtension(path)) is not { } name)
            {
                warnings.WriteLine($"warning: {path}: left out, its name is that of no object");
                continue;
            }
            if (_loaded.Exists(loaded => loaded.Name.Equals(name, StringComparison.OrdinalIgnoreCase))) continue;
            _loaded.Add(new CsvObject(path, schema, warnings).Read(name));
        }
    }

    /// <summary>Accounts, Account_Data and Account all name Account; Market_Data names Market__c.</summary>
    private string? ObjectOf(string file)
    {
        if (file.EndsWith("__c", StringComparison.Ordinal)) return file;
        var bare = file.Replace("_Data", "", StringComparison.OrdinalIgnoreCase).Replace("-Data", "", StringComparison.OrdinalIgnoreCase).Replace(' ', '_');
        foreach (var candidate in (string[])[bare, bare.EndsWith("ies", StringComparison.Ordinal) ? bare[..^3] + "y" : bare, bare.TrimEnd('s')])
            foreach (var name in (string[])[candidate, candidate + "__c"])
                if (schema.Find(name) is { } type) return type.Name;
        return null;
    }
}
