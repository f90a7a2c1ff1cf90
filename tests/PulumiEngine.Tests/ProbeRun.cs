using PulumiEngine.Deploying;
using PulumiEngine.Projects;
using PulumiEngine.Providers;
using PulumiEngine.Simulation;

namespace PulumiEngine.Tests;

/// <summary>Runs the probe program through the engine, with a folder of its own for the state.</summary>
internal sealed class ProbeRun(string scenario) : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("probe").FullName;

    public Dictionary<string, string> Config { get; } = [];

    public Dictionary<string, string> Secrets { get; } = [];

    public List<InjectedFailure> Failures { get; } = [];

    public Simulated Simulated { get; } = new();

    public Dictionary<string, PluginCommand> Plugins { get; } = [];

    public string Project { get; init; } = "probe";

    public string Stack { get; init; } = "dev";

    public string Organization { get; init; } = "acme";

    public bool ExcludeProtected { get; set; }

    public string StatePath => Path.Combine(Folder, $"{Stack}.json");

    public LocalEngine Engine(string? recording = null) => new(new EngineOptions
    {
        Project = new ProjectFile(Folder, Project, Folder, Folder, new Dictionary<string, string>()), Stack = Stack, Organization = Organization, ReadStackFile = false,
        ProgramCommand = ["dotnet", Repository.Program("Probe", "Probe")], StateFolder = Folder, Config = Config, Secrets = Secrets, Simulated = Simulated, Failures = Failures, Plugins = Plugins,
        ExcludeProtected = ExcludeProtected, ProgramEnvironment = new Dictionary<string, string> { ["PROBE_SCENARIO"] = scenario },
        RecordingFolder = recording is null ? null : Path.Combine(Repository.Root, "artifacts", "recordings"), RecordingName = recording,
    });

    public Task<EngineResult> PreviewAsync(string? recording = null) => Engine(recording).PreviewAsync(TestContext.Current.CancellationToken);

    public Task<EngineResult> UpAsync(string? recording = null) => Engine(recording).UpAsync(TestContext.Current.CancellationToken);

    public Task<EngineResult> DestroyAsync() => Engine().DestroyAsync(TestContext.Current.CancellationToken);

    public Task<EngineResult> RefreshAsync() => Engine().RefreshAsync(TestContext.Current.CancellationToken);

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
