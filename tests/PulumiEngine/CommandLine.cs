using System.Text.Json.Nodes;

namespace PulumiEngine;

/// <summary>What ./preview is called with.</summary>
public sealed record CommandLine(string Verb, string Stack, string ProjectFolder, string StateFolder, string? RecordingFolder, bool ExcludeProtected, bool Json,
    IReadOnlyDictionary<string, string> Config, IReadOnlyDictionary<string, string> Secrets, IReadOnlyList<(string Stack, JsonObject Outputs)> StackOutputs)
{
    public const string Help = """
        engine preview|up|refresh|destroy STACK [options]
          --project DIR            the folder of Pulumi.yaml (default: here)
          --state DIR              where the stack's state is kept (default: .run/engine)
          --config KEY=VALUE       a setting beside the stack file's
          --secret KEY=VALUE       a secret one; its value may be @FILE
          --stack-outputs NAME=FILE.json   what another stack gives out
          --exclude-protected      destroy: leave protected resources and what they need
          --recording DIR          write the calls of the run there
          --json                   the steps as JSON instead of a tree
        up, refresh and destroy change the state file only: the clouds are simulated.
        """;

    private static readonly string[] Verbs = ["preview", "up", "refresh", "destroy"];

    /// <exception cref="EngineException">An argument is not understood.</exception>
    public static CommandLine Parse(IReadOnlyList<string> arguments)
    {
        var plain = new List<string>();
        var (project, state, recording, exclude, json) = (".", ".run/engine", (string?)null, false, false);
        var (config, secrets, outputs) = (new Dictionary<string, string>(), new Dictionary<string, string>(), new List<(string, JsonObject)>());
        for (var i = 0; i < arguments.Count; i++)
        {
            string Next() => ++i < arguments.Count ? arguments[i] : throw Wrong($"{arguments[i - 1]} lacks its value.");
            (string Key, string Value) Pair() => Next().Split('=', 2) is [var key, var value] ? (key, value) : throw Wrong($"'{arguments[i]}' is not KEY=VALUE.");
            switch (arguments[i])
            {
                case "--project": project = Next(); break;
                case "--state": state = Next(); break;
                case "--recording": recording = Next(); break;
                case "--config": { var (key, value) = Pair(); config[key] = value; break; }
                case "--secret": { var (key, value) = Pair(); secrets[key] = value.StartsWith('@') ? Read(value[1..]) : value; break; }
                case "--stack-outputs": { var (name, file) = Pair(); outputs.Add((name, JsonNode.Parse(Read(file))!.AsObject())); break; }
                case "--exclude-protected": exclude = true; break;
                case "--json": json = true; break;
                case { } option when option.StartsWith('-'): throw Wrong($"Unknown option '{option}'.");
                case { } word: plain.Add(word); break;
            }
        }
        if (plain.Count != 2 || !Verbs.Contains(plain[0])) throw Wrong(plain.Count < 2 ? "What shall be done, and to which stack?" : $"'{string.Join(' ', plain)}' is not understood.");
        return new CommandLine(plain[0], plain[1], project, state, recording, exclude, json, config, secrets, outputs);
    }

    private static string Read(string path) => File.Exists(path) ? File.ReadAllText(path) : throw Wrong($"There is no file {path}.");

    private static EngineException Wrong(string cause) => new(cause, "See --help.");
}
