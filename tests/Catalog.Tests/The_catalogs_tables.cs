using System.Text.RegularExpressions;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Appliance.Catalog.Tests;

public sealed partial class The_catalogs_tables(CatalogFixture fixture)
{
    [Fact]
    public async Task Are_made_once_however_many_processes_start_at_the_same_time()
    {
        var connectionString = fixture.NewConnectionString();
        var opened = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => CatalogDatabase.OpenAsync(connectionString, NullLogger.Instance, CancellationToken.None)));
        await using var connection = await opened[0].Source.OpenConnectionAsync();
        Assert.Equal(Migrations.All.Select(m => m.Number), await connection.QueryAsync<int>("SELECT number FROM migrations ORDER BY number"));
        foreach (var db in opened) await db.DisposeAsync();
    }

    [Fact]
    public async Task Refuse_a_program_that_is_older_than_they_are()
    {
        var connectionString = fixture.NewConnectionString();
        await using (var db = await CatalogDatabase.OpenAsync(connectionString, NullLogger.Instance, CancellationToken.None))
        await using (var connection = await db.Source.OpenConnectionAsync())
            await connection.ExecuteAsync("INSERT INTO migrations VALUES (9999, 'from the future', UTC_TIMESTAMP())");
        var refused = await Assert.ThrowsAsync<CatalogException>(() => CatalogDatabase.OpenAsync(connectionString, NullLogger.Instance, CancellationToken.None));
        Assert.Contains("newer version", refused.Message, StringComparison.Ordinal);
        // While an upgrade is tried, and after it was taken back, the version before must run on them.
        await using var accepted = await CatalogDatabase.OpenAsync(connectionString, NullLogger.Instance, CancellationToken.None, acceptNewer: true);
    }

    [Fact]
    public async Task Go_with_their_org_when_it_is_removed()
    {
        await using var scene = await CatalogScene.NewAsync(fixture);
        var org = await scene.OrgAsync();
        await scene.Jobs.EnqueueAsync(org.Id, JobKind.Backup, "{}", CancellationToken.None);
        var job = (await scene.Jobs.TryLeaseAsync("one", TimeSpan.FromMinutes(1), CancellationToken.None))!;
        await scene.Jobs.AppendLogAsync(job, "info", "x", CancellationToken.None);
        Assert.True(await scene.Orgs.RemoveAsync(org.Id, CancellationToken.None));
        Assert.False(await scene.Orgs.RemoveAsync(org.Id, CancellationToken.None));
        Assert.Empty(await scene.Jobs.ListAsync(null, 10, CancellationToken.None));
        await using var connection = await scene.Db.Source.OpenConnectionAsync();
        Assert.Equal(0, await connection.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM job_log"));
    }

    [Fact]
    public async Task An_unreachable_server_is_told_with_its_remedy()
    {
        var failed = await Assert.ThrowsAsync<CatalogException>(() =>
            CatalogDatabase.OpenAsync("Server=/nowhere/db.sock;User ID=root;Database=x", NullLogger.Instance, CancellationToken.None));
        Assert.Contains("Catalog:ConnectionString", failed.Remedy, StringComparison.Ordinal);
    }

    /// <summary>The product runs on MySQL 8.4, these tests on MariaDB: what only one of them takes must not appear in the code (architecture.md).</summary>
    [Fact]
    public void And_their_statements_are_SQL_that_MySQL_and_MariaDB_both_take()
    {
        var folder = Path.Combine(CatalogFixture.Root(), "appliance", "Catalog");
        var files = new[] { "*.cs", "*.sql" }.SelectMany(p => Directory.GetFiles(folder, p, SearchOption.AllDirectories)).Where(f => !f.Contains("/obj/", StringComparison.Ordinal)).ToList();
        Assert.True(files.Count > 10);
        var found = files.SelectMany(file => OnlyOneTakes().Matches(File.ReadAllText(file)).Select(m => $"{Path.GetFileName(file)}: {m.Value}"));
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("INSERT INTO t VALUES (1) AS n ON DUPLICATE KEY UPDATE a = n.a")]
    [InlineData("COLLATE utf8mb4_0900_ai_ci")]
    [InlineData("KEY k ((LOWER(name)))")]
    [InlineData("KEY k (name) INVISIBLE")]
    [InlineData("SELECT 1 FOR SHARE SKIP LOCKED")]
    [InlineData("FROM t, LATERAL (SELECT 1) x")]
    [InlineData("WHERE 1 MEMBER OF (doc)")]
    [InlineData("INSERT INTO t VALUES (1) RETURNING id")]
    public void The_rule_knows_each_forbidden_form(string sql) => Assert.Matches(OnlyOneTakes(), sql);

    [GeneratedRegex(@"\bAS\s+\w+\s+ON\s+DUPLICATE\s+KEY|utf8mb4_0900_\w+|\bKEY\s+\w*\s*\(\(|\bINVISIBLE\b|\bFOR\s+SHARE\b|\bLATERAL\b|\bMEMBER\s+OF\b|\bRETURNING\b|\bJSON_TABLE\b")]
    private static partial Regex OnlyOneTakes();
}
