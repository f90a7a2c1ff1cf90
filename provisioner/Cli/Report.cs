using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Provisioner.Delivery.Preflight;
using Provisioner.Delivery.Settings;

namespace Provisioner.Cli;

/// <summary>What was found, for people or as one JSON object. Secrets never stand in it: mistakes and findings carry none.</summary>
internal static class Report
{
    private static readonly JsonSerializerOptions Form = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task TextAsync(Screen screen, ReadStack read, Judgement verdict)
    {
        await screen.Output.WriteLineAsync(verdict.Mistakes.IsEmpty ? $"The settings of {read.Input.Stack} are right." : verdict.ToString());
        if (!read.Sealed.IsEmpty)
            await screen.Error.WriteLineAsync($"Not judged, because encrypted: {string.Join(", ", read.Sealed)}. Give them with --config: pulumi config --show-secrets --json | provisioner … --config -");
    }

    public static async Task TextAsync(Screen screen, ImmutableArray<Finding> findings)
    {
        foreach (var finding in findings)
        {
            await screen.Output.WriteLineAsync($"{Word(finding.Severity),-8} {finding.What}: {finding.Reason}");
            if (finding.Remedy.Length > 0) await screen.Output.WriteLineAsync($"         What to do: {finding.Remedy}");
        }
        var errors = findings.Count(f => f.Severity == Severity.Error);
        var unknown = findings.Count(f => f.Severity == Severity.Unknown);
        await screen.Output.WriteLineAsync(errors > 0 ? $"{errors} of {findings.Length} things stand in the way; nothing was created."
            : unknown > 0 ? $"Nothing is known to stand in the way; {unknown} of {findings.Length} things could not be told from here." : "Nothing stands in the way.");
    }

    public static Task JsonAsync(Screen screen, ReadStack read, Judgement verdict, ImmutableArray<Finding>? findings) => screen.Output.WriteLineAsync(JsonSerializer.Serialize(new
    {
        stack = read.Input.Stack,
        mistakes = verdict.Mistakes.Select(m => new { key = m.Key, value = m.Value, reason = m.Reason, remedy = m.Remedy }),
        notJudged = read.Sealed,
        findings = findings?.Select(f => new { severity = Word(f.Severity), what = f.What, reason = f.Reason, remedy = f.Remedy }),
    }, Form));

    private static string Word(Severity severity) => severity switch
    {
        Severity.Fine => "fine",
        Severity.Warning => "warning",
        Severity.Unknown => "unknown",
        Severity.Error => "error",
    };
}
