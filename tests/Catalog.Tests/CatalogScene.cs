using Microsoft.Extensions.Time.Testing;

namespace Appliance.Catalog.Tests;

/// <summary>A fresh catalog with the classes over it and a clock that stands still.</summary>
public sealed class CatalogScene : IAsyncDisposable
{
    private CatalogScene(CatalogDatabase db)
    {
        Db = db;
        Orgs = new Orgs(db, Secrets, Time);
        Jobs = new Jobs(db, Time);
        Snapshots = new Snapshots(db);
        Users = new Users(db, Time);
        Sessions = new Sessions(db, Time);
        ApiTokens = new ApiTokens(db, Time);
        Pending = new PendingConnections(db, Secrets, Time);
    }

    public CatalogDatabase Db { get; }
    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));
    public SecretBox Secrets { get; } = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    public Orgs Orgs { get; }
    public Jobs Jobs { get; }
    public Snapshots Snapshots { get; }
    public Users Users { get; }
    public Sessions Sessions { get; }
    public ApiTokens ApiTokens { get; }
    public PendingConnections Pending { get; }

    public static async Task<CatalogScene> NewAsync(CatalogFixture fixture) => new(await fixture.NewDatabaseAsync());

    public Task<OrgRow> OrgAsync(string salesforceId = "00D000000000001EAA") => Orgs.AddAsync(Connection(salesforceId), CancellationToken.None);

    public static OrgConnection Connection(string salesforceId) => new(
        "Acme", salesforceId, new Uri("https://login.salesforce.com"), "client", "client-secret-text", new Uri("https://acme.my.salesforce.com"), "access-token-text", "refresh-token-text");

    public ValueTask DisposeAsync() => Db.DisposeAsync();
}
