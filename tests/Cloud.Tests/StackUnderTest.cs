using ExampleStacks;
using PulumiEngine;
using PulumiEngine.Projects;
using PulumiEngine.Simulation;

namespace Cloud.Tests;

/// <summary>An example stack with a state of its own, run through the local engine. Our own provider is simulated too: here it is about what is asked of the clouds.</summary>
internal sealed class StackUnderTest(ExampleStack stack)
{
    private static readonly string AllStates = TemporaryFolder();

    private readonly string _states = Directory.CreateDirectory(Path.Combine(AllStates, Path.GetRandomFileName())).FullName;
    private readonly Simulated _answers = Answers();

    public string StateText => File.ReadAllText(Directory.GetFiles(_states, "*.json").Single());

    /// <summary>What the clouds and our own provider answer; a test may change it.</summary>
    public static Simulated Answers()
    {
        var answers = Clouds.All().StackOutputs("vendor/network/eu", new { networkId = "vpc-0f1e2d3c4b5a69788", subnetId = "subnet-0f1e2d3c4b5a69788" });
        answers.Type("appliance:index:Certificate").Computes(r => new
        {
            names = new[] { Setting(r, "domain") }, issuer = "CN=Simulated CA", serial = "04A1", notAfter = "2027-02-01T00:00:00Z", hostKeyFingerprint = "SHA256:c2ltdWxhdGVkLWhvc3Qta2V5LWZpbmdlcnByaW50LTEyMzQ",
        });
        answers.Type("appliance:index:Installation").Computes(r => new { version = Setting(r, "version") });
        return answers;
    }

    public Task<EngineResult> PreviewAsync(params (string Key, string? Value)[] changes) => Engine(changes).PreviewAsync();

    public Task<EngineResult> PreviewAsync(Simulated answers, params (string Key, string? Value)[] changes) => Engine(changes, answers: answers).PreviewAsync();

    public Task<EngineResult> UpAsync(params (string Key, string? Value)[] changes) => Engine(changes).UpAsync();

    public Task<EngineResult> RefreshAsync(Simulated answers) => Engine([], answers: answers).RefreshAsync();

    public Task<EngineResult> DestroyAsync() => Engine([]).DestroyAsync();

    /// <param name="recording">Name under artifacts/recordings; null: none is kept.</param>
    /// <param name="asProcess">The program is started as Pulumi starts it, instead of within this process.</param>
    public LocalEngine Engine((string Key, string? Value)[] changes, string? recording = null, Simulated? answers = null, bool asProcess = false)
    {
        var input = stack.With(changes).Input;
        return new LocalEngine(new EngineOptions
        {
            Project = ProjectFile.Load(Repository.Root),
            Stack = stack.Name,
            ProgramCommand = ["dotnet", Repository.Program],
            ProgramAssembly = asProcess ? null : Repository.Program,
            ReadStackFile = false,
            Config = input.Values.Where(v => !input.SecretKeys.Contains(v.Key)).ToDictionary(),
            Secrets = input.Values.Where(v => input.SecretKeys.Contains(v.Key)).ToDictionary(),
            StateFolder = _states,
            Simulated = answers ?? _answers,
            RecordingFolder = recording is null ? null : Repository.Recordings,
            RecordingName = recording,
        });
    }

    private static string Setting(SimulatedResource resource, string key) =>
        resource.Inputs.Fields["settings"].StructValue.Fields.TryGetValue(key, out var value) ? value.StringValue : "";

    private static string TemporaryFolder()
    {
        var folder = Directory.CreateTempSubdirectory("cloud-stacks-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }
}
