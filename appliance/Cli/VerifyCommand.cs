using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Appliance.Vault;

namespace Appliance.Cli;

/// <summary>`appliance verify`: re-reads every stored file.</summary>
internal static class VerifyCommand
{
    private static readonly TimeSpan s_progressEvery = TimeSpan.FromSeconds(2);

    public static Command Create(Screen screen)
    {
        var vault = VaultOptions.Vault();
        var key = VaultOptions.Key();
        var json = new Option<bool>("--json") { Description = "One JSON object a line: each finding, then a summary." };
        var certificate = new Option<string?>("--certificate")
        {
            Description = "Instead: counts one snapshot's rows again (the latest when no id is given) and holds them against its certificate of completeness.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("verify", "Re-reads every byte of a vault. Exit code: 0 sound, 1 damage found, 2 could not be done, 3 the certificate holds and names gaps.")
        {
            vault, key, json, certificate,
        };
        command.SetAction((parsed, cancellationToken) => parsed.GetResult(certificate) is not null
            ? CertificateReport.RunAsync(screen, parsed.GetRequiredValue(vault), parsed.GetValue(key), parsed.GetValue(certificate), parsed.GetValue(json), cancellationToken)
            : RunAsync(screen, parsed.GetRequiredValue(vault), parsed.GetValue(key), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Screen screen, string place, string? keyName, bool json, CancellationToken cancellationToken)
    {
        using var key = VaultOptions.ReadKey(keyName);
        var progress = new ScreenProgress(screen);
        var (damaged, whole) = (0, true);
        await foreach (var finding in OrgVault.VerifyAsync(VaultOptions.Store(place, screen.Time), key, progress, cancellationToken))
        {
            if (finding.IsDamage) damaged++;
            else whole = false;
            await (json ? WriteJsonAsync(screen.Output, finding) : WriteTextAsync(screen.Output, finding));
        }
        var last = progress.Last;
        await screen.Output.WriteLineAsync(json
            ? string.Create(CultureInfo.InvariantCulture, $$"""{"sound":{{(damaged == 0 ? "true" : "false")}},"files":{{last.Files}},"bytes":{{last.Bytes}},"damaged":{{damaged}},"allChecked":{{(whole ? "true" : "false")}}}""")
            : string.Create(CultureInfo.InvariantCulture, $"{last.Files} files, {last.Bytes} bytes read: {(damaged == 0 ? whole ? "no damage found" : "no damage found in what could be checked" : $"{damaged} damaged, missing or alien")}"));
        return damaged == 0 ? ApplianceCommands.Well : ApplianceCommands.Findings;
    }

    private static async Task WriteTextAsync(TextWriter output, VerifyFinding finding)
    {
        await output.WriteLineAsync($"{Word(finding.Problem)}  {finding.BlobName}: {finding.What}");
        if (finding.Dependents.Length > 0) await output.WriteLineAsync($"    needed by: {string.Join(", ", finding.Dependents)}");
        await output.WriteLineAsync($"    what to do: {finding.Remedy}");
    }

    private static async Task WriteJsonAsync(TextWriter output, VerifyFinding finding)
    {
        using var buffer = new MemoryStream();
        using (var line = new Utf8JsonWriter(buffer))
        {
            line.WriteStartObject();
            line.WriteString("file", finding.BlobName);
            line.WriteString("problem", Word(finding.Problem));
            line.WriteString("what", finding.What);
            line.WriteString("remedy", finding.Remedy);
            line.WriteStartArray("dependents");
            foreach (var dependent in finding.Dependents) line.WriteStringValue(dependent);
            line.WriteEndArray();
            line.WriteEndObject();
        }
        await output.WriteLineAsync(System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }

    private static string Word(VerifyProblem problem) => problem switch
    {
        VerifyProblem.Damaged => "damaged",
        VerifyProblem.Missing => "missing",
        VerifyProblem.Alien => "alien",
        VerifyProblem.NotChecked => "not checked",
    };

    /// <summary>Speaks on standard error every two seconds at most, so that results can be piped.</summary>
    private sealed class ScreenProgress(Screen screen) : IProgress<VerifyProgress>
    {
        private long _spoken = screen.Time.GetTimestamp();

        public VerifyProgress Last { get; private set; }

        public void Report(VerifyProgress value)
        {
            Last = value;
            if (screen.Time.GetElapsedTime(_spoken) < s_progressEvery) return;
            _spoken = screen.Time.GetTimestamp();
            screen.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.Files} of {value.TotalFiles} files, {value.Bytes >> 20} MiB"));
        }
    }
}
