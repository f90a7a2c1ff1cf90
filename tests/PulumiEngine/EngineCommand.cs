using System.Text.Json;
using PulumiEngine.Display;
using PulumiEngine.Projects;
using PulumiEngine.Providers;
using PulumiEngine.Simulation;

namespace PulumiEngine;

/// <summary>One run from the command line.</summary>
public static class EngineCommand
{
    private const string Placeholder = "placeholder-for-the-preview";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <param name="placeholders">What a preview takes, by full key, for settings that the stack file announces but cannot hold. Without one a plain text is taken.</param>
    /// <returns>The exit code: 0, or 1 when the run failed.</returns>
    /// <exception cref="EngineException">It could not be begun.</exception>
    public static async Task<int> RunAsync(CommandLine line, TextWriter output, TextWriter notes, Func<string, string?>? placeholders, CancellationToken cancellationToken)
    {
        var project = ProjectFile.Load(line.ProjectFolder);
        var file = StackFile.Load(project.StackFileOf(line.Stack), project.Name);
        var secrets = new Dictionary<string, string>(line.Secrets);
        var config = new Dictionary<string, string>(line.Config);
        if (line.Verb == "preview")
        {
            var missing = file.Announced.Concat(file.UnreadableKeys.Select(k => KeyValuePair.Create(k, true)))
                .Where(m => !new[] { m.Key, m.Key.Split(':')[^1] }.Any(k => secrets.ContainsKey(k) || config.ContainsKey(k))).ToList();
            foreach (var (key, secret) in missing) (secret ? secrets : config)[key] = placeholders?.Invoke(key) ?? Placeholder;
            if (missing.Count > 0)
                await notes.WriteLineAsync($"Not in the stack file, so this preview takes placeholders: {string.Join(", ", missing.Select(m => m.Key))}. --secret KEY=VALUE or --config KEY=VALUE gives the real ones.");
        }
        foreach (var (package, folder) in project.ProviderFolders.Where(p => !Plugins(project).ContainsKey(p.Key)))
            await notes.WriteLineAsync($"The provider '{package}' is not in {folder}: it is simulated, too.");
        var table = Clouds.All();
        foreach (var (stack, outputs) in line.StackOutputs) table.StackOutputs(stack, outputs);
        var engine = new LocalEngine(new EngineOptions
        {
            Project = project, Stack = line.Stack, StateFolder = line.StateFolder, Config = config, Secrets = secrets, Simulated = table, RecordingFolder = line.RecordingFolder,
            ExcludeProtected = line.ExcludeProtected, Plugins = Plugins(project),
        });
        var result = await (line.Verb switch
        {
            "up" => engine.UpAsync(cancellationToken),
            "refresh" => engine.RefreshAsync(cancellationToken),
            "destroy" => engine.DestroyAsync(cancellationToken),
            _ => engine.PreviewAsync(cancellationToken),
        });
        await output.WriteAsync(line.Json ? Json(result) + "\n" : PlanTree.Of(result, line.Stack));
        return result.Succeeded ? 0 : 1;
    }

    /// <summary>The providers that are folders of the project run for real, as long as they are there.</summary>
    private static Dictionary<string, PluginCommand> Plugins(ProjectFile project) => project.ProviderFolders.Where(p => File.Exists(Path.Combine(p.Value, "PulumiPlugin.yaml")))
        .ToDictionary(p => p.Key, p => new PluginCommand(["dotnet", "run", "--no-build", "-c", "Release", "--project", p.Value, "--"], project.Root));

    private static string Json(EngineResult result) => JsonSerializer.Serialize(new
    {
        about = LocalEngine.About,
        succeeded = result.Succeeded,
        steps = result.Steps.Where(s => !s.IsDefaultProvider).Select(s => new { urn = s.Urn, op = s.Operation.ToString().ToLowerInvariant(), changed = s.Changed, replacing = s.Replacing, protect = s.Protect, retained = s.Retained, error = s.Error }),
        errors = result.Errors,
    }, Indented);
}
