namespace Provisioner.Certificates.Dns;

/// <summary>A zone in which TXT records can be written.</summary>
/// <remarks>Both calls may be repeated. Adding leaves other texts of the same name alone, and returns when the zone's own servers give the text out. Removing takes that one text away.</remarks>
public interface IDnsZone
{
    /// <exception cref="CertificateException">It cannot be written, or does not become visible.</exception>
    Task AddAsync(string name, string text, CancellationToken cancellationToken);

    /// <exception cref="CertificateException">It cannot be written.</exception>
    Task RemoveAsync(string name, string text, CancellationToken cancellationToken);
}
