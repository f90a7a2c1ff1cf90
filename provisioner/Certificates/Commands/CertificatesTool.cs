using Provisioner.Certificates.Bought;
using Provisioner.Certificates.Renewal;

namespace Provisioner.Certificates.Commands;

/// <summary>The commands of `certificates`. What they print and return stands in docs/certificates.md.</summary>
internal sealed class CertificatesTool(TimeProvider time, TextWriter output, TextWriter errors)
{
    private const string DefaultSettings = "/opt/appliance/certificates/settings.json";

    private const string Usage = """
        certificates run                       order, renew and prove, for ever
        certificates renew [--even-if-not-due] do now what is due
        certificates status [--json]           what stands, what is served, what failed
        certificates import --chain FILE --key FILE [--password-file FILE]
        certificates import --pfx FILE [--password-file FILE]
          --settings FILE                      default /opt/appliance/certificates/settings.json
        """;

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(5);

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
            var log = new ConsoleLog(time, errors);
            var settings = AgentDocument.Load(options.Settings ?? DefaultSettings, time, log);
            var agent = new Agent(settings, time, log);
            return options.Command switch
            {
                "run" => await ServeAsync(agent, settings, cancellationToken),
                "renew" => await TellAsync(agent, await agent.PassAsync(asked: true, options.Even, cancellationToken)),
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

    /// <summary>The service: a pass whenever one is due, and at once when something new lies in the inbox.</summary>
    private async Task<int> ServeAsync(Agent agent, AgentSettings settings, CancellationToken cancellationToken)
    {
        while (true)
        {
            var busy = await agent.PassAsync(asked: false, even: false, cancellationToken) == PassResult.Busy;
            do await Task.Delay(Tick, time, cancellationToken);
            while (!busy && time.GetUtcNow() < agent.Next() && !Inbox.HasNews(settings.Store));
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
        return await TellAsync(agent, await agent.ImportAsync(certificate, cancellationToken));
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
