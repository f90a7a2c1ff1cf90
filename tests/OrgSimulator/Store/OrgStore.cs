using System.Collections.Concurrent;
using System.Security.Cryptography;
using OrgSimulator.Generating;
using OrgSimulator.Rules;
using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>The org: schema, records, file bytes. One lock for writers, none for readers.</summary>
public sealed class OrgStore
{
    private readonly Dictionary<string, Table> _tables = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new();
    private long _deeds;

    /// <param name="schema">Complete.</param>
    /// <param name="time">The org's clock.</param>
    /// <param name="seed">Of Ids and of everything made up.</param>
    /// <param name="asOf">Day of which generated records are; null for the day of the start. A fixed day makes the same org on any day.</param>
    public OrgStore(OrgSchema schema, TimeProvider time, int seed, DateOnly? asOf = null)
    {
        Schema = schema;
        Time = time;
        Started = DateTimeOffset.FromUnixTimeSeconds(Now);
        Seed = seed;
        AsOf = asOf ?? DateOnly.FromDateTime(Started.UtcDateTime);
        // Two orgs made from different seeds must not share Ids, as two real orgs do not.
        const string letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
        var mix = (uint)seed * 2654435761u;
        Instance = $"{letters[(int)(mix % 49)]}{letters[(int)(mix / 49 % 49)]}";
        FirstNumber = 916_132_832L + mix % 900_000_000u;
        OrganizationId = NewId(Table(schema["Organization"]));
        AdminId = NewId(Table(schema["User"]));
        ProfileId = NewId(Table(schema["Profile"]));
        Rules = new RuleBook(this, new OrgRules());
    }

    public OrgSchema Schema { get; }
    public TimeProvider Time { get; }

    /// <summary>Permissions, validation rules and the like; replaced as a whole when they change.</summary>
    public RuleBook Rules { get; set; }
    public int Seed { get; }
    public DateOnly AsOf { get; }

    /// <summary>When the org came about, to the second.</summary>
    public DateTimeOffset Started { get; }
    public Lock WriteLock { get; } = new();
    public string Instance { get; }
    public long FirstNumber { get; }
    public string OrganizationId { get; }
    public string AdminId { get; }
    public string ProfileId { get; }

    /// <summary>Seconds since 1970, the finest time that records carry.</summary>
    public uint Now => (uint)(Time.GetUtcNow().ToUnixTimeSeconds() + Skew);

    /// <summary>Seconds by which the org's clock is off.</summary>
    public int Skew { get; set; }

    /// <summary>getDeleted knows nothing of what was deleted before (seconds since 1970).</summary>
    public uint DeleteLogBegins { get; set; }

    public Interference Interference { get; set; } = Interference.None;

    /// <summary>How long deleted records stay in the recycle bin.</summary>
    public static TimeSpan BinAge => TimeSpan.FromDays(15);

    public long NextDeed() => Interlocked.Increment(ref _deeds);

    public Table Table(ObjectType type)
    {
        lock (_tables)
            return _tables.TryGetValue(type.Name, out var table) ? table : _tables[type.Name] = new Table(type) { NextNumber = FirstNumber };
    }

    /// <summary>Makes an object while the org runs; what an older one of its name held is gone. Under the lock of the store.</summary>
    public void Create(ObjectType type)
    {
        lock (_tables) _tables.Remove(type.Name);
        Schema.Deploy(type);
    }

    public Table Table(string objectName) => Table(Schema[objectName]);

    public string NewId(Table table) => SalesforceId.Compose(table.Type.KeyPrefix ?? "000", Instance, table.NextNumber++);

    /// <summary>The record that an Id of 15 or 18 characters names, deleted or not.</summary>
    public Row? Find(string id) => Schema.OfId(id) is { } type ? Table(type).Find(id) : null;

    /// <summary>Live records with the value.</summary>
    public IReadOnlyList<Row> FindBy(Table table, Field field, string value)
    {
        lock (WriteLock) return table.FindBy(field, value);
    }

    /// <summary>Keeps the bytes once and gives their name, <c>sha256:hex</c>.</summary>
    public string KeepBlob(byte[] content)
    {
        var name = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));
        _blobs.TryAdd(name, content);
        return name;
    }

    /// <summary>The bytes that a blob field names: kept ones, or generated ones made again.</summary>
    public byte[] Blob(string name) => GeneratedContent.Parse(Seed, name)?.Bytes() ?? _blobs[name];

    /// <summary><c>sha256:hex</c> of the bytes, whichever way they are kept.</summary>
    public string BlobName(string name) => GeneratedContent.Parse(Seed, name) is { } made ? "sha256:" + Convert.ToHexStringLower(SHA256.HashData(made.Bytes())) : name;

    /// <summary>True while a deleted record can still be seen by queryAll and brought back.</summary>
    public bool InBin(Row row, uint now) => row.IsDeleted && now - row.DeletedAt < BinAge.TotalSeconds;
}
