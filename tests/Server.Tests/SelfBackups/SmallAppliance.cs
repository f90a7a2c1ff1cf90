using System.Text;
using Appliance.Catalog;
using Appliance.Cli;
using Appliance.Engine;
using Appliance.Engine.SelfBackups;
using Appliance.Vault;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Appliance.Server.Tests.SelfBackups;

/// <summary>An appliance's folders and catalog without a process: what the commands work on.</summary>
internal sealed class SmallAppliance : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("self-");

    public SmallAppliance(string connectionString, string? storage = null)
    {
        Storage = storage ?? Path.Combine(_folder.FullName, "vaults");
        Place = new AppliancePlace(connectionString, Storage, Path.Combine(_folder.FullName, "keys"), null, AppliancePlace.Open([new("Storage:Root", Storage), new("Catalog:ConnectionString", connectionString)]));
        EnvFile = In("env");
        File.WriteAllText(EnvFile, $"# an environment\nCatalog__ConnectionString=\"{connectionString}\"\nStorage__Root={Storage}\nKeys__Directory={Place.KeysDirectory}\n");
    }

    public AppliancePlace Place { get; }
    public string Storage { get; }
    public string EnvFile { get; }
    /// <summary>What the commands go by.</summary>
    public TimeProvider? Clock { get; init; }
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));
    public string RecoveryKey => In("recovery.key");

    public string In(string name) => Path.Combine(_folder.FullName, name);

    public Task<CatalogDatabase> OpenAsync() => CatalogDatabase.OpenAsync(Place.ConnectionString, NullLogger.Instance, default);

    /// <summary>A user, an org with a vault, a snapshot row, a schedule, jobs of all kinds of ends, an audit line.</summary>
    public async Task FillAsync()
    {
        Directory.CreateDirectory(Place.KeysDirectory);
        using var master = MasterKey.CreateFile(Path.Combine(Place.KeysDirectory, "master.key"));
        await using var db = await OpenAsync();
        var users = new Users(db, Time);
        await users.NewSetupTokenAsync(new byte[32], default);
        await users.SetUpAsync(new byte[32], "Ann", "a hash of her password", default);
        var org = await new Orgs(db, SecretBox.FromFile(Place.SecretsKeyFile), Time).AddAsync(
            new OrgConnection("Acme", "00D000000000001EAA", new Uri("https://login.salesforce.com"), "client", "client-secret-text", new Uri("https://acme.my.salesforce.com"), "access-token-text", "refresh-token-text"), default);
        await using (await OrgVault.CreateAsync(new SsdBlobStore(Path.Combine(Storage, org.VaultName)), new VaultDescription(Guid.CreateVersion7(Time.GetUtcNow()), org.SalesforceOrgId, true), master, Time, default)) { }
        await new Schedules(db, Time).PutAsync(
            new ScheduleRow { Id = Guid.CreateVersion7(Time.GetUtcNow()), OrgId = org.Id, Kind = "incremental", Cadence = "daily 02:30", TimeZone = "Europe/Berlin", NextDue = Time.GetUtcNow().AddHours(3), CreatedBy = "Ann" }, default);
        var jobs = new Catalog.Jobs(db, Time);
        var done = await jobs.EnqueueAsync(org.Id, JobKind.Verify, "{\"whole\":true}", default);
        await jobs.AskAbortAsync(done, default);
        await jobs.EnqueueAsync(org.Id, JobKind.Backup, "{\"kind\":\"Full\"}", default);
        await jobs.TryLeaseAsync("a worker", TimeSpan.FromMinutes(1), default);
        await jobs.EnqueueAsync(org.Id, JobKind.Verify, "{\"whole\":false}", default);
        await new AuditLog(db, Time).AppendAsync("Ann", "org connected", "Acme", "ünï ✓ \"quoted\"", default);
    }

    /// <summary>One of the `appliance` commands as a shell would call it.</summary>
    public async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await ApplianceCommands.RunAsync([.. arguments, "--env", EnvFile], output, error, Clock ?? Time, default);
        return (code, output.ToString(), error.ToString());
    }

    public Task<(int Code, string Output, string Error)> RestoreAsync(SmallAppliance lost, params string[] more) =>
        RunAsync(["restore-self", "--from", lost.Storage, "--recovery-key", lost.RecoveryKey, .. more]);

    /// <summary>All rows, as a copy gives them.</summary>
    public async Task<List<string>> RowsAsync()
    {
        await using var db = await OpenAsync();
        var lines = new List<string>();
        await CatalogCopy.ReadAsync(db, (line, _) =>
        {
            lines.Add(Encoding.UTF8.GetString(line.Span));
            return Task.CompletedTask;
        }, default);
        return lines;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
