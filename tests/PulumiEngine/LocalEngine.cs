using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf.WellKnownTypes;
using Pulumirpc;
using PulumiEngine.Deploying;
using PulumiEngine.Projects;
using PulumiEngine.Providers;
using PulumiEngine.Services;
using PulumiEngine.States;
using PulumiEngine.Values;

namespace PulumiEngine;

/// <summary>
/// Runs a Pulumi program of this repository without Pulumi: it speaks the engine's side of the protocol, keeps a state file, and simulates the providers
/// that are no folder of the project. It is a local preview, not Pulumi's engine: its README says where it differs.
/// </summary>
public sealed class LocalEngine(EngineOptions options)
{
    public const string About = "a local preview with simulated providers, not Pulumi's engine";

    public Task<EngineResult> PreviewAsync(CancellationToken cancellationToken = default) => RunAsync("preview", dryRun: true, null, cancellationToken);

    public Task<EngineResult> UpAsync(CancellationToken cancellationToken = default) => RunAsync("up", dryRun: false, null, cancellationToken);

    public Task<EngineResult> RefreshAsync(CancellationToken cancellationToken = default) => RunAsync("refresh", dryRun: false, run => run.RefreshAsync(cancellationToken), cancellationToken);

    public Task<EngineResult> DestroyAsync(CancellationToken cancellationToken = default) => RunAsync("destroy", dryRun: false, run => run.DestroyAsync(cancellationToken), cancellationToken);

    /// <param name="instead">What is done instead of running the program.</param>
    private async Task<EngineResult> RunAsync(string kind, bool dryRun, Func<Run, Task>? instead, CancellationToken cancellationToken)
    {
        var (config, secretKeys) = Settings();
        var hiding = new SecretTexts(secretKeys.Select(k => config[k]));
        var statePath = options.StateFolder is { } folder ? Path.Combine(folder, $"{options.Stack}.json") : null;
        var before = statePath is null ? new StackState() : StackState.Load(statePath, options.Passphrase);
        foreach (var state in before.Resources) hiding.Learn(state.Inputs, state.Outputs);

        var logs = new ConcurrentQueue<LogLine>();
        var recorder = new Recorder { Hidden = hiding.Hide };
        Run? current = null;
        await using var server = await EngineServer.StartAsync(recorder, () => new MonitorService(current!, options.Simulated, hiding), new EngineService(Log), cancellationToken);
        await using var providers = new ProviderTable(options.Plugins, options.Simulated, server.Address, options.Project.Root, options.Project.ProgramFolder);
        using var run = current = new Run(new RunSettings(options.Organization, options.Project.Name, options.Stack, dryRun, config, secretKeys, options.Failures, options.ExcludeProtected),
            before, providers, hiding.Hide, state => { if (statePath is not null) state.Save(statePath, options.Passphrase); });

        var (exitCode, output, errors) = (0, "", "");
        var environment = ProgramEnvironment(server.Address, dryRun, config, secretKeys);
        if (instead is null) (exitCode, output, errors) = await ProgramAsync(environment, cancellationToken);
        else
        {
            try
            {
                await instead(run);
            }
            catch (RunFailure)
            {
                // The run has its errors.
            }
        }
        foreach (var error in run.Errors) logs.Enqueue(new LogLine(Severity.Error, error, ""));
        if (exitCode is not (0 or 32) && logs.All(l => l.Severity != Severity.Error)) logs.Enqueue(new LogLine(Severity.Error, hiding.Hide($"Program exited with non-zero exit code: {exitCode}\n{output}{errors}"), ""));
        var recording = Record(kind, dryRun, recorder, environment, secretKeys, exitCode, hiding.Hide(output), hiding.Hide(errors));
        var failed = exitCode != 0 || run.Failed || logs.Any(l => l.Severity == Severity.Error);
        return new EngineResult(kind, !failed, exitCode, run.Steps, run.Outputs, [.. logs], run.State, recording, hiding.Hide(output + errors));

        void Log(LogRequest log)
        {
            // A program whose registration was refused ends with a stack trace of the call; the engine has told the reason already.
            var echo = log.Severity == LogSeverity.Error && current!.Failed && log.Message.Contains("Grpc.Core.RpcException", StringComparison.Ordinal);
            logs.Enqueue(new LogLine(echo ? Severity.Debug : (Severity)log.Severity, hiding.Hide(log.Message), log.Urn));
        }
    }

    private async Task<(int ExitCode, string Output, string Errors)> ProgramAsync(Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        if (options.ProgramAssembly is { } assembly) return await ProgramInProcess.RunAsync(assembly, environment, options.Limit, cancellationToken);
        var command = options.ProgramCommand ?? ["dotnet", "run", "--no-build", "-c", "Release", "--project", options.Project.ProgramFolder];
        return await ProgramProcess.RunAsync(command, options.Project.ProgramFolder, environment, options.Limit, cancellationToken);
    }

    private (Dictionary<string, string> Config, HashSet<string> SecretKeys) Settings()
    {
        var config = new Dictionary<string, string>();
        var secretKeys = new HashSet<string>();
        if (options.ReadStackFile)
        {
            var file = StackFile.Load(options.Project.StackFileOf(options.Stack), options.Project.Name);
            foreach (var (key, value) in file.Values) config[key] = value;
            secretKeys.UnionWith(file.SecretKeys.Where(config.ContainsKey));
        }
        foreach (var (key, value, secret) in options.Config.Select(c => (Full(c.Key), c.Value, false)).Concat(options.Secrets.Select(s => (Full(s.Key), s.Value, true))))
        {
            if (value.Length == 0) config.Remove(key);
            else config[key] = value;
            if (secret && value.Length > 0) secretKeys.Add(key);
            else secretKeys.Remove(key);
        }
        return (config, secretKeys);

        string Full(string key) => key.Contains(':', StringComparison.Ordinal) ? key : $"{options.Project.Name}:{key}";
    }

    private Dictionary<string, string> ProgramEnvironment(string address, bool dryRun, Dictionary<string, string> config, HashSet<string> secretKeys) => new(options.ProgramEnvironment)
    {
        ["PULUMI_MONITOR"] = address, ["PULUMI_ENGINE"] = address, ["PULUMI_ORGANIZATION"] = options.Organization, ["PULUMI_PROJECT"] = options.Project.Name,
        ["PULUMI_ROOT_DIRECTORY"] = options.Project.Root, ["PULUMI_STACK"] = options.Stack, ["PULUMI_PWD"] = options.Project.ProgramFolder, ["PULUMI_DRY_RUN"] = dryRun ? "true" : "false",
        ["PULUMI_QUERY_MODE"] = "false", ["PULUMI_PARALLEL"] = "16", ["PULUMI_CONFIG"] = JsonSerializer.Serialize(config), ["PULUMI_CONFIG_SECRET_KEYS"] = JsonSerializer.Serialize(secretKeys),
        ["PULUMI_ATTACH_DEBUGGER"] = "false",
    };

    private string? Record(string kind, bool dryRun, Recorder recorder, Dictionary<string, string> environment, HashSet<string> secretKeys, int exitCode, string output, string errors)
    {
        if (options.RecordingFolder is not { } folder) return null;
        var written = new JsonObject(environment.Where(e => e.Key.StartsWith("PULUMI_", StringComparison.Ordinal)).Select(e => KeyValuePair.Create(e.Key, (JsonNode?)e.Value)));
        var config = JsonNode.Parse(environment["PULUMI_CONFIG"])!.AsObject();
        foreach (var key in secretKeys) config[key] = SecretTexts.Blank;
        written["PULUMI_CONFIG"] = config.ToJsonString();
        var recording = new JsonObject
        {
            ["about"] = $"Recorded by the local engine of this repository: {About}.",
            ["runs"] = new JsonObject
            {
                [kind] = new JsonObject
                {
                    ["dryRun"] = dryRun, ["environment"] = written, ["exitCode"] = exitCode, ["stdout"] = output, ["stderr"] = errors, ["calls"] = recorder.Calls(), ["debugLogCallsDropped"] = recorder.DebugLogs,
                },
            },
        };
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, $"{options.RecordingName ?? $"{options.Stack}-{kind}"}.json");
        File.WriteAllText(path, recording.ToJsonString(new JsonSerializerOptions { WriteIndented = true }));
        return path;
    }
}
