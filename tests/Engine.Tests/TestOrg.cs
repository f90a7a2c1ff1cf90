using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Appliance.Engine;
using Appliance.Engine.Backups;
using Appliance.Engine.Jobs;
using Appliance.Engine.Restores;
using Appliance.Salesforce;
using Appliance.Vault;
using Microsoft.Extensions.Logging.Abstractions;
using OrgSimulator;
using Xunit;

namespace Engine.Tests;

/// <summary>A simulated org, a real vault in a folder of its own, and the engine between them, without MySQL.</summary>
internal sealed class TestOrg : IAsyncDisposable
{
    private static readonly TimeProvider Impatient = new ImpatientTime();
    private readonly HttpClient _http = Org.NewHttpClient();
    private readonly string _folder = Directory.CreateTempSubdirectory("engine-").FullName;
    private readonly MasterKey _key;

    private TestOrg(OrgSimulatorHost simulator, IBlobStore? store = null, string? keyFile = null)
    {
        Simulator = simulator;
        _key = keyFile is null ? MasterKey.CreateFile(KeyFile) : MasterKey.FromFile(keyFile);
        Store = store ?? new SsdBlobStore(VaultFolder);
    }

    public OrgSimulatorHost Simulator { get; }

    public string VaultFolder => Path.Combine(_folder, "vault");

    public string KeyFile => Path.Combine(_folder, "master.key");

    /// <summary>Replaced by tests that let writes fail.</summary>
    public IBlobStore Store { get; set; }

    public EngineOptions Options { get; set; } = new() { StorageRoot = "", RestRows = 50, IngestRows = 40, SegmentFlushBytes = 64 * 1024 };

    /// <summary>The engine's clock; nobody waits by it.</summary>
    public TimeProvider Clock { get; set; } = Impatient;

    public static async Task<TestOrg> StartAsync(SimulatorOptions options) => new(await OrgSimulatorHost.StartAsync(options with { Warnings = TextWriter.Null }));

    /// <summary>With a vault elsewhere, under a key that is there.</summary>
    public static async Task<TestOrg> StartAsync(SimulatorOptions options, IBlobStore store, string keyFile) =>
        new(await OrgSimulatorHost.StartAsync(options with { Warnings = TextWriter.Null }), store, keyFile);

    public static async Task<TestOrg> StartAsync(int records = 600, int seed = 1) =>
        new(await OrgSimulatorHost.StartAsync(Environment.GetEnvironmentVariable("ORG_DATA") is { } d ? new SimulatorOptions { DataFolder = d, Seed = seed, Warnings = TextWriter.Null } : new SimulatorOptions { Generate = records, Seed = seed, Warnings = TextWriter.Null }));

    public Org Connect() => new(
        _http, new OrgCredentials(Simulator.Uri, "test", null, Simulator.Uri, Simulator.NewAccessToken(), Simulator.NewRefreshToken()),
        (_, _) => Task.CompletedTask, Clock, NullLogger<Org>.Instance);

    public async Task<OrgVault> OpenVaultAsync()
    {
        if (await Store.LengthAsync("vault.json", default) is not null) return await OrgVault.OpenAsync(Store, _key, TimeProvider.System, default);
        return await OrgVault.CreateAsync(Store, new VaultDescription(Guid.CreateVersion7(), Simulator.Store.OrganizationId, true), _key, TimeProvider.System, default);
    }

    public Task<BackupSummary> BackupAsync(Guid? id = null, Guid? parent = null, bool sync = false) =>
        BackupAsync(new BackupOrder(parent is null ? SnapshotKind.Full : SnapshotKind.Incremental, parent, sync), id);

    public async Task<BackupSummary> BackupAsync(BackupOrder order, Guid? id = null)
    {
        await using var vault = await OpenVaultAsync();
        return await new BackupRun(Connect(), vault, new JobProgress(), Options, Clock).RunAsync(id ?? Guid.CreateVersion7(), order, new Silent(), default);
    }

    /// <summary>Safety backup and plan, as a planning job does it.</summary>
    public async Task<RestorePlan> PlanAsync(Guid snapshotId, Guid parent, Guid? planId = null, RestoreScope? scope = null)
    {
        var id = planId ?? Guid.CreateVersion7();
        await using var vault = await OpenVaultAsync();
        var planning = new RestorePlanning(Connect(), vault, new JobProgress(), Options, Impatient);
        await planning.SettleAsync(default);
        await BackupAsync(id, parent);
        return await planning.PlanAsync(id, Guid.Empty, scope ?? new RestoreScope { SnapshotId = snapshotId }, default);
    }

    public async Task<RestoreSummary> RestoreAsync(RestorePlan plan)
    {
        await using var vault = await OpenVaultAsync();
        var org = Connect();
        var restorability = await RestorePlanning.RestorabilityAsync(org, await vault.ReadManifestAsync(plan.SnapshotId, default), default);
        return await new RestoreRun(org, vault, restorability, new JobProgress(), Impatient).RunAsync(plan, new Silent(), default);
    }

    public async Task<Dictionary<string, string>> IdMapAsync(params RestorePlan[] plans)
    {
        await using var vault = await OpenVaultAsync();
        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var plan in plans)
            await foreach (var m in new RestoreRecords(vault, plan.Id).IdMapAsync(default)) map[m.OldId] = m.NewId;
        return map;
    }

    /// <summary>What could not be restored, in the words of the run.</summary>
    public async Task<List<string>> FailuresAsync(RestorePlan plan)
    {
        await using var vault = await OpenVaultAsync();
        var failed = new List<string>();
        await foreach (var o in new RestoreRecords(vault, plan.Id).OutcomesAsync(default))
            if (o.State == "failed") failed.Add($"{o.Action} {o.Object}/{o.OldId}: {o.Error}");
        return failed;
    }

    public async Task<List<RestoreOutcome>> OutcomesAsync(RestorePlan plan)
    {
        await using var vault = await OpenVaultAsync();
        return await new RestoreRecords(vault, plan.Id).OutcomesAsync(default).ToListAsync();
    }

    /// <summary>Creates records in the org behind the engine's back and answers their Ids.</summary>
    public string[] Create(string objectName, int count, params (string Field, Func<int, string?> Value)[] fields)
    {
        var records = Enumerable.Range(0, count).Select(i =>
        {
            var record = new OrgSimulator.Store.RecordInput();
            foreach (var (field, value) in fields) record.Set(field, value(i));
            return record;
        }).ToList();
        var results = Simulator.Dml.Insert(Simulator.Store.Schema[objectName], records);
        Assert.All(results, r => Assert.True(r.Success, r.Error?.Message));
        return [.. results.Select(r => r.Id!)];
    }

    public void Change(string objectName, string id, string field, string? value)
    {
        var record = new OrgSimulator.Store.RecordInput { Id = id };
        record.Set(field, value);
        Assert.All(Simulator.Dml.Update(Simulator.Store.Schema[objectName], [record]), r => Assert.True(r.Success, r.Error?.Message));
    }

    public void Purge(params string[] ids)
    {
        Assert.All(Simulator.Dml.Delete(ids), r => Assert.True(r.Success, r.Error?.Message));
        Simulator.Dml.EmptyRecycleBin(ids);
    }

    public async Task<JsonElement> DamageAsync(int seed = 1, double changePercent = 5, int deleteParents = 4, double purgeShare = 0.5)
    {
        using var answer = await _http.PostAsJsonAsync($"{Simulator.Url}/__damage", new { changePercent, deleteParents, purgeShare, seed });
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>The org's true content by object and Id, straight from the simulator and not through our client.</summary>
    public async Task<SortedDictionary<string, Dictionary<string, string>>> DumpAsync()
    {
        var records = new SortedDictionary<string, Dictionary<string, string>>(StringComparer.Ordinal);
        foreach (var line in (await _http.GetStringAsync(new Uri($"{Simulator.Url}/__dump"))).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var root = JsonDocument.Parse(line).RootElement;
            if (!root.TryGetProperty("object", out var name)) continue;
            records[$"{name.GetString()}/{root.GetProperty("id").GetString()}"] =
                root.GetProperty("fields").EnumerateObject().ToDictionary(f => f.Name, f => f.Value.ToString(), StringComparer.Ordinal);
        }
        return records;
    }

    /// <summary>What differs between two dumps when ids are seen through the map and system stamps are left out.</summary>
    public static List<string> Differences(
        SortedDictionary<string, Dictionary<string, string>> before, SortedDictionary<string, Dictionary<string, string>> after, Dictionary<string, string> map)
    {
        var found = new List<string>();
        string Mapped(string value) => map.GetValueOrDefault(value, value);
        var expected = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, fields) in before)
        {
            var slash = key.IndexOf('/', StringComparison.Ordinal);
            var today = $"{key[..slash]}/{Mapped(key[(slash + 1)..])}";
            expected.Add(today);
            if (!after.TryGetValue(today, out var now))
            {
                found.Add($"{key} is missing");
                continue;
            }
            foreach (var (name, value) in fields.Where(f => !SystemFields.Contains(f.Key)))
                if (Mapped(value) != now.GetValueOrDefault(name, "")) found.Add($"{today}.{name}: {value} → {now.GetValueOrDefault(name)}");
        }
        found.AddRange(after.Keys.Where(k => !expected.Contains(k)).Select(k => $"{k} is extra"));
        return found;
    }

    public static readonly HashSet<string> SystemFields =
    [
        "Id", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "LastViewedDate", "LastReferencedDate", "LastActivityDate",
        "ContentModifiedDate", "ContentModifiedById",
    ];

    /// <summary>A digest of all that a snapshot holds, to compare runs with each other.</summary>
    public async Task<string> DigestAsync(Guid snapshotId)
    {
        await using var vault = await OpenVaultAsync();
        var manifest = await vault.ReadManifestAsync(snapshotId, default);
        var reader = vault.Open(manifest);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in manifest.Objects)
            await foreach (var record in reader.ReadAsync(entry.Name, null, includeDeleted: false, default))
                hash.AppendData(Encoding.UTF8.GetBytes($"{entry.Name}/{string.Join('\u001f', record.Columns.Select(c => $"{c}={record[c]}").Order(StringComparer.Ordinal))}\n"));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _key.Dispose();
        await Simulator.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>The real clock, but nobody waits: every delay is over at once.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime > TimeSpan.FromMinutes(1) ? dueTime : TimeSpan.Zero, period);   // time-outs stay
    }

    private sealed class Silent : IProgress<string>
    {
        public void Report(string value)
        {
        }
    }
}
