using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Appliance.Engine.Diagnosis;

/// <summary>How near its end a certificate is, by the share of its life that is left: one of six days is as much in need at its fifth as one of a year in its tenth month.</summary>
public enum CertificateAge
{
    Fresh,
    /// <summary>Half is left: the successor of a bought one is to be ordered.</summary>
    Half,
    /// <summary>A quarter: one that renews itself should have done so.</summary>
    Quarter,
    Tenth,
    /// <summary>Browsers refuse it.</summary>
    Ended,
}

/// <summary>
/// The front door's certificate as this process gets to know it: from the status.json of the agent of certificates (docs/certificates.md), or from a PEM file where no agent runs.
/// </summary>
/// <param name="Serial">Hexadecimal, lower case; null: the agent has none yet.</param>
/// <param name="Bought">Nobody renews it by itself. A PEM file does not tell: false.</param>
public sealed record FrontDoorCertificate(string? Serial, DateTimeOffset From, DateTimeOffset To, bool Bought)
{
    /// <summary>The agent looks at least every hour; after so long something keeps it.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromHours(3);

    /// <summary>When the agent last looked; null with a PEM file.</summary>
    public DateTimeOffset? Looked { get; init; }

    /// <summary>What keeps the agent from its work; null: nothing.</summary>
    public CertificateFailure? Failure { get; init; }

    /// <summary>The front door showed another one in a handshake.</summary>
    public bool AnotherIsServed { get; init; }

    public TimeSpan Left(DateTimeOffset now) => To - now;

    public CertificateAge Age(DateTimeOffset now) => (To - now) / (To - From) is var share && share <= 0 ? CertificateAge.Ended : share < 0.10 ? CertificateAge.Tenth : share < 0.25 ? CertificateAge.Quarter : share < 0.50 ? CertificateAge.Half : CertificateAge.Fresh;

    /// <exception cref="IOException">It cannot be read, or is neither of the two.</exception>
    public static FrontDoorCertificate Read(string file)
    {
        try
        {
            var text = File.ReadAllText(file);
            return text.TrimStart().StartsWith('{') ? Told(JsonElement.Parse(text)) : Pem(text);
        }
        catch (Exception broken) when (broken is UnauthorizedAccessException or CryptographicException or ArgumentException or JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw new IOException($"{file} holds no certificate that can be read ({broken.Message.TrimEnd('.')}).", broken);
        }
    }

    private static FrontDoorCertificate Pem(string text)
    {
        using var certificate = X509Certificate2.CreateFromPem(text);
        return new FrontDoorCertificate(certificate.SerialNumber.ToLowerInvariant(), certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime(), Bought: false);
    }

    private static FrontDoorCertificate Told(JsonElement status)
    {
        DateTimeOffset? At(string name) => status.TryGetProperty(name, out var at) ? at.GetDateTimeOffset() : null;
        var failures = status.TryGetProperty("failures", out var count) ? count.GetInt32() : 0;
        return new FrontDoorCertificate(
            status.TryGetProperty("serial", out var serial) ? serial.GetString() : null, At("notBefore") ?? DateTimeOffset.UnixEpoch, At("notAfter") ?? DateTimeOffset.UnixEpoch,
            status.TryGetProperty("source", out var source) && source.GetString() == "paid")
        {
            Looked = status.GetProperty("looked").GetDateTimeOffset(),
            AnotherIsServed = status.TryGetProperty("proof", out var proof) && proof.GetString() == "Differs",
            Failure = failures > 0 && status.TryGetProperty("failure", out var failure)
                ? new CertificateFailure(At("failingSince") ?? failure.GetProperty("at").GetDateTimeOffset(), failures, failure.GetProperty("kind").GetString() == "Operator", failure.GetProperty("cause").GetString()!, failure.GetProperty("remedy").GetString()!) : null,
        };
    }
}

/// <param name="Since">The first of them in a row.</param>
/// <param name="ForAPerson">Trying again alone cures nothing.</param>
public sealed record CertificateFailure(DateTimeOffset Since, int InARow, bool ForAPerson, string Cause, string Remedy);
