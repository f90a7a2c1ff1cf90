using System.Security.Cryptography;
using System.Text;
using Provisioner.Certificates.Renewal;
using Provisioner.Certificates.Store;

namespace Provisioner.Certificates.Bought;

/// <summary>inbox/ of the store: bought certificates, put there by the appliance's UI, its API, or by hand.</summary>
public static class Inbox
{
    private const string Chain = "fullchain.pem", Key = "privkey.pem", Pfx = "certificate.pfx", Password = "password", Refused = "refused.txt";

    private static readonly string[] Files = [Chain, Key, Pfx, Password];

    public static string FolderOf(string store) => Path.Combine(store, "inbox");

    /// <summary>Whether something lies there that was not refused already.</summary>
    public static bool HasNews(string store)
    {
        var folder = FolderOf(store);
        if (!Complete(folder)) return false;
        var refused = new FileInfo(Path.Combine(folder, Refused));
        return !refused.Exists || Digest(folder) != FirstLine(refused.FullName);
    }

    /// <returns>A checked certificate; null: nothing lies there, or it was refused already.</returns>
    /// <exception cref="CertificateException">It is of no use; inbox/refused.txt says why.</exception>
    internal static CheckedCertificate? Take(AgentSettings settings, DateTimeOffset now)
    {
        var folder = FolderOf(settings.Store);
        try
        {
            if (!HasNews(settings.Store)) return null;
            var reasons = new List<string>();
            var certificate = settings.Authority is not null ? Refuse("this stack orders its certificate by itself.", "Set certificate: paid in the stack first.") : Check(folder, settings.Names[0], now, (_, reason, remedy) => reasons.Add($"{reason} {remedy}"));
            if (certificate is not null && certificate.Facts.NotAfter > now) return certificate;
            DurableFiles.Write(Path.Combine(folder, Refused), $"{Digest(folder)}\n{string.Join('\n', reasons)}\n");
            throw new CertificateException(FailureKind.Operator, $"The certificate in the inbox is refused: {string.Join(" ", reasons)}", "What was served before is still served. Put a better one there; inbox/refused.txt keeps the reasons.");

            CheckedCertificate? Refuse(string reason, string remedy)
            {
                reasons.Add($"{reason} {remedy}");
                return null;
            }
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException(FailureKind.Operator, $"The inbox cannot be read: {broken.Message.TrimEnd('.')}.", "Let its files belong to root.", broken);
        }
    }

    internal static void Clear(string store)
    {
        var folder = FolderOf(store);
        foreach (var file in Files.Append(Refused)) File.Delete(Path.Combine(folder, file));
        DurableFiles.Flush(folder);
    }

    private static CheckedCertificate? Check(string folder, string name, DateTimeOffset now, BoughtCertificate.Report report)
    {
        var password = File.Exists(Path.Combine(folder, Password)) ? File.ReadAllText(Path.Combine(folder, Password)).TrimEnd('\n') : null;
        return File.Exists(Path.Combine(folder, Pfx))
            ? BoughtCertificate.FromPfx(Convert.ToBase64String(File.ReadAllBytes(Path.Combine(folder, Pfx))), password, name, now, report)
            : BoughtCertificate.FromPem(File.ReadAllText(Path.Combine(folder, Chain)), File.ReadAllText(Path.Combine(folder, Key)), password, name, now, report);
    }

    /// <summary>Files arrive one after the other: the pair is waited for.</summary>
    private static bool Complete(string folder) => File.Exists(Path.Combine(folder, Pfx)) || (File.Exists(Path.Combine(folder, Chain)) && File.Exists(Path.Combine(folder, Key)));

    private static string Digest(string folder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Files.Select(f => Path.Combine(folder, f)).Where(File.Exists))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file));
            hash.AppendData(File.ReadAllBytes(file));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string FirstLine(string path) => File.ReadLines(path).FirstOrDefault() ?? "";
}
