using System.Collections.Immutable;
using PulumiEngine.Deploying;
using PulumiEngine.Projects;
using PulumiEngine.Providers;
using PulumiEngine.Simulation;

namespace PulumiEngine;

/// <summary>What one stack is run with.</summary>
public sealed record EngineOptions
{
    public required ProjectFile Project { get; init; }

    public required string Stack { get; init; }

    public string Organization { get; init; } = "organization";

    /// <summary>How the program is started; null: <c>dotnet run</c> of the project's program folder, built before.</summary>
    public IReadOnlyList<string>? ProgramCommand { get; init; }

    /// <summary>The program's assembly, run within this process instead: quicker where many runs follow each other.</summary>
    public string? ProgramAssembly { get; init; }

    /// <summary>Where the state is kept, one file per stack. Null: nowhere, so that every run begins with nothing.</summary>
    public string? StateFolder { get; init; }

    /// <summary>Encrypts the secrets in the state.</summary>
    public string Passphrase { get; init; } = System.Environment.GetEnvironmentVariable("PULUMI_CONFIG_PASSPHRASE") ?? "local engine";

    /// <summary>False: the stack has no file, only the settings given here.</summary>
    public bool ReadStackFile { get; init; } = true;

    /// <summary>Settings beside those of the stack file, or instead of them: "namespace:key", or just the key for the project's own. An empty text takes a setting away.</summary>
    public IReadOnlyDictionary<string, string> Config { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The same, secret.</summary>
    public IReadOnlyDictionary<string, string> Secrets { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Packages whose provider really runs; all others are simulated.</summary>
    public IReadOnlyDictionary<string, PluginCommand> Plugins { get; init; } = ImmutableDictionary<string, PluginCommand>.Empty;

    public Simulated Simulated { get; init; } = Clouds.All();

    public IReadOnlyList<InjectedFailure> Failures { get; init; } = [];

    /// <summary>Where recordings go, and under which name (without ".json"). Null: no recording.</summary>
    public string? RecordingFolder { get; init; }

    public string? RecordingName { get; init; }

    /// <summary>A destroy leaves protected resources, and what they need, instead of refusing.</summary>
    public bool ExcludeProtected { get; init; }

    /// <summary>More environment for the program.</summary>
    public IReadOnlyDictionary<string, string> ProgramEnvironment { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>How long the program may run.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(5);
}
