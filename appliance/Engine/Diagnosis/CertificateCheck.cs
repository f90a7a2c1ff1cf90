using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Appliance.Engine.Diagnosis;

internal static class CertificateCheck
{
    /// <summary>By share of its life: a certificate of six days is as much in need at its fifth as one of a year in its tenth month.</summary>
    public static Finding Look(string file, DateTimeOffset now)
    {
        X509Certificate2 certificate;
        try
        {
            certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return Finding.Error("certificate", $"{file} holds no certificate that can be read ({e.Message}).", "Give the PEM file of the front door's certificate.");
        }
        using (certificate)
        {
            var (from, to) = (new DateTimeOffset(certificate.NotBefore.ToUniversalTime()), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));
            var left = to - now;
            var share = left / (to - from);
            var text = $"It is valid until {to.UtcDateTime:yyyy-MM-dd HH:mm} UTC ({left.TotalDays:0} days)";
            return now < from ? Finding.Error("certificate", $"It is valid only from {from.UtcDateTime:yyyy-MM-dd HH:mm} UTC.", "Correct this machine's clock, or install another certificate.")
                : left < TimeSpan.Zero ? Finding.Error("certificate", $"It ended on {to.UtcDateTime:yyyy-MM-dd HH:mm} UTC: browsers refuse the appliance.", "Renew or replace it now (docs/provisioner.md).")
                : share < 0.10 ? Finding.Error("certificate", $"{text}: less than a tenth of its life.", "A renewal should have come long ago: read why in the log of the certificates service; replace a bought one now.")
                : share < 0.25 ? Finding.Warning("certificate", $"{text}: less than a quarter of its life.", "See why it was not renewed; order the next one if it is bought.")
                : Finding.Well("certificate", $"{text}.");
        }
    }
}
