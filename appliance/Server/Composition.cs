using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Adoption;
using Appliance.Engine.Alerts;
using Appliance.Engine.Browsing;
using Appliance.Engine.Budget;
using Appliance.Engine.Diagnosis;
using Appliance.Engine.Jobs;
using Appliance.Engine.SelfBackups;
using Appliance.Salesforce;
using Appliance.Server.Api;
using Appliance.Vault;

namespace Appliance.Server;

/// <summary>Puts the catalog and the engine together.</summary>
internal static class Composition
{
    public static async Task AddCatalogAsync(this WebApplicationBuilder builder, ServerSettings settings)
    {
        var keys = Directory.CreateDirectory(settings.KeysDirectory);
        if (!OperatingSystem.IsWindows()) keys.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        using var logging = LoggerFactory.Create(logs => logs.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole());
        var db = await CatalogDatabase.OpenAsync(settings.CatalogConnectionString, logging.CreateLogger("Appliance.Catalog"), CancellationToken.None, settings.AcceptNewerSchema);
        var secrets = SecretBox.FromFile(Path.Combine(settings.KeysDirectory, "secrets.key"));

        var services = builder.Services;
        services.AddSingleton(_ => db);         // by a factory, so that the container closes it
        services.AddSingleton(secrets);
        services.AddSingleton<Orgs>();
        services.AddSingleton<Catalog.Jobs>();
        services.AddSingleton<Snapshots>();
        services.AddSingleton<Schedules>();
        services.AddSingleton<Templates>();
        services.AddSingleton<Catalog.Retention>();
        services.AddSingleton<Budgets>();
        services.AddSingleton<Catalog.Alerts>();
        services.AddSingleton<UpdateLooks>();
        services.AddSingleton<AlertChannels>();
        services.AddSingleton<Users>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<ApiTokens>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<PendingConnections>();
    }

    public static void AddEngine(this WebApplicationBuilder builder, ServerSettings settings)
    {
        var services = builder.Services;
        // One pool of connections for all orgs; no overall time-out, because a page of results may take long: the Salesforce project has limits of its own.
        services.AddSingleton(_ => new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5), AutomaticDecompression = System.Net.DecompressionMethods.All })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        });
        services.AddSingleton(provider => new OAuthSignIn(provider.GetRequiredService<HttpClient>(), provider.GetRequiredService<TimeProvider>()));
        var options = new EngineOptions { StorageRoot = settings.StorageRoot };
        builder.Configuration.GetSection("Engine").Bind(options);      // Engine:SegmentFlushBytes and the like, for machines with little memory
        services.AddSingleton(options with { StorageRoot = settings.StorageRoot, Plain = settings.StoragePlain });
        services.AddSingleton(_ => MasterKeyOf(settings));
        services.AddSingleton<Vaults>();
        services.AddSingleton<OrgSessions>();
        services.AddSingleton<JobRunner>();
        services.AddSingleton<SnapshotBrowser>();
        services.AddSingleton<RecordBrowsing>();
        services.AddSingleton<RestorePapers>();
        services.AddSingleton<OrgConnecting>();
        services.AddSingleton<OrgRemoval>();
        services.AddSingleton<ScheduleChanges>();
        services.AddSingleton<TemplateChanges>();
        services.AddSingleton<RetentionChanges>();
        services.AddSingleton(provider => new Doctor(
            settings.Place, provider.GetRequiredService<EngineOptions>(), settings.CertificateFile, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new SelfBackups(settings.Place, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<Forecasting>();
        services.AddSingleton<BudgetChanges>();
        services.AddSingleton<VaultAdoption>();
        services.AddSingleton<AnomalyLook>();
    }

    /// <summary>
    /// The first start makes the key, unless settings name another; without a copy of it elsewhere an encrypted vault is lost with this
    /// machine.
    /// </summary>
    private static MasterKey MasterKeyOf(ServerSettings settings)
    {
        if (settings.MasterKey is { } named) return MasterKey.Named(named);
        var path = Path.Combine(settings.KeysDirectory, "master.key");
        if (!File.Exists(path))
            try
            {
                return MasterKey.CreateFile(path);
            }
            catch (IOException) when (File.Exists(path))
            {
                // another server started at the same time and was first
            }
        return MasterKey.FromFile(path);
    }
}
