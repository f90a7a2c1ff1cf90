using System.Net.Http.Json;
using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Engine.Jobs;
using Appliance.Salesforce;
using Appliance.Server.Jobs;
using Appliance.Vault;
using Microsoft.Extensions.Logging.Abstractions;
using OrgSimulator;
using Xunit;

namespace Appliance.Server.Tests.Budget;

/// <summary>Workers, engine and catalog as in the product, over a simulated org, with quota looks a tenth of a second apart.</summary>
internal sealed class BudgetScene : IAsyncDisposable
{
    private readonly string _folder;
    private readonly bool _ownsFolder;
    private readonly HttpClient _http = Appliance.Salesforce.Org.NewHttpClient();
    private readonly MasterKey _key;
    private readonly JobWake _wake = new();
    private readonly List<JobHost> _hosts = [];

    private BudgetScene(CatalogDatabase db, OrgSimulatorHost simulator, string? folder = null)
    {
        var time = TimeProvider.System;
        (Db, Simulator) = (db, simulator);
        (_folder, _ownsFolder) = (folder ?? Directory.CreateTempSubdirectory("budget-").FullName, folder is null);
        _key = _ownsFolder ? MasterKey.CreateFile(Path.Combine(_folder, "master.key")) : MasterKey.FromFile(Path.Combine(_folder, "master.key"));
        Options = new EngineOptions
        {
            StorageRoot = Path.Combine(_folder, "vaults"), Plain = true, RestRows = 50, SegmentFlushBytes = 64 * 1024,
            QuotaLookFirst = TimeSpan.FromMilliseconds(100), QuotaLookMost = TimeSpan.FromMilliseconds(300),
        };
        Orgs = new Orgs(db, new SecretBox(new byte[32]), time);
        Jobs = new Catalog.Jobs(db, time);
        Snapshots = new Snapshots(db);
        Budgets = new Budgets(db, time);
        Vaults = new Vaults(Options, _key, time);
        Sessions = new OrgSessions(_http, Orgs, new Impatient(), NullLoggerFactory.Instance);
        Starter = new JobStarter(Jobs, new AuditLog(db, time), _wake);
    }

    public CatalogDatabase Db { get; }

    /// <summary>Of its catalog; empty when that is a second one.</summary>
    public string ConnectionString { get; private init; } = "";
    public OrgSimulatorHost Simulator { get; }
    public EngineOptions Options { get; }
    public Orgs Orgs { get; }
    public Catalog.Jobs Jobs { get; }
    public Snapshots Snapshots { get; }
    public Budgets Budgets { get; }
    public Vaults Vaults { get; }
    public OrgSessions Sessions { get; }
    public JobStarter Starter { get; }
    public OrgRow Org { get; private set; } = default!;

    public static async Task<BudgetScene> NewAsync(ServerFixture server, SimulatorOptions options)
    {
        var catalog = server.NewConnectionString();
        var db = await CatalogDatabase.OpenAsync(catalog, NullLogger.Instance, default);
        var scene = new BudgetScene(db, await OrgSimulatorHost.StartAsync(options with { Warnings = TextWriter.Null })) { ConnectionString = catalog };
        await scene.ConnectAsync();
        return scene;
    }

    /// <summary>The same storage, key and org under an empty catalog: the machine was lost with its database.</summary>
    public async Task<BudgetScene> OnNewCatalogAsync(ServerFixture server)
    {
        foreach (var host in _hosts) await host.StopAsync(default);
        return new BudgetScene(await CatalogDatabase.OpenAsync(server.NewConnectionString(), NullLogger.Instance, default), Simulator, _folder);
    }

    public async Task ConnectAsync() => Org = await Orgs.AddAsync(new OrgConnection(
        "Simulated", Simulator.Store.OrganizationId, Simulator.Uri, "test", null, Simulator.Uri, Simulator.NewAccessToken(), Simulator.NewRefreshToken()), default);

    /// <summary>Another process' session of the same org, which keeps to its ceilings.</summary>
    public Salesforce.Org NewSession()
    {
        var sessions = new OrgSessions(_http, Orgs, new Impatient(), NullLoggerFactory.Instance);
        return sessions.For(Orgs.FindAsync(Org.Id, default).GetAwaiter().GetResult()!);
    }

    public async Task ChangeAsync(double percent, int seed)
    {
        using var answer = await _http.PostAsJsonAsync($"{Simulator.Url}/__damage", new { changePercent = percent, deleteParents = 0, seed });
        answer.EnsureSuccessStatusCode();
    }

    public void Delete(string objectName, int count)
    {
        var table = Simulator.Store.Table(objectName);
        var ids = Simulator.Dml.Delete([.. table.Live().Take(count).Select(row => row.Id)]);
        Assert.All(ids, r => Assert.True(r.Success, r.Error?.Message));
    }

    /// <summary>A worker process more: its own sessions, the same catalog and vault.</summary>
    /// <param name="options">Others than the scene's.</param>
    /// <param name="vaults">Opened otherwise than the scene's.</param>
    public async Task<JobHost> StartWorkerAsync(EngineOptions? options = null, Vaults? vaults = null)
    {
        var time = TimeProvider.System;
        var sessions = _hosts.Count == 0 ? Sessions : new OrgSessions(_http, Orgs, new Impatient(), NullLoggerFactory.Instance);
        var runner = new JobRunner(Jobs, Snapshots, new Catalog.Templates(Db, time), new Catalog.Retention(Db, time), Orgs, sessions, vaults ?? Vaults, options ?? Options, time, NullLogger<JobRunner>.Instance);
        var host = new JobHost(Jobs, runner.RunAsync, _wake, TimeSpan.FromSeconds(1), time, NullLogger<JobHost>.Instance);
        _hosts.Add(host);
        await host.StartAsync(default);
        return host;
    }

    /// <summary>Vaults elsewhere, with the scene's key.</summary>
    public Vaults VaultsOver(EngineOptions options) => new(options, _key, TimeProvider.System);

    /// <summary>What runs a job in another process, which has its own way to the catalog.</summary>
    public JobRunner RunnerOver(CatalogDatabase db)
    {
        var (time, orgs) = (TimeProvider.System, new Orgs(db, new SecretBox(new byte[32]), TimeProvider.System));
        return new JobRunner(new Catalog.Jobs(db, time), new Snapshots(db), new Catalog.Templates(db, time), new Catalog.Retention(db, time), orgs,
            new OrgSessions(_http, orgs, new Impatient(), NullLoggerFactory.Instance), Vaults, Options, time, NullLogger<JobRunner>.Instance);
    }

    public Task<Guid> BackUpAsync(string kind = "full") => Starter.BackUpAsync(Org.Id, kind, "ann", default);

    public async Task<JobRow> UntilAsync(Guid job, Func<JobRow, bool> holds)
    {
        for (var look = 0; ; look++)
        {
            var row = (await Jobs.GetAsync(job, default))!;
            if (holds(row)) return row;
            Assert.False(row.Ended, $"It ended as {row.State}: {row.Cause} {row.Remedy}");
            Assert.True(look < 3_000, $"It never came: {row.State}, {row.Progress}, {row.Cause}");
            await Task.Delay(10);
        }
    }

    public Task<JobRow> PausedAsync(Guid job) => UntilAsync(job, j => j.State is JobState.Paused);

    public Task<JobRow> CompletedAsync(Guid job) => UntilAsync(job, j => j.State is JobState.Completed);

    public async Task<long> RecordsOfAsync(Guid snapshot)
    {
        var manifest = await (await Vaults.OpenAsync(Org, default)).ReadManifestAsync(snapshot, default);
        return manifest.Objects.Sum(o => o.LiveRecords);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync(default);
            host.Dispose();
        }
        await Db.DisposeAsync();
        await Vaults.DisposeAsync();
        _http.Dispose();
        _key.Dispose();
        if (!_ownsFolder) return;
        await Simulator.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Nobody waits for a bulk job; time-outs stay.</summary>
    private sealed class Impatient : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime >= TimeSpan.FromSeconds(20) ? dueTime : TimeSpan.Zero, period);
    }
}
