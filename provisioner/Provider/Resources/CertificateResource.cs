using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using Provisioner.Certificates.Bought;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Settings;

namespace Provisioner.Provider.Resources;

/// <summary>appliance:index:Certificate: a bought one is checked and placed; one by ACME is ordered, and renewed ever after, by the host itself.</summary>
internal sealed class CertificateResource : HostedResource
{
    public override string Type => "appliance:index:Certificate";

    public override ImmutableArray<string> NotBuilt(StackSettings settings) => CertificatePlan.NotBuilt(settings);

    /// <summary>A host that orders for itself renews for itself: its serial and dates are no difference.</summary>
    public override ImmutableArray<string> Compared(Struct desired) => [.. desired.Fields.Keys];

    public override Struct Desired(StackSettings settings) => settings.Certificate switch
    {
        PaidCertificate paid => Facts(paid.Facts),
        AcmeCertificate acme => Acme(settings, acme),
        _ => throw new InvalidOperationException("A certificate of an unknown kind."),
    };

    public override Struct Foreseen(StackSettings settings, Struct desired)
    {
        var foreseen = desired.Clone();
        if (settings.Certificate is AcmeCertificate) (foreseen.Fields["issuer"], foreseen.Fields["serial"], foreseen.Fields["notAfter"]) = (PropertyValues.Unknown, PropertyValues.Unknown, PropertyValues.Unknown);
        return foreseen;
    }

    public override async Task<Struct> DeployAsync(StackSettings settings, DeployExecutor host, Func<string, Task> progress, CancellationToken cancellationToken)
    {
        if (settings.Certificate is AcmeCertificate acme)
        {
            var (order, state, certificate) = await AcmeOrder.CarryAsync(settings, acme, host, progress, cancellationToken);
            return Outputs(settings, acme, order, state, certificate, host.HostKey)!;
        }
        var paid = (PaidCertificate)settings.Certificate;
        var plan = CertificatePlan.For(settings, paid);
        return Outputs(paid, plan, await host.DeployAsync(plan, HostRequirements.Files, progress, cancellationToken), host.HostKey)!;
    }

    public override async Task<Struct?> ReadAsync(StackSettings settings, DeployExecutor host, CancellationToken cancellationToken)
    {
        if (settings.Certificate is AcmeCertificate acme)
        {
            var order = CertificatePlan.For(settings, acme, null);
            return Outputs(settings, acme, order, await host.LookAsync(order, cancellationToken), await host.CertificateAsync(cancellationToken), host.HostKey);
        }
        var paid = (PaidCertificate)settings.Certificate;
        var plan = CertificatePlan.For(settings, paid);
        return Outputs(paid, plan, await host.LookAsync(plan, cancellationToken), host.HostKey);
    }

    /// <summary>Certificates and keys stay where they are: a proxy that runs may still read them.</summary>
    public override Task DeleteAsync(StackSettings settings, DeployExecutor host, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Null when the proxy would find no certificate at all; another serial, or changed files, when somebody else put one there.</summary>
    private static Struct? Outputs(PaidCertificate paid, DeployPlan plan, HostState state, string hostKey)
    {
        if (!state.Links.TryGetValue(CertificatePlan.Current, out var target)) return null;
        var outputs = Facts(paid.Facts);
        if (target != CertificatePlan.SerialOf(paid)) outputs.Fields["serial"] = PropertyValues.Text(target);
        outputs.Fields["placed"] = Value.ForBool(plan.Files.All(f => state.Files.GetValueOrDefault(f.Path) == f.Standing));
        outputs.Fields["hostKeyFingerprint"] = PropertyValues.Text(hostKey);
        return outputs;
    }

    /// <summary>The host renews by itself: serial and dates are told as they stand, and only what the settings fix is compared.</summary>
    private static Struct? Outputs(StackSettings settings, AcmeCertificate acme, DeployPlan plan, HostState state, StandingCertificate? standing, string hostKey)
    {
        if (standing is null) return null;
        var outputs = Acme(settings, acme);
        outputs.Fields["names"] = PropertyValues.Texts([.. standing.Names]);
        outputs.Fields["issuer"] = PropertyValues.Text(standing.Issuer);
        outputs.Fields["serial"] = PropertyValues.Text(standing.Serial);
        outputs.Fields["notAfter"] = PropertyValues.Text(Rfc3339(standing.NotAfter));
        outputs.Fields["placed"] = Value.ForBool(standing.HasKey);
        // The tool itself is not compared: another version of it is brought along by the next change.
        outputs.Fields["files"] = FilesOf(plan with { Files = [.. plan.Files.Where(f => f.Path != CertificatePlan.Tool)] }, f => state.Files.GetValueOrDefault(f.Path), null);
        outputs.Fields["hostKeyFingerprint"] = PropertyValues.Text(hostKey);
        return outputs;
    }

    private static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static Struct Facts(CertificateFacts facts) => new()
    {
        Fields =
        {
            ["source"] = PropertyValues.Text("paid"),
            ["names"] = PropertyValues.Texts(facts.Names),
            ["issuer"] = PropertyValues.Text(facts.Issuer),
            ["serial"] = PropertyValues.Text(facts.Serial.ToLowerInvariant()),
            ["notAfter"] = PropertyValues.Text(Rfc3339(facts.NotAfter)),
            ["placed"] = Value.ForBool(true),
        },
    };

    private static Struct Acme(StackSettings settings, AcmeCertificate acme)
    {
        var desired = new Struct { Fields = { ["source"] = PropertyValues.Text("acme"), ["names"] = PropertyValues.Texts([settings.Domain.Name]), ["directory"] = PropertyValues.Text(acme.Directory.AbsoluteUri), ["placed"] = Value.ForBool(true) } };
        if (CertificatePlan.NotBuilt(settings).IsEmpty) desired.Fields["files"] = FilesOf(CertificatePlan.For(settings, acme, null), f => f.Standing, null);
        if (acme.Profile is { } profile) desired.Fields["profile"] = PropertyValues.Text(profile);
        return desired;
    }
}
