using System.Data;
using System.Globalization;
using System.Text.Json;
using Dapper;
using MySqlConnector;

namespace Appliance.Catalog;

/// <summary>How many tables and rows a copy holds.</summary>
public readonly record struct CopiedRows(int Tables, long Rows);

/// <summary>The whole catalog as JSON lines (docs/self-backup.md), read in one transaction: all tables as of one moment, whoever writes meanwhile.</summary>
public static class CatalogCopy
{
    /// <summary>What belongs to a process that runs and not to the appliance; nothing in them is worth more than the next sign-in.</summary>
    internal static readonly string[] Left = ["migrations", "sessions", "setup_tokens", "pending_connections"];

    internal const string TimeFormat = "yyyy-MM-dd HH:mm:ss.ffffff";

    /// <summary>Number of the newest migration that the catalog has.</summary>
    public static async Task<int> MigrationAsync(CatalogDatabase db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return await db.FindAsync<int>("SELECT MAX(number) FROM migrations", null, cancellationToken);
    }

    /// <param name="line">Takes one JSON value; the buffer is used again afterwards.</param>
    public static Task<CopiedRows> ReadAsync(CatalogDatabase db, Func<ReadOnlyMemory<byte>, CancellationToken, Task> line, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(line);
        return db.AsOfOneMomentAsync(async (c, t) =>
        {
            var (tables, rows) = (0, 0L);
            foreach (var table in await TablesAsync(c, t, cancellationToken))
            {
                if (Left.Contains(table)) continue;
                tables++;
                rows += await TableAsync(c, t, table, line, cancellationToken);
            }
            return new CopiedRows(tables, rows);
        }, cancellationToken);
    }

    internal static async Task<List<string>> TablesAsync(MySqlConnection c, MySqlTransaction? t, CancellationToken cancellationToken) =>
        (await c.QueryAsync<string>(new CommandDefinition(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type = 'BASE TABLE' ORDER BY 1",
            transaction: t, cancellationToken: cancellationToken))).AsList();

    private static async Task<long> TableAsync(MySqlConnection c, MySqlTransaction t, string table, Func<ReadOnlyMemory<byte>, CancellationToken, Task> line, CancellationToken cancellationToken)
    {
        await using var command = new MySqlCommand($"SELECT * FROM `{table}`", c, t) { CommandTimeout = 600 };
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        using var buffer = new MemoryStream();
        await using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("table", table);
        json.WriteStartArray("columns");
        for (var i = 0; i < reader.FieldCount; i++)
        {
            json.WriteStartArray();
            json.WriteStringValue(reader.GetName(i));
            json.WriteStringValue(TypeOf(reader.GetFieldType(i)));
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        await SendAsync();
        var rows = 0L;
        for (; await reader.ReadAsync(cancellationToken); rows++)
        {
            json.WriteStartArray();
            for (var i = 0; i < reader.FieldCount; i++) Write(json, reader.GetValue(i));
            json.WriteEndArray();
            await SendAsync();
        }
        json.WriteStartObject();
        json.WriteNumber("rows", rows);
        json.WriteEndObject();
        await SendAsync();
        return rows;

        async Task SendAsync()
        {
            await json.FlushAsync(cancellationToken);
            await line(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
            buffer.SetLength(0);
            json.Reset();
        }
    }

    private static string TypeOf(Type type) =>
        type == typeof(Guid) || type == typeof(byte[]) ? "bytes" : type == typeof(DateTime) ? "time" : type == typeof(string) ? "text" : "number";

    private static void Write(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case DBNull: json.WriteNullValue(); break;
            case Guid id: json.WriteBase64StringValue(id.ToByteArray(bigEndian: true)); break;
            case byte[] bytes: json.WriteBase64StringValue(bytes); break;
            case string text: json.WriteStringValue(text); break;
            case DateTime time: json.WriteStringValue(time.ToString(TimeFormat, CultureInfo.InvariantCulture)); break;
            case bool flag: json.WriteNumberValue(flag ? 1 : 0); break;
            case ulong number: json.WriteNumberValue(number); break;
            case decimal number: json.WriteNumberValue(number); break;
            case float or double: json.WriteNumberValue(Convert.ToDouble(value, CultureInfo.InvariantCulture)); break;
            case IConvertible number: json.WriteNumberValue(number.ToInt64(CultureInfo.InvariantCulture)); break;
            default: throw new InvalidOperationException($"A column of type {value.GetType().Name} has no form in a copy yet (docs/self-backup.md).");
        }
    }
}
