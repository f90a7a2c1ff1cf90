using Google.Protobuf.WellKnownTypes;
using Provisioner.Delivery.Preflight;
using Provisioner.Delivery.Settings;
using Provisioner.Provider.Resources;
using Pulumirpc;
using Severity = Provisioner.Delivery.Preflight.Severity;

namespace Provisioner.Provider;

/// <summary>Judges inputs whole, looks at the world for what does not exist yet, and adds the computed input. It only reads.</summary>
internal sealed class InputCheck(EngineLog log, TimeProvider time) : IDisposable
{
    /// <summary>Leaves the pre-flight out: "off".</summary>
    private const string Switch = "APPLIANCE_PREFLIGHT";

    private readonly SemaphoreSlim _one = new(1);
    private string? _lookedAt;

    public async Task<CheckResponse> OfAsync(HostedResource resource, CheckRequest request, CancellationToken cancellationToken)
    {
        var response = new CheckResponse { Inputs = request.News?.Clone() ?? new Struct() };
        response.Failures.AddRange(HostedInputs.Misshapen(response.Inputs).Select(m => new CheckFailure { Property = m.Property, Reason = m.Reason }));
        if (response.Failures.Count > 0) return response;
        if (PropertyValues.Member(response.Inputs, "secrets") is { } secrets) response.Inputs.Fields["secrets"] = PropertyValues.Secret(secrets);
        var read = HostedInputs.Read(response.Inputs);
        if (read.Settings is not { } input)
        {
            response.Inputs.Fields["desired"] = PropertyValues.Unknown;
            return response;
        }
        var verdict = SettingsJudge.Judge(input, time.GetUtcNow());
        foreach (var mistake in verdict.Mistakes)
        {
            var key = mistake.Key.StartsWith(StackInput.Namespace + ":", StringComparison.Ordinal) ? mistake.Key[(StackInput.Namespace.Length + 1)..] : mistake.Key;
            response.Failures.Add(new CheckFailure { Property = PropertyValues.Path(input.SecretKeys.Contains(mistake.Key) ? "secrets" : "settings", key), Reason = $"{(mistake.Value is null ? "" : mistake.Value + ": ")}{mistake.Reason} {mistake.Remedy}" });
        }
        if (verdict.Settings is not { } settings) return response;
        response.Inputs.Fields["desired"] = Value.ForStruct(resource.Desired(settings.WithBucket(read.Bucket)));
        if (request.Olds is not { Fields.Count: > 0 } olds) await PreflightAsync(request, settings, response, cancellationToken);
        // In the preview already: the cloud's part comes first, and would take the rights to the old place from the appliance that runs.
        else if (Before(olds) is { } before && resource.Barred(before, settings.WithBucket(read.Bucket)) is { } reason) response.Failures.Add(new CheckFailure { Property = "settings", Reason = reason });
        return response;
    }

    /// <summary>Null where they can no longer be read as today's would be; the host looks for itself, too.</summary>
    private StackSettings? Before(Struct olds) =>
        HostedInputs.Read(olds) is { Settings: { } input } was ? SettingsJudge.Judge(input, time.GetUtcNow()).Settings?.WithBucket(was.Bucket) : null;

    public void Dispose() => _one.Dispose();

    /// <summary>Both resources of a stack have the same settings: looked at once.</summary>
    private async Task PreflightAsync(CheckRequest request, StackSettings settings, CheckResponse response, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            var subject = PropertyValues.Bare(Value.ForList(response.Inputs.Fields["settings"], PropertyValues.Member(response.Inputs, "secrets") ?? Value.ForNull())).ToString();
            if (_lookedAt == subject) return;
            if (Environment.GetEnvironmentVariable(Switch) == "off")
            {
                _lookedAt = subject;
                await log.InfoAsync(request.Urn, $"The pre-flight was left out, as {Switch}=off asks.");
                return;
            }
            foreach (var finding in await new PreflightRun(time) { MachineStands = HostedInputs.Read(response.Inputs).Host is not null }.LookAsync(settings, probe: false, cancellationToken))
            {
                if (finding.Severity == Severity.Error) response.Failures.Add(new CheckFailure { Property = "settings", Reason = finding.ToString() });
                else if (finding.Severity != Severity.Fine) await log.WarnAsync(request.Urn, finding.ToString());
            }
            if (response.Failures.Count == 0) _lookedAt = subject;
        }
        finally
        {
            _one.Release();
        }
    }
}
