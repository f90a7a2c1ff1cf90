using System.CommandLine;
using System.Globalization;
using Appliance.Engine;
using Appliance.Engine.Diagnosis;

namespace Appliance.Cli;

/// <summary>`appliance doctor`, `status` and `support-bundle` (docs/operations.md).</summary>
internal static class DoctorCommands
{
    public static Command Doctor(Screen screen)
    {
        var (env, certificate) = (ServerEnvironment.File(), Certificate());
        var json = new Option<bool>("--json") { Description = "One JSON object." };
        var command = new Command("doctor", "Looks at everything the appliance stands on; each finding with what to do. Exit code: 0 well, 1 warnings, 2 errors.") { env, certificate, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await LookAsync(screen, parsed.GetValue(env), parsed.GetValue(certificate), cancellationToken);
            foreach (var line in parsed.GetValue(json) ? [DoctorText.Json(report)] : DoctorText.Lines(report)) await screen.Output.WriteLineAsync(line);
            return (int)report.Worst;
        });
        return command;
    }

    public static Command Status(Screen screen)
    {
        var (env, certificate) = (ServerEnvironment.File(), Certificate());
        var command = new Command("status", "The appliance on one screen. Exit codes as of doctor.") { env, certificate };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await LookAsync(screen, parsed.GetValue(env), parsed.GetValue(certificate), cancellationToken);
            foreach (var line in DoctorText.Status(report)) await screen.Output.WriteLineAsync(line);
            return (int)report.Worst;
        });
        return command;
    }

    public static Command SupportBundle(Screen screen)
    {
        var (env, certificate) = (ServerEnvironment.File(), Certificate());
        var output = new Option<string?>("--output") { Description = "The zip to write; appliance-support-<stamp>.zip here when not given." };
        var log = new Option<string[]>("--log") { Description = "A log file of the server (such as: docker compose logs --no-log-prefix app > app.log); may be said again.", AllowMultipleArgumentsPerToken = true };
        var command = new Command("support-bundle", "Packs report, versions, settings, jobs and logs for support. Holds no secret and no record.") { env, certificate, output, log };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var report = await LookAsync(screen, parsed.GetValue(env), parsed.GetValue(certificate), cancellationToken);
            var path = parsed.GetValue(output) ?? string.Create(CultureInfo.InvariantCulture, $"appliance-support-{report.At.UtcDateTime:yyyyMMddTHHmmss}Z.zip");
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            await using (var file = new FileStream(path, options))
                await Engine.Diagnosis.SupportBundle.WriteAsync(file, report, parsed.GetValue(log) ?? [], ServerEnvironment.All(parsed.GetValue(env)), cancellationToken);
            await screen.Output.WriteLineAsync($"{path}: look into it before you send it; it holds ids, counts and the names of your orgs, no secret and no record.");
            return ApplianceCommands.Well;
        });
        return command;
    }

    private static Option<string?> Certificate() => new("--certificate") { Description = "The PEM file of the certificate that the front door shows; else Server:Certificate of the settings." };

    private static Task<Report> LookAsync(Screen screen, string? env, string? certificate, CancellationToken cancellationToken)
    {
        var place = ServerEnvironment.Read(env);
        var options = new EngineOptions
        {
            StorageRoot = place.StorageRoot,
            DiskReserveBytes = long.TryParse(place.Settings.GetValueOrDefault("Engine:DiskReserveBytes"), NumberStyles.None, CultureInfo.InvariantCulture, out var reserve) ? reserve : null,
        };
        return new Doctor(place, options, certificate ?? place.Settings.GetValueOrDefault("Server:Certificate"), screen.Time).RunAsync(cancellationToken);
    }
}
