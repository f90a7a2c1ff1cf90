namespace Appliance.Engine.Diagnosis;

internal static class CertificateCheck
{
    private const string Check = "certificate";

    /// <param name="file">The agent's status.json, or a PEM file.</param>
    public static Finding Look(string file, DateTimeOffset now)
    {
        FrontDoorCertificate certificate;
        try
        {
            certificate = FrontDoorCertificate.Read(file);
        }
        catch (IOException unread)
        {
            return Finding.Error(Check, unread.Message, "See that the service `certificates` runs (docker compose ps) and let Server:Certificate name its status.json, or the PEM file of the front door's certificate.");
        }
        var failure = certificate.Failure is { } failed ? $" Since {failed.Since.UtcDateTime:yyyy-MM-dd HH:mm} UTC its renewal fails: {failed.Cause}" : "";
        if (certificate.Serial is null) return Finding.Error(Check, $"The front door has none.{failure}", certificate.Failure?.Remedy ?? "Deploy the certificate.");
        var text = $"It is valid until {certificate.To.UtcDateTime:yyyy-MM-dd HH:mm} UTC ({certificate.Left(now).TotalDays:0} days)";
        return now < certificate.From ? Finding.Error(Check, $"It is valid only from {certificate.From.UtcDateTime:yyyy-MM-dd HH:mm} UTC.", "Correct this machine's clock, or install another certificate.")
            : certificate.Age(now) switch
            {
                CertificateAge.Ended => Finding.Error(Check, $"It ended on {certificate.To.UtcDateTime:yyyy-MM-dd HH:mm} UTC: browsers refuse the appliance.{failure}", certificate.Failure?.Remedy ?? "Renew or replace it now (docs/provisioner.md)."),
                CertificateAge.Tenth => Finding.Error(Check, $"{text}: less than a tenth of its life.{failure}", certificate.Failure?.Remedy ?? "A renewal should have come long ago: read why in the log of the certificates service; replace a bought one now."),
                CertificateAge.Quarter => Finding.Warning(Check, $"{text}: less than a quarter of its life.{failure}", certificate.Failure?.Remedy ?? "See why it was not renewed; order the next one if it is bought."),
                _ when certificate.AnotherIsServed => Finding.Warning(Check, $"{text}, but the front door serves another one.", "Look at the proxy's log (nginx -t): it did not take the new one."),
                _ when certificate.Failure is { } told => Finding.Warning(Check, $"{text}.{failure}", told.Remedy),
                _ when now - certificate.Looked > FrontDoorCertificate.LongestSilence => Finding.Warning(Check, $"{text}, but since {certificate.Looked:yyyy-MM-dd HH:mm} UTC its agent has not looked at it.", "See that the service `certificates` runs: docker compose ps, docker compose logs certificates."),
                _ => Finding.Well(Check, $"{text}."),
            };
    }
}
