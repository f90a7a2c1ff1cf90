using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Dapper;
using Microsoft.Extensions.Logging;
using MySqlConnector;

namespace Appliance.Catalog;

/// <summary>What a load put there.</summary>
/// <param name="LeftOut">Tables and <c>table.column</c>s of a newer release, which this one does not know and the release that took the copy did not either.</param>
public sealed record LoadedRows(int Tables, long Rows, ImmutableArray<string> LeftOut);

/// <summary>Puts a <see cref="CatalogCopy"/> into an empty catalog.</summary>
public static class CatalogLoad
{
    private const int RowsAtOnce = 100;
    private static readonly string[] s_tellTale = ["users", "orgs"];

    /// <summary>Throws <see cref="CatalogException"/> when the catalog holds a user or an org. An absent database is empty.</summary>
    public static async Task RequireEmptyAsync(string connectionString, CancellationToken cancellationToken)
    {
        await using var db = CatalogDatabase.Attach(connectionString);
        IReadOnlyList<string> tables;
        try
        {
            tables = await db.WithConnectionAsync(c => CatalogCopy.TablesAsync(c, null, cancellationToken), cancellationToken);
        }
        catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.UnknownDatabase)
        {
            return;
        }
        catch (Exception e) when (e is MySqlException or CatalogUnreachableException)
        {
            throw new CatalogException($"The catalog database cannot be used: {e.InnerException?.Message ?? e.Message}", "Check that the database server runs and that Catalog:ConnectionString names its address, user and password.", e);
        }
        if (tables.Count > 0 && !tables.Contains("migrations"))
            throw new CatalogException("The database holds tables of another program.", "Name a database of the appliance's own in Catalog:ConnectionString; it is created when it is absent.");
        foreach (var table in s_tellTale.Where(tables.Contains))
            if (await db.FindAsync<long>($"SELECT COUNT(*) FROM {table}", null, cancellationToken) is > 0 and var rows)
                throw new CatalogException($"The catalog is not empty: it has {rows} {table}.",
                    "A self-backup is restored into an empty catalog only. Name another database in Catalog:ConnectionString, or drop this one if nothing in it is needed.");
    }

    /// <summary>
    /// Brings the catalog to the migration that the copy was read at, loads all rows in one transaction, and goes on to this version's last migration. Killed anywhere before
    /// that transaction ends, the catalog is still empty and the call may be made again.
    /// </summary>
    /// <param name="migration">How far the catalog was that the copy was read from.</param>
    /// <param name="knows">How far the release knew it that took the copy, where that is less: then what only a newer release knows is left out, if this one does not know it either.</param>
    /// <param name="unfinished">What an unfinished job's row says as cause and remedy.</param>
    public static async Task<LoadedRows> RunAsync(
        string connectionString, int migration, int? knows, IAsyncEnumerable<JsonElement> lines, (string Cause, string Remedy) unfinished, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(time);
        var newest = Migrations.All[^1].Number;
        var isBeyond = migration > newest;
        if (isBeyond && !(knows <= newest))
            throw new CatalogException($"The self-backup was taken at migration {migration}, but this version knows only {newest}.", "Install the version that took it, or a newer one.");
        migration = Math.Min(migration, newest);
        await RequireEmptyAsync(connectionString, cancellationToken);
        await ForgetTablesAsync(connectionString, migration, cancellationToken);
        await using var db = await CatalogDatabase.OpenAsync(connectionString, migration, log, cancellationToken);
        var loaded = await db.InTransactionAsync(async (c, t) =>
        {
            await c.ExecuteAsync("SET FOREIGN_KEY_CHECKS = 0", transaction: t);      // tables come by name; given back with the connection
            var copied = await LoadAsync(c, t, lines, isBeyond ? await ColumnsAsync(c, t, cancellationToken) : null, cancellationToken);
            await c.ExecuteAsync(
                """
                UPDATE jobs SET state = 'Aborted', ended_at = @now, cause = @Cause, remedy = @Remedy, worker = NULL, lease_until = NULL, running_org_id = NULL, version = version + 1
                WHERE state IN ('Queued', 'InProgress', 'Paused')
                """, new { now = time.GetUtcNow(), unfinished.Cause, unfinished.Remedy }, t);
            await c.ExecuteAsync("UPDATE jobs SET running_org_id = NULL, worker = NULL, lease_until = NULL", transaction: t);
            await c.ExecuteAsync("SET FOREIGN_KEY_CHECKS = 1", transaction: t);
            return copied;
        }, cancellationToken);
        await Migrations.RunAsync(db.Source, log, acceptNewer: false, cancellationToken);
        return loaded;
    }

    /// <summary>A server that was started once has made tables of a newer version already; they are empty, as was just seen, and made anew.</summary>
    private static async Task ForgetTablesAsync(string connectionString, int migration, CancellationToken cancellationToken)
    {
        await using var db = CatalogDatabase.Attach(connectionString);
        try
        {
            await db.WithConnectionAsync(async c =>
            {
                var tables = await CatalogCopy.TablesAsync(c, null, cancellationToken);
                if (tables.Count == 0 || await c.ExecuteScalarAsync<int?>("SELECT MAX(number) FROM migrations") <= migration) return 0;
                await c.ExecuteAsync("SET FOREIGN_KEY_CHECKS = 0");
                foreach (var table in tables) await c.ExecuteAsync($"DROP TABLE `{table}`");
                return 0;
            }, cancellationToken);
        }
        catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.UnknownDatabase)
        {
            // made when it is opened
        }
    }

    private static async Task<ILookup<string, string>> ColumnsAsync(MySqlConnection c, MySqlTransaction t, CancellationToken cancellationToken) =>
        (await c.QueryAsync<(string Table, string Column)>(new CommandDefinition("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = DATABASE()", transaction: t, cancellationToken: cancellationToken)))
            .ToLookup(n => n.Table, n => n.Column, StringComparer.Ordinal);

    /// <param name="known">Columns by table, all that may be loaded; null: whatever the copy names.</param>
    private static async Task<LoadedRows> LoadAsync(MySqlConnection c, MySqlTransaction t, IAsyncEnumerable<JsonElement> lines, ILookup<string, string>? known, CancellationToken cancellationToken)
    {
        var (tables, rows) = (0, 0L);
        var (table, columns) = ("", Array.Empty<(int At, string Name, string Type)>());
        var leftOut = ImmutableArray.CreateBuilder<string>();
        var pending = new List<JsonElement>();
        await foreach (var line in lines.WithCancellation(cancellationToken))
        {
            if (line.ValueKind == JsonValueKind.Array)
            {
                if (columns.Length == 0) continue;
                pending.Add(line);
                if (pending.Count == RowsAtOnce) rows += await InsertAsync(c, t, table, columns, pending, cancellationToken);
            }
            else if (line.TryGetProperty("table", out var name))
            {
                table = Identifier(name.GetString()!);
                columns = [.. line.GetProperty("columns").EnumerateArray().Select((p, at) => (at, Identifier(p[0].GetString()!), p[1].GetString()!))];
                if (known?.Contains(table) is false)
                {
                    leftOut.Add(table);
                    columns = [];
                    continue;
                }
                if (known is not null)
                {
                    leftOut.AddRange(columns.Where(n => !known[table].Contains(n.Name)).Select(n => $"{table}.{n.Name}"));
                    columns = [.. columns.Where(n => known[table].Contains(n.Name))];
                }
                tables++;
                await c.ExecuteAsync(new CommandDefinition($"DELETE FROM `{table}`", transaction: t, cancellationToken: cancellationToken));     // what a migration put there
            }
            else if (line.TryGetProperty("rows", out _))
            {
                rows += await InsertAsync(c, t, table, columns, pending, cancellationToken);
            }
        }
        return new LoadedRows(tables, rows, leftOut.ToImmutable());
    }

    private static async Task<long> InsertAsync(
        MySqlConnection c, MySqlTransaction t, string table, (int At, string Name, string Type)[] columns, List<JsonElement> rows, CancellationToken cancellationToken)
    {
        if (rows.Count == 0) return 0;
        var sql = new StringBuilder($"INSERT INTO `{table}` ({string.Join(", ", columns.Select(n => $"`{n.Name}`"))}) VALUES ");
        await using var command = new MySqlCommand { Connection = c, Transaction = t, CommandTimeout = 600 };
        for (var row = 0; row < rows.Count; row++)
        {
            sql.Append(row == 0 ? "(" : ", (");
            for (var column = 0; column < columns.Length; column++)
            {
                var parameter = string.Create(CultureInfo.InvariantCulture, $"@p{row}_{column}");
                sql.Append(column == 0 ? "" : ", ").Append(parameter);
                command.Parameters.AddWithValue(parameter, Value(rows[row][columns[column].At], columns[column].Type));
            }
            sql.Append(')');
        }
        command.CommandText = sql.ToString();
        await command.ExecuteNonQueryAsync(cancellationToken);
        var count = rows.Count;
        rows.Clear();
        return count;
    }

    private static object? Value(JsonElement value, string type) => value.ValueKind == JsonValueKind.Null ? null : type switch
    {
        "bytes" => value.GetBytesFromBase64(),
        "text" => value.GetString(),
        "time" => DateTime.SpecifyKind(DateTime.ParseExact(value.GetString()!, CatalogCopy.TimeFormat, CultureInfo.InvariantCulture), DateTimeKind.Utc),
        "number" => value.TryGetInt64(out var whole) ? whole : value.TryGetUInt64(out var large) ? large : value.GetDecimal(),
        _ => throw new CatalogException($"The self-backup has a column of type {type}, which this version does not know.", "Install the version that took it, or a newer one."),
    };

    private static string Identifier(string name) => name.Length > 0 && name.All(l => char.IsAsciiLetterOrDigit(l) || l == '_')
        ? name : throw new CatalogException("The self-backup names a table or column that cannot be one.", "Take another self-backup.");
}
