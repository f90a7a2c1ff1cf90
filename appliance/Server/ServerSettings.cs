using Appliance.Engine;
using Appliance.Engine.Updates;
using Appliance.Vault;

namespace Appliance.Server;

/// <summary>What a process does. All: everything, on a machine without containers. Migrate: brings the catalog up to this version, and ends.</summary>
public enum ServerRole { All, Web, Worker, Migrate }

/// <summary>What the environment (or appsettings.json) tells the process. <c>Section:Key</c> is <c>Section__Key</c> as an environment variable.</summary>
public sealed record ServerSettings
{
    /// <summary>Catalog:ConnectionString.</summary>
    public required string CatalogConnectionString { get; init; }

    /// <summary>Storage:Root: the folder of the vaults, or s3://bucket/prefix.</summary>
    public required string StorageRoot { get; init; }

    /// <summary>Storage:Plain: new vaults are not encrypted.</summary>
    public required bool StoragePlain { get; init; }

    /// <summary>Keys:Directory: master.key, secrets.key, the cookie keys and, before the first user, setup-link.</summary>
    public required string KeysDirectory { get; init; }

    /// <summary>Keys:Master: what opens the vaults instead of master.key: passphrase:FILE, kms:KEY or another key file.</summary>
    public string? MasterKey { get; init; }

    /// <summary>Server:PublicUrl: the address users type, without a slash at its end.</summary>
    public required Uri PublicUrl { get; init; }

    /// <summary>Jobs:LeaseSeconds, 1 to 600, by default 15: how soon another worker takes over a job whose process has died.</summary>
    public required TimeSpan JobLease { get; init; }

    /// <summary>The same, for what looks after the appliance itself.</summary>
    public required AppliancePlace Place { get; init; }

    /// <summary>Server:Certificate: status.json of the agent of certificates, or a PEM file of what the front door shows; null when this process is not told of it.</summary>
    public string? CertificateFile => Place.Settings.GetValueOrDefault("Server:Certificate");

    /// <summary>Updates:Url: where the newest release is announced; null: nobody is asked.</summary>
    public string? UpdatesUrl => Place.Settings.GetValueOrDefault("Updates:Url");

    /// <summary>Updates:Key: the public key that releases are signed with; not null where <see cref="UpdatesUrl"/> is not.</summary>
    public string? UpdatesKey { get; init; }

    /// <summary>Server:Role.</summary>
    public ServerRole Role { get; init; }

    /// <summary>Catalog:NewerSchema: accept or (the default) refuse a catalog that a newer version has already changed.</summary>
    public bool AcceptNewerSchema { get; init; }

    /// <summary>Where Salesforce sends the browser back to.</summary>
    public Uri OAuthCallback => new(PublicUrl, "/oauth/callback");

    /// <exception cref="InvalidOperationException">Names every setting that is missing or wrong, all at once.</exception>
    public static ServerSettings Read(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var wrong = new List<string>();
        string Required(string key)
        {
            var value = configuration[key];
            if (string.IsNullOrWhiteSpace(value)) wrong.Add($"{key} is missing");
            return value ?? "";
        }

        var plain = false;
        if (configuration["Storage:Plain"] is { Length: > 0 } text && !bool.TryParse(text, out plain)) wrong.Add("Storage:Plain is neither true nor false");
        var url = configuration["Server:PublicUrl"] is { Length: > 0 } given ? given : "https://localhost:8443";
        if (!Uri.TryCreate(url.TrimEnd('/'), UriKind.Absolute, out var publicUrl) || publicUrl.Scheme is not ("https" or "http"))
            wrong.Add($"Server:PublicUrl '{url}' is no web address");
        var lease = 15;
        if (configuration["Jobs:LeaseSeconds"] is { Length: > 0 } seconds && (!int.TryParse(seconds, out lease) || lease is < 1 or > 600))
            wrong.Add("Jobs:LeaseSeconds is no number from 1 to 600");
        var role = ServerRole.All;
        if (configuration["Server:Role"] is { Length: > 0 } named && !(Enum.TryParse(named, ignoreCase: true, out role) && Enum.IsDefined(role) && !char.IsDigit(named[0])))
            wrong.Add($"Server:Role '{named}' is none of all, web, worker, migrate");
        if (configuration["Catalog:NewerSchema"] is { Length: > 0 } newer && newer is not ("accept" or "refuse")) wrong.Add("Catalog:NewerSchema is neither accept nor refuse");
        if (UpdateSource.Mistake(configuration["Updates:Url"], configuration["Updates:Key"]) is { } mistake) wrong.Add(mistake);
        var (connection, storage, keys) = (Required("Catalog:ConnectionString"), Required("Storage:Root"), Required("Keys:Directory"));
        if (BlobStores.IsS3(storage))
        {
            try
            {
                S3Address.Parse(storage);
            }
            catch (VaultException refused)
            {
                wrong.Add($"Storage:Root: {refused.Message} {refused.Remedy}");
            }
        }
        else if (storage.Length > 0)
        {
            storage = Path.GetFullPath(storage);
        }
        if (wrong.Count > 0)
            throw new InvalidOperationException($"The settings cannot be used: {string.Join("; ", wrong)}. Set them in the environment (Section__Key) or in appsettings.json.");
        keys = Path.GetFullPath(keys);
        var masterKey = configuration["Keys:Master"] is { Length: > 0 } master ? master : null;
        return new ServerSettings
        {
            Place = new AppliancePlace(connection, storage, keys, masterKey, AppliancePlace.Open(configuration.AsEnumerable())),
            CatalogConnectionString = connection,
            StorageRoot = storage,
            StoragePlain = plain,
            KeysDirectory = keys,
            MasterKey = masterKey,
            PublicUrl = publicUrl!,
            Role = role,
            UpdatesKey = configuration["Updates:Key"],
            AcceptNewerSchema = configuration["Catalog:NewerSchema"] is "accept",
            JobLease = TimeSpan.FromSeconds(lease),
        };
    }
}
