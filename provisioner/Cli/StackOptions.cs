using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Provisioner.Delivery.Settings;

namespace Provisioner.Cli;

/// <summary>The options that say which stack, and its reading.</summary>
internal sealed class StackOptions
{
    public Option<string> Stack { get; } = new("--stack") { Description = "The stack's file, such as stacks/Pulumi.acme.yaml.", Required = true };

    public Option<string?> Config { get; } = new("--config")
    {
        Description = "Settings beside those of the file, above all its secrets, which only Pulumi opens: the output of `pulumi config --show-secrets --json`, as a file, or - for standard input.",
    };

    public Option<bool> Json { get; } = new("--json") { Description = "One JSON object on standard output." };

    /// <exception cref="UnreadableStack">One of the files is not what it should be.</exception>
    public async Task<ReadStack> ReadAsync(ParseResult parsed, Screen screen, CancellationToken cancellationToken)
    {
        var path = parsed.GetRequiredValue(Stack);
        var name = StackFile.NameOf(path) ?? throw new UnreadableStack($"{path} is not named as a stack's file is.", "Give a file that is called Pulumi.NAME.yaml.");
        StackFile file;
        try
        {
            file = StackFile.Parse(name, await TextAsync(path, cancellationToken));
        }
        catch (FormatException broken)
        {
            throw new UnreadableStack($"{path}: {broken.Message}", "Correct the file; stacks/README.md tells its form.");
        }
        var given = parsed.GetValue(Config) is { } config ? Given(await (config == "-" ? screen.Input.ReadToEndAsync(cancellationToken) : TextAsync(config, cancellationToken))) : [];
        var clear = file.Input with { Values = file.Input.Values.Concat(given.Where(g => !g.Secret && !file.Input.Values.ContainsKey(g.Key)).Select(g => KeyValuePair.Create(g.Key, g.Value))).ToDictionary() };
        var secrets = given.Where(g => g.Secret || file.SealedKeys.Contains(g.Key)).Select(g => KeyValuePair.Create(g.Key, g.Value)).ToList();
        return new ReadStack((file with { Input = clear }).With(secrets), [.. file.SealedKeys.Except(secrets.Select(s => s.Key)).Order(StringComparer.Ordinal)]);
    }

    private static async Task<string> TextAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(path, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new UnreadableStack($"{path} cannot be read: {failure.Message}", "Give a file that is there and may be read.");
        }
    }

    private static IReadOnlyList<(string Key, string Value, bool Secret)> Given(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. document.RootElement.EnumerateObject().Select(member => member.Value.ValueKind == JsonValueKind.Object
                ? (member.Name, Text(member.Value), member.Value.TryGetProperty("secret", out var secret) && secret.ValueKind == JsonValueKind.True)
                : (member.Name, member.Value.ToString(), false))];
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new UnreadableStack("What --config names is not the output of `pulumi config --show-secrets --json`.", "Pipe that command's output: pulumi config --show-secrets --json | provisioner … --config -");
        }

        static string Text(JsonElement entry) => entry.GetProperty("value").ToString();
    }
}

/// <param name="Sealed">Secrets that stand in the file encrypted and were not given in clear.</param>
internal sealed record ReadStack(StackInput Input, ImmutableArray<string> Sealed)
{
    /// <summary>The verdict; what is wrong only because a secret is sealed is left out, and then there may be neither settings nor mistakes.</summary>
    public Judgement Judge(DateTimeOffset now)
    {
        var verdict = SettingsJudge.Judge(Input, now);
        return verdict with { Mistakes = [.. verdict.Mistakes.Where(m => !Sealed.Contains(m.Key))] };
    }
}

/// <summary>A stack cannot even be read.</summary>
internal sealed class UnreadableStack(string message, string remedy) : Exception(message)
{
    public string Remedy { get; } = remedy;
}
