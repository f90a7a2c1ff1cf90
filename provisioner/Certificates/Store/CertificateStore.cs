using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Provisioner.Certificates.Bought;

namespace Provisioner.Certificates.Store;

/// <summary>
/// The folder that the proxy reads (docs/certificates.md): one folder a certificate, `current` and `previous` as links, switched in one step. Certificates are never changed and never removed here.
/// A store that cannot be read is an error: it is not an empty one, and nothing is ordered because of it.
/// </summary>
public sealed class CertificateStore(string root)
{
    public const string Chain = "fullchain.pem", Key = "privkey.pem";

    /// <summary>By the names that the front door of earlier versions reads.</summary>
    private static readonly (string Alias, string Target)[] Aliases = [("server.crt", Chain), ("server.key", Key)];

    public string Root => root;

    /// <summary>What the proxy serves; null: nothing was placed yet.</summary>
    public StoredCertificate? Current => Linked("current");

    public StoredCertificate? Previous => Linked("previous");

    /// <exception cref="CertificateException">The store cannot be written; told before an order is spent.</exception>
    public void ProveWritable()
    {
        try
        {
            DurableFiles.Folder(root);
            var probe = Path.Combine(root, ".probe");
            DurableFiles.Write(probe, "can this be written?\n");
            File.Delete(probe);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException(FailureKind.Operator, $"{root} cannot be written: {refused.Message.TrimEnd('.')}.", "Make room there, or mount it so that root may write. Nothing was ordered.", refused);
        }
    }

    /// <summary>The certificate of a serial; null when it is not there.</summary>
    public StoredCertificate? Find(string serial) => Directory.Exists(Path.Combine(root, serial)) ? Read(serial) : null;

    /// <summary>Puts a certificate beside the others, durable and whole; nothing is served yet.</summary>
    public StoredCertificate Add(CheckedCertificate certificate, CertificateOrigin origin)
    {
        var serial = certificate.Facts.Serial.ToLowerInvariant();
        var place = Path.Combine(root, serial);
        return Guarded($"placing {serial}", () =>
        {
            DurableFiles.Folder(root);
            if (Directory.Exists(place))
            {
                if (File.Exists(Path.Combine(place, Chain)) && File.ReadAllText(Path.Combine(place, Chain)) == certificate.ChainPem && File.ReadAllText(Path.Combine(place, Key)) == certificate.KeyPem) return Read(serial);
                foreach (var (name, content) in new[] { (Key, certificate.KeyPem), (Chain, certificate.ChainPem) }) DurableFiles.Write(Path.Combine(place, name), content);
            }
            else
            {
                // Built beside and renamed: a folder with a serial's name is always whole.
                var beside = Path.Combine(root, $".new-{serial}");
                if (Directory.Exists(beside)) Directory.Delete(beside, recursive: true);
                DurableFiles.Folder(beside);
                DurableFiles.Write(Path.Combine(beside, Key), certificate.KeyPem);
                DurableFiles.Write(Path.Combine(beside, Chain), certificate.ChainPem);
                DurableFiles.Write(Path.Combine(beside, "origin.json"), JsonSerializer.Serialize(origin, Documents.Default.CertificateOrigin));
                foreach (var (alias, target) in Aliases) DurableFiles.Link(Path.Combine(beside, alias), target);
                Directory.Move(beside, place);
                DurableFiles.Flush(root);
            }
            return Read(serial);
        });
    }

    /// <summary>Lets the proxy serve it from now on. What was served becomes `previous`, unless it is the same.</summary>
    public void Switch(StoredCertificate certificate) => Guarded($"switching to {certificate.Serial}", () =>
    {
        var old = Target("current");
        if (old == certificate.Serial) return true;
        if (old is not null && Directory.Exists(Path.Combine(root, old))) DurableFiles.Link(Path.Combine(root, "previous"), old);
        DurableFiles.Link(Path.Combine(root, "current"), certificate.Serial);
        return true;
    });

    /// <summary>Back to one that was served before; what is left behind does not become `previous`.</summary>
    public void SwitchBack(StoredCertificate certificate) => Guarded($"switching back to {certificate.Serial}", () =>
    {
        DurableFiles.Link(Path.Combine(root, "current"), certificate.Serial);
        return true;
    });

    private StoredCertificate? Linked(string link) => Target(link) is { } target ? Read(target) : null;

    private string? Target(string link)
    {
        var info = new FileInfo(Path.Combine(root, link));
        return Guarded($"reading the link {link}", () => info.LinkTarget) is { } target ? Path.GetFileName(target.TrimEnd('/'))
            : info.Exists || Directory.Exists(info.FullName) ? throw Unreadable($"{info.FullName} is no link", null) : null;
    }

    private StoredCertificate Read(string serial)
    {
        var folder = Path.Combine(root, serial);
        try
        {
            var chain = File.Exists(Path.Combine(folder, Chain)) ? Chain : Aliases[0].Alias;        // a deployer before version 0.1 placed only the other names
            var certificate = X509Certificate2.CreateFromPem(File.ReadAllText(Path.Combine(folder, chain)));
            var origin = Path.Combine(folder, "origin.json");
            return new StoredCertificate(serial, folder, certificate,
                certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault() is { } names ? [.. names.EnumerateDnsNames()] : [],
                certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime(),
                File.Exists(origin) ? JsonSerializer.Deserialize(File.ReadAllText(origin), Documents.Default.CertificateOrigin) : null);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or CryptographicException or JsonException)
        {
            throw Unreadable($"{folder} cannot be read: {broken.Message.TrimEnd('.')}", broken);
        }
    }

    private static CertificateException Unreadable(string what, Exception? inner) =>
        new(FailureKind.Operator, $"{what}.", "Nothing is ordered meanwhile. See that the disk is mounted and the files belong to root; if the certificate is lost, let `current` lead to another folder of the store, or remove the link.", inner);

    private static T Guarded<T>(string what, Func<T> deed)
    {
        try
        {
            return deed();
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException(FailureKind.Operator, $"{what} failed: {refused.Message.TrimEnd('.')}.", "See that the disk has room and root may write; what was served before is still served.", refused);
        }
    }
}
