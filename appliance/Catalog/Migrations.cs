using System.Globalization;
using System.Reflection;
using Dapper;
using Microsoft.Extensions.Logging;
using MySqlConnector;

namespace Appliance.Catalog;

/// <summary>The embedded Migrations/NNNN_name.sql, run in order, each once, by one process at a time.</summary>
public static class Migrations
{
    private const string LockName = "appliance-migrations";
    private const int LockSeconds = 120;

    /// <summary>Number, name and text of every migration in this build, lowest number first.</summary>
    public static IReadOnlyList<(int Number, string Name, string Sql)> All { get; } = [.. Read().OrderBy(m => m.Number)];

    /// <summary>Cuts a script into statements. A statement ends with a semicolon at the end of a line; lines that begin with -- are comments.</summary>
    public static IEnumerable<string> Statements(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        var lines = new List<string>();
        foreach (var line in sql.Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0 && !l.StartsWith("--", StringComparison.Ordinal)))
        {
            lines.Add(line);
            if (!line.EndsWith(';')) continue;
            yield return string.Join('\n', lines).TrimEnd(';');
            lines.Clear();
        }
        if (lines.Count > 0) yield return string.Join('\n', lines);
    }

    internal static async Task RunAsync(MySqlDataSource source, ILogger log, bool acceptNewer, CancellationToken cancellationToken, int upTo = int.MaxValue)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        // The lock belongs to this connection: a process that dies here gives it up by itself.
        var got = await connection.ExecuteScalarAsync<int?>(new CommandDefinition(
            "SELECT GET_LOCK(@LockName, @LockSeconds)", new { LockName, LockSeconds }, commandTimeout: LockSeconds + 10, cancellationToken: cancellationToken));
        if (got != 1)
            throw new CatalogException("Another process has been changing the catalog's tables for two minutes.", "Wait for it to end, or stop it, then start again.");
        try
        {
            await connection.ExecuteAsync(new CommandDefinition(
                """
                CREATE TABLE IF NOT EXISTS migrations (
                    number INT NOT NULL PRIMARY KEY, name VARCHAR(120) NOT NULL, applied_at DATETIME(6) NOT NULL
                ) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
                """, cancellationToken: cancellationToken));
            var applied = (await connection.QueryAsync<int>(new CommandDefinition("SELECT number FROM migrations", cancellationToken: cancellationToken))).ToHashSet();
            if (!acceptNewer && applied.Count > 0 && applied.Max() > All[^1].Number)
                throw new CatalogException(
                    $"The catalog is at migration {applied.Max()}, but this version knows only {All[^1].Number}: a newer version has run here.",
                    "Start the newer version again, or restore the catalog from the dump taken before the upgrade.");
            foreach (var (number, name, sql) in All.Where(m => m.Number <= upTo && !applied.Contains(m.Number)))
            {
                foreach (var statement in Statements(sql))
                    await connection.ExecuteAsync(new CommandDefinition(statement, cancellationToken: cancellationToken));
                await connection.ExecuteAsync(new CommandDefinition(
                    "INSERT INTO migrations (number, name, applied_at) VALUES (@number, @name, UTC_TIMESTAMP(6))", new { number, name }, cancellationToken: cancellationToken));
                log.MigrationApplied(number, name);
            }
            log.CatalogReady(Math.Min(upTo, All[^1].Number), connection.ServerVersion);
        }
        finally
        {
            await connection.ExecuteAsync(new CommandDefinition("SELECT RELEASE_LOCK(@LockName)", new { LockName }, cancellationToken: CancellationToken.None));
        }
    }

    private static IEnumerable<(int Number, string Name, string Sql)> Read()
    {
        var assembly = typeof(Migrations).Assembly;
        const string folder = ".Migrations.";
        foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)))
        {
            var file = resource[(resource.IndexOf(folder, StringComparison.Ordinal) + folder.Length)..^4];   // 0001_start
            yield return (int.Parse(file.AsSpan(0, 4), CultureInfo.InvariantCulture), file[5..], Text(assembly, resource));
        }
    }

    private static string Text(Assembly assembly, string resource)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
