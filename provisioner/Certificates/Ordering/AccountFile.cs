using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Provisioner.Certificates.Acme;
using Provisioner.Certificates.Store;

namespace Provisioner.Certificates.Ordering;

/// <summary>account.json of one authority's folder: key and address of the account, made once and kept for good.</summary>
/// <param name="Address">Null: the key stands, the authority has not answered yet.</param>
public sealed record AccountFile(Uri Directory, string KeyPem, Uri? Address)
{
    public override string ToString() => $"account at {Directory.Host}";

    /// <summary>The folder of an authority below the store: readable, and never the same for two directories.</summary>
    public static string FolderOf(string store, Uri directory) =>
        Path.Combine(store, "acme", $"{directory.Host}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(directory.AbsoluteUri)))[..8]}");

    /// <returns>Null: there is none yet.</returns>
    /// <exception cref="CertificateException">It is there and cannot be read. It is never replaced by a new one: authorities count new accounts.</exception>
    public static AccountFile? Read(string folder)
    {
        var path = Path.Combine(folder, "account.json");
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), Documents.Default.AccountFile) ?? throw new JsonException("it is empty");
        }
        catch (Exception none) when (none is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception broken) when (broken is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CertificateException(FailureKind.Operator, $"The account, {path}, cannot be read: {broken.Message.TrimEnd('.')}.", "Give it back to root with mode 0600, or restore it from a backup; remove it only if it is lost, then a new account is made.", broken);
        }
    }

    public void Write(string folder)
    {
        DurableFiles.Folder(folder);
        DurableFiles.Write(Path.Combine(folder, "account.json"), JsonSerializer.Serialize(this, Documents.Default.AccountFile));
    }

    /// <summary>A client that speaks for the folder's account; key and account are made where there are none.</summary>
    public static async Task<AcmeClient> OpenAsync(string folder, HttpClient http, Uri directory, AccountSettings settings, TimeProvider time, CancellationToken cancellationToken)
    {
        var file = Read(folder);
        if (file is null)
        {
            using var made = AccountKey.Create(settings.KeyAlgorithm);
            file = new AccountFile(directory, made.ToPem(), null);
            file.Write(folder);     // before the authority hears of the key: cut off here, the same key registers again
        }
        var client = new AcmeClient(http, directory, AccountKey.FromPem(file.KeyPem), time) { Account = file.Address };
        if (file.Address is null) await RegisterAsync(client, folder, file, settings, cancellationToken);
        return client;
    }

    /// <summary>Registers again with the same key: an authority that knows it answers with the same account.</summary>
    public static async Task RegisterAsync(AcmeClient client, string folder, AccountFile file, AccountSettings settings, CancellationToken cancellationToken)
    {
        var known = await client.DirectoryAsync(cancellationToken);
        if (known.WantsExternalAccount && settings.Binding is null) throw new CertificateException(FailureKind.Operator, $"{file.Directory.Host} wants an external account binding.", "Set acmeEabKeyId and acmeEabKey to what the authority gave you.");
        await client.RegisterAsync(settings.Email, settings.Binding, cancellationToken);
        (file with { Address = client.Account }).Write(folder);
    }
}

/// <param name="KeyAlgorithm">ES256 or RS256; only for a key that is made anew.</param>
public sealed record AccountSettings(string KeyAlgorithm, string? Email, ExternalBinding? Binding);
