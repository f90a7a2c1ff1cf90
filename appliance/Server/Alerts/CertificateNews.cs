using System.Globalization;
using Appliance.Catalog;
using Appliance.Engine.Diagnosis;

namespace Appliance.Server.Alerts;

/// <summary>What somebody should know of the front door's certificate, each with the key under which it is told once.</summary>
internal static class CertificateNews
{
    /// <summary>A failure that passes by itself is told from so many in a row on: by the agent's ladder (1, 10, 100 minutes) that is after eleven minutes.</summary>
    private const int FailuresTold = 3;

    public static IEnumerable<(AlertRow Alert, string Key)> Of(FrontDoorCertificate certificate, DateTimeOffset now)
    {
        var days = Math.Max(0, certificate.Left(now).TotalDays);
        var end = string.Create(CultureInfo.InvariantCulture, $"It ends on {certificate.To.UtcDateTime:yyyy-MM-dd HH:mm} UTC.");
        if (certificate.Serial is { } serial && certificate.Age(now) is var age && age > CertificateAge.Fresh && (certificate.Bought || age > CertificateAge.Half))
            yield return (New(AlertKind.CertificateEnding,
                age == CertificateAge.Ended ? "The front door's certificate has ended: browsers refuse the appliance"
                    : string.Create(CultureInfo.InvariantCulture, $"The front door's certificate ends in {days:0} days"),
                age switch { CertificateAge.Half => $"{end} Half of its life is over.", CertificateAge.Quarter => $"{end} A quarter of its life is left.", CertificateAge.Tenth => $"{end} Less than a tenth of its life is left.", _ => end },
                certificate.Failure?.Remedy ?? (certificate.Bought ? "Order its successor and put it in place: set certificateChain and certificateKey of the stack, or use the inbox (docs/certificates.md)."
                    : "It should have renewed itself long ago: `provisioner renew`, or the log of the service `certificates`, says what keeps it.")),
                $"certificate/{serial}/{age}");
        if (certificate.Failure is { } failure && (failure.ForAPerson || failure.InARow >= FailuresTold))
            yield return (New(AlertKind.CertificateFailed, "The front door's certificate could not be renewed", $"{failure.Cause} What is served stays: {Lower(end)}", failure.Remedy), $"certificate/failed/{failure.Since.UtcTicks}");
        if (certificate.AnotherIsServed)
            yield return (New(AlertKind.CertificateFailed, "The front door serves another certificate than the one in the store", end, "Look at the proxy's log (nginx -t): it did not take the new one."), $"certificate/differs/{certificate.Serial}");
        if (certificate.Looked is { } looked && now - looked > FrontDoorCertificate.LongestSilence)
            yield return (New(AlertKind.CertificateFailed, "Nobody looks after the front door's certificate",
                string.Create(CultureInfo.InvariantCulture, $"Its agent last looked on {looked.UtcDateTime:yyyy-MM-dd HH:mm} UTC. {end}"), "See that the service `certificates` runs: docker compose ps, docker compose logs certificates."), $"certificate/silent/{looked.UtcTicks}");

        AlertRow New(AlertKind kind, string title, string text, string remedy) => new() { Id = Guid.CreateVersion7(now), Kind = kind, Title = title, Text = text, Remedy = remedy };
    }

    private static string Lower(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];
}
