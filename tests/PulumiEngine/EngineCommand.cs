using System.Text.Json;
using PulumiEngine.Display;
using PulumiEngine.Projects;
using PulumiEngine.Providers;
using PulumiEngine.Simulation;

namespace PulumiEngine;

/// <summary>One run from the command line.</summary>
internal static class EngineCommand
{
    private const string Placeholder = "placeholder-for-the-preview";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static async Task<int> RunAsync(CommandLine line, TextWriter output, TextWriter notes, CancellationToken cancellationToken)
    {
        var project = ProjectFile.Load(line.ProjectFolder);
        var file = StackFile.Load(project.StackFileOf(line.Stack), project.Name);
        var secrets = new Dictionary<string, string>(line.Secrets);
        if (line.Verb == "preview")
            foreach (var key in file.UnreadableKeys.Concat(file.AnnouncedSecrets).Where(k => !secrets.ContainsKey(k) && !secrets.ContainsKey(k.Split(':')[^1])))
            {
                secrets[key] = Placeholder;
                await notes.WriteLineAsync($"{key} is secret and cannot be read here: this preview takes a placeholder. Give it with --secret {key}=… to see the real thing.");
            }
        var table = Clouds.All();
        foreach (var (stack, outputs) in line.StackOutputs) table.StackOutputs(stack, outputs);
        var engine = new LocalEngine(new EngineOptions
        {
            Project = project, Stack = line.Stack, StateFolder = line.StateFolder, Config = line.Config, Secrets = secrets, Simulated = table, RecordingFolder = line.RecordingFolder,
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
