using Provisioner.Certificates.Bought;
using Provisioner.Certificates.Renewal;

namespace Provisioner.Certificates.Commands;

/// <summary>The commands of `certificates`. What they print and return stands in docs/certificates.md.</summary>
/// <param name="proof">host:port of the proxy as it is reached from here; null: as the settings say, which are written for the host.</param>
internal sealed class CertificatesTool(TimeProvider time, TextWriter output, TextWriter errors, string? proof = null)
{
    private const string DefaultSettings = "/opt/appliance/certificates/settings.json";

    private const string Usage = """
        certificates run [--heartbeat FILE]    order, renew and prove, for ever; the file is touched while it lives
        certificates renew [--even-if-not-due] do now what is due
        certificates status [--json]           what stands, what is served, what failed
        certificates import --chain FILE --key FILE [--password-file FILE]
        certificates import --pfx FILE [--password-file FILE]
          --settings FILE                      default /opt/appliance/certificates/settings.json
          --wait SECONDS                       (renew, import) wait for somebody else who orders or places right now
        """;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

    private readonly ConsoleLog _log = new(time, errors);

    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        if (arguments is [] or ["--help" or "-h" or "help", ..])
        {
            await output.WriteLineAsync(Usage);
            return arguments.Length == 0 ? ExitCode.NotTried : ExitCode.Well;
        }
        if (Options.Parse(arguments) is not { } options)
        {
            await errors.WriteLineAsync($"certificates: wrong usage.\n{Usage}");
            return ExitCode.NotTried;
        }
        try
        {
            var path = options.Settings ?? DefaultSettings;
            if (options.Command == "run") return await ServeAsync(path, options.Heartbeat, cancellationToken);
            var settings = Load(path);
            var agent = new Agent(settings, time, _log);
            return options.Command switch
            {
                "renew" => await TellAsync(agent, await PatientlyAsync(() => agent.PassAsync(asked: true, options.Even, cancellationToken), options.Wait, cancellationToken)),
                "import" => await ImportAsync(agent, settings, options, cancellationToken),
                _ => await StatusAsync(settings, options.Json),
            };
        }
        catch (CertificateException failure)
        {
            await errors.WriteLineAsync($"{failure.Message}\nWhat to do: {failure.Remedy}");
            return ExitCode.NotTried;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return options.Command == "run" ? ExitCode.Well : ExitCode.NotTried;
        }
    }

    /// <summary>
    /// The service: a pass whenever one is due, and at once when something new lies in the inbox or the deployer wrote other settings. Other settings that are of no use are told,
    /// and those before are kept: whoever broke them shall not end the renewals.
    /// </summary>
    private async Task<int> ServeAsync(string path, string? heartbeat, CancellationToken cancellationToken)
    {
        var written = File.GetLastWriteTimeUtc(path);
        var settings = Load(path);
        var agent = new Agent(settings, time, _log);
        while (true)
        {
            Beat(heartbeat);
            var busy = await agent.PassAsync(asked: false, even: false, cancellationToken) == PassResult.Busy;
            do
            {
                await Task.Delay(Tick, time, cancellationToken);
                Beat(heartbeat);
            }
            while (!busy && time.GetUtcNow() < agent.Next() && !Inbox.HasNews(settings.Store) && File.GetLastWriteTimeUtc(path) == written);
            if (File.GetLastWriteTimeUtc(path) is var now && now == written) continue;
            written = now;
            try
            {
                settings = Load(path);
                agent = new Agent(settings, time, _log);
                _log.SettingsTaken(path);
            }
            catch (CertificateException failure)
            {
                _log.SettingsRefused(failure.Message, failure.Remedy);
            }
        }
    }

    private static void Beat(string? heartbeat)
    {
        if (heartbeat is not null) File.WriteAllText(heartbeat, "");
    }

    private AgentSettings Load(string path)
    {
        var settings = AgentDocument.Load(path, time, _log);
        return proof is null ? settings : settings with { ProofAddress = proof };
    }

    /// <summary>Whoever is at it may be about what was asked for.</summary>
    private async Task<PassResult> PatientlyAsync(Func<Task<PassResult>> deed, int seconds, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var result = await deed();
            if (result != PassResult.Busy || time.GetElapsedTime(began) >= TimeSpan.FromSeconds(seconds)) return result;
            await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
        }
    }

    private async Task<int> ImportAsync(Agent agent, AgentSettings settings, Options options, CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        void Report(string key, string reason, string remedy) => reasons.Add($"{key}: {reason} {remedy}");
        CheckedCertificate? certificate;
        try
        {
            var password = options.PasswordFile is { } file ? (await File.ReadAllTextAsync(file, cancellationToken)).TrimEnd('\n') : null;
            certificate = options.Pfx is { } pfx
                ? BoughtCertificate.FromPfx(Convert.ToBase64String(await File.ReadAllBytesAsync(pfx, cancellationToken)), password, settings.Names[0], time.GetUtcNow(), Report)
                : BoughtCertificate.FromPem(await File.ReadAllTextAsync(options.Chain!, cancellationToken), await File.ReadAllTextAsync(options.Key!, cancellationToken), password, settings.Names[0], time.GetUtcNow(), Report);
        }
        catch (Exception unread) when (unread is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"certificates: {unread.Message}");
            return ExitCode.NotTried;
        }
        if (certificate is null)
        {
            foreach (var reason in reasons) await errors.WriteLineAsync(reason);
            return ExitCode.Refused;
        }
        return await TellAsync(agent, await PatientlyAsync(() => agent.ImportAsync(certificate, cancellationToken), options.Wait, cancellationToken));
    }

    private async Task<int> TellAsync(Agent agent, PassResult result)
    {
        if (result == PassResult.Busy)
        {
            await errors.WriteLineAsync("Somebody else orders or places a certificate right now.\nWhat to do: wait until that is over, then run this again.");
            return ExitCode.Busy;
        }
        var status = agent.Status;
        if (result == PassResult.Failed)
        {
            await errors.WriteLineAsync($"{status.Failure?.Cause}\nWhat to do: {status.Failure?.Remedy}");
            return ExitCode.Failed;
        }
        await output.WriteLineAsync(Lines(status));
        return ExitCode.Well;
    }

    private async Task<int> StatusAsync(AgentSettings settings, bool json)
    {
        var path = AgentStatus.PathOf(settings.Store);
        if (!File.Exists(path))
        {
            await errors.WriteLineAsync($"The agent has not looked yet: there is no {path}.\nWhat to do: start the service, or run `certificates renew`.");
            return ExitCode.NotTried;
        }
        var status = AgentStatus.Read(settings.Store);
        await output.WriteLineAsync(json ? await File.ReadAllTextAsync(path) : Lines(status));
        return status.Serial is null || status.Alarm >= Alarm.Critical || status.Proof == Proof.Differs ? ExitCode.StatusBad
            : status.Failures > 0 || status.Alarm == Alarm.Warning ? ExitCode.Failed : ExitCode.Well;
    }

    private string Lines(AgentStatus status)
    {
        var lines = new List<string>
        {
            status.Serial is null ? $"no certificate for {string.Join(", ", status.Names)}" : $"certificate {status.Serial} for {string.Join(", ", status.Names)}, by {status.Issuer}",
        };
        if (status.NotAfter is { } end) lines.Add($"until {end:yyyy-MM-dd HH:mm} UTC, {Math.Max(0, (end - time.GetUtcNow()).TotalDays):0.0} days left; alarm: {status.Alarm}; in a handshake: {status.Proof}");
        if (status.Due is { } due) lines.Add($"renewed from {due:yyyy-MM-dd HH:mm} UTC on");
        if (status.Failure is { } failure) lines.Add($"{status.Failures} failures in a row, last {failure.At:yyyy-MM-dd HH:mm}: {failure.Cause} What to do: {failure.Remedy} {(status.NextTry is { } next ? $"Tried again {next:yyyy-MM-dd HH:mm} UTC." : "Not tried again before `certificates renew`.")}");
        return string.Join('\n', lines);
    }
}
