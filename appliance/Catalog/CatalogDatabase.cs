using System.Data;
using Dapper;
using Microsoft.Extensions.Logging;
using MySqlConnector;

namespace Appliance.Catalog;

/// <summary>The MySQL database of one appliance. Opening it creates the database when it is absent and brings its tables up to this version.</summary>
public sealed class CatalogDatabase : IAsyncDisposable
{
    static CatalogDatabase()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.AddTypeHandler(new UtcHandler());
    }

    private CatalogDatabase(MySqlDataSource source) => Source = source;

    public MySqlDataSource Source { get; }

    /// <summary>Opens the catalog. Over TCP the connection is always TLS; a server path that begins with '/' is a unix socket and needs none.</summary>
    /// <exception cref="CatalogException">The server cannot be reached or refuses us.</exception>
    public static async Task<CatalogDatabase> OpenAsync(string connectionString, ILogger log, CancellationToken cancellationToken)
    {
        var settings = Settings(connectionString);
        MySqlDataSource? source = null;
        try
        {
            source = new MySqlDataSource(settings.ConnectionString);        // looks for the socket already
            await CreateIfAbsentAsync(settings, source, log, cancellationToken);
            await Migrations.RunAsync(source, log, cancellationToken);
            return new CatalogDatabase(source);
        }
        catch (MySqlException e)
        {
            if (source is not null) await source.DisposeAsync();
            throw new CatalogException($"The catalog database at {settings.Server} cannot be used: {e.Message}",
                "Check that the database server runs and that Catalog:ConnectionString names its address, user and password.", e);
        }
        catch
        {
            if (source is not null) await source.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();

    private static MySqlConnectionStringBuilder Settings(string connectionString)
    {
        var settings = new MySqlConnectionStringBuilder(connectionString)
        {
            GuidFormat = MySqlGuidFormat.Binary16,      // ids are BINARY(16), big-endian, so version 7 ids sort by time
            DateTimeKind = MySqlDateTimeKind.Utc,
            AllowUserVariables = false,
        };
        if (string.IsNullOrEmpty(settings.Database)) settings.Database = "appliance";
        var socket = settings.Server.StartsWith('/') || settings.ConnectionProtocol is MySqlConnectionProtocol.UnixSocket;
        if (!socket && settings.SslMode < MySqlSslMode.Required) settings.SslMode = MySqlSslMode.Required;
        return settings;
    }

    private static async Task CreateIfAbsentAsync(MySqlConnectionStringBuilder settings, MySqlDataSource source, ILogger log, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await source.OpenConnectionAsync(cancellationToken);
        }
        catch (MySqlException e) when (e.ErrorCode == MySqlErrorCode.UnknownDatabase)
        {
            await using var server = new MySqlConnection(new MySqlConnectionStringBuilder(settings.ConnectionString) { Database = "" }.ConnectionString);
            await server.OpenAsync(cancellationToken);
            var name = settings.Database.Replace("`", "``", StringComparison.Ordinal);
            await server.ExecuteAsync(new CommandDefinition($"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", cancellationToken: cancellationToken));
            log.DatabaseCreated(settings.Database);
        }
    }

    internal ValueTask<MySqlConnection> ConnectAsync(CancellationToken cancellationToken) => Source.OpenConnectionAsync(cancellationToken);

    internal async Task<int> ExecuteAsync(string sql, object? parameters, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        return await connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken));
    }

    internal async Task<T?> FindAsync<T>(string sql, object? parameters, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        return await connection.QueryFirstOrDefaultAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken));
    }

    internal async Task<IReadOnlyList<T>> ListAsync<T>(string sql, object? parameters, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        return (await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken))).AsList();
    }

    /// <summary>Runs the work in one transaction. READ COMMITTED: a second statement sees what others have committed since the first, and no gaps are locked.</summary>
    internal async Task<T> InTransactionAsync<T>(Func<MySqlConnection, MySqlTransaction, Task<T>> work, CancellationToken cancellationToken)
    {
        await using var connection = await ConnectAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        var answer = await work(connection, transaction);
        await transaction.CommitAsync(cancellationToken);
        return answer;
    }

    private sealed class UtcHandler : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) => new(DateTime.SpecifyKind((DateTime)value, DateTimeKind.Utc));

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value)
        {
            parameter.DbType = DbType.DateTime;
            parameter.Value = value.UtcDateTime;
        }
    }
}
