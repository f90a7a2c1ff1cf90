using System.Collections;
using System.Collections.Immutable;
using System.CommandLine;
using Appliance.Engine;
using Appliance.Vault;

namespace Appliance.Cli;

/// <summary>The server's settings as the commands that look after the appliance itself see them: the environment, and a file of it over that.</summary>
internal static class ServerEnvironment
{
    private static readonly string[] s_needed = ["Catalog:ConnectionString", "Storage:Root", "Keys:Directory"];

    public static Option<string?> File() => new("--env")
    {
        Description = "A file of NAME=VALUE lines with the server's settings (docs/settings.md), such as its systemd EnvironmentFile; else the environment is read.",
    };

    /// <summary>Throws <see cref="VaultException"/> (Operator), naming every setting that is missing, at once.</summary>
    public static AppliancePlace Read(string? file)
    {
        var settings = All(file);
        string Required(string name) => settings.GetValueOrDefault(name) is { Length: > 0 } value ? value : "";
        var missing = s_needed.Where(n => Required(n).Length == 0).ToList();
        if (missing.Count > 0)
            throw new VaultException(FailureKind.Operator, $"Settings of the server are missing: {string.Join(", ", missing)}.",
                "Run this with the server's environment (Catalog__ConnectionString and so on), or name its file with --env.");
        return new AppliancePlace(Required("Catalog:ConnectionString"), Required("Storage:Root"), Path.GetFullPath(Required("Keys:Directory")),
            settings.GetValueOrDefault("Keys:Master") is { Length: > 0 } master ? master : null, AppliancePlace.Open(settings));
    }

    /// <summary>Every setting, by its name with ':'.</summary>
    public static ImmutableSortedDictionary<string, string?> All(string? file)
    {
        var settings = ImmutableSortedDictionary.CreateBuilder<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables()) settings[Name((string)variable.Key)] = variable.Value as string;
        if (file is not null)
            foreach (var line in System.IO.File.ReadLines(file).Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#' && l.Contains('=')))
            {
                var at = line.IndexOf('=');
                settings[Name(line[..at].Trim())] = Unquoted(line[(at + 1)..].Trim());
            }
        return settings.ToImmutable();
    }

    private static string Name(string variable) => variable.Replace("__", ":", StringComparison.Ordinal);

    private static string Unquoted(string value) => value.Length > 1 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;
}
