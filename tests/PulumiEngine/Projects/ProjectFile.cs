using System.Text.Json.Nodes;

namespace PulumiEngine.Projects;

/// <summary>Pulumi.yaml: the project's name, where its program is, where stack files lie, which providers are folders of this repository.</summary>
public sealed record ProjectFile(string Root, string Name, string ProgramFolder, string StackFolder, IReadOnlyDictionary<string, string> ProviderFolders)
{
    /// <param name="path">The folder that holds Pulumi.yaml.</param>
    /// <exception cref="EngineException">No such file, or it lacks its name.</exception>
    public static ProjectFile Load(string path)
    {
        var root = Path.GetFullPath(path);
        var file = Path.Combine(root, "Pulumi.yaml");
        if (!File.Exists(file)) throw new EngineException($"{root} holds no Pulumi.yaml.", "Give the project's folder.");
        var yaml = Yaml.Load(file);
        var name = (string?)yaml["name"] ?? throw new EngineException($"{file} has no name.", "Give the project a name.");
        var providers = yaml["plugins"]?["providers"]?.AsArray().ToDictionary(p => (string)p!["name"]!, p => Path.Combine(root, (string)p!["path"]!)) ?? [];
        return new ProjectFile(root, name, Path.Combine(root, (string?)yaml["main"] ?? "."), Path.Combine(root, (string?)yaml["stackConfigDir"] ?? "."), providers);
    }

    /// <summary>The stacks that have a file, by name.</summary>
    public IReadOnlyList<string> Stacks() => Directory.Exists(StackFolder)
        ? [.. Directory.EnumerateFiles(StackFolder, "Pulumi.*.yaml").Select(f => Path.GetFileName(f)["Pulumi.".Length..^".yaml".Length]).Order(StringComparer.Ordinal)]
        : [];

    /// <exception cref="EngineException">There is no such stack; the known ones are listed.</exception>
    public string StackFileOf(string stack)
    {
        var path = Path.Combine(StackFolder, $"Pulumi.{stack}.yaml");
        if (stack.IndexOfAny(['/', '\\']) < 0 && File.Exists(path)) return path;
        var known = Stacks();
        throw new EngineException($"There is no stack '{stack}'.", known.Count == 0 ? $"{StackFolder} holds no stack file yet." : $"Known are: {string.Join(", ", known)}.");
    }
}
