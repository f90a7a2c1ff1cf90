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
    /// <param name="acceptNewer">
    /// Tables that a newer version has changed are taken as they are: while an upgrade is tried and after it was taken back, the version before runs on them. Every migration
    /// is such that the version before can live with it.
    /// </param>
    /// <exception cref="CatalogException">The server cannot be reached or refuses us.</exception>
    public static Task<CatalogDatabase> OpenAsync(string connectionString, ILogger log, CancellationToken cancellationToken, bool acceptNewer = false) =>
        OpenAsync(connectionString, int.MaxValue, log, cancellationToken, acceptNewer);

    /// <summary>The catalog as it is: nothing is created and no table is changed, and the server is asked only with the first question.</summary>
    /// <exception cref="CatalogException">The connection string cannot be used.</exception>
    public static CatalogDatabase Attach(string connectionString)
    {
        try
        {
            return new CatalogDatabase(new MySqlDataSource(Settings(connectionString).ConnectionString));
        }
        catch (Exception e) when (e is MySqlException or ArgumentException)
        {
            throw new CatalogException($"The catalog database cannot be used: {e.Message}",
                "Check that the database server runs and that Catalog:ConnectionString names its address, user and password.", e);
        }
    }

    /// <param name="upTo">Migrations with a higher number are left for later.</param>
    internal static async Task<CatalogDatabase> OpenAsync(string connectionString, int upTo, ILogger log, CancellationToken cancellationToken, bool acceptNewer = false)
    {
        var settings = Settings(connectionString);
        MySqlDataSource? source = null;
        try
        {
            source = new MySqlDataSource(settings.ConnectionString);        // looks for the socket already
            await CreateIfAbsentAsync(settings, source, log, cancellationToken);
            await Migrations.RunAsync(source, log, acceptNewer, cancellationToken, upTo);
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

    internal Task<int> ExecuteAsync(string sql, object? parameters, CancellationToken cancellationToken) =>
        AskAsync(connection => connection.ExecuteAsync(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken)), cancellationToken);

    internal Task<T?> FindAsync<T>(string sql, object? parameters, CancellationToken cancellationToken) =>
        AskAsync(connection => connection.QueryFirstOrDefaultAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken)), cancellationToken);

    internal Task<IReadOnlyList<T>> ListAsync<T>(string sql, object? parameters, CancellationToken cancellationToken) =>
        AskAsync<IReadOnlyList<T>>(
            async connection => (await connection.QueryAsync<T>(new CommandDefinition(sql, parameters, cancellationToken: cancellationToken))).AsList(), cancellationToken);

    /// <summary>Runs the work in one transaction. READ COMMITTED: a second statement sees what others have committed since the first, and no gaps are locked.</summary>
    internal Task<T> InTransactionAsync<T>(Func<MySqlConnection, MySqlTransaction, Task<T>> work, CancellationToken cancellationToken) => AskAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);
        var answer = await work(connection, transaction);
        await transaction.CommitAsync(cancellationToken);
        return answer;
    }, cancellationToken);

    /// <summary>Reads only, and all of it as of one moment.</summary>
    internal Task<T> AsOfOneMomentAsync<T>(Func<MySqlConnection, MySqlTransaction, Task<T>> read, CancellationToken cancellationToken) => AskAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.Snapshot, isReadOnly: true, cancellationToken);
        return await read(connection, transaction);
    }, cancellationToken);

    internal Task<T> WithConnectionAsync<T>(Func<MySqlConnection, Task<T>> ask, CancellationToken cancellationToken) => AskAsync(ask, cancellationToken);

    /// <summary>Every call to the database comes through here, so that a server that is away is told apart from one that refuses, once.</summary>
    private async Task<T> AskAsync<T>(Func<MySqlConnection, Task<T>> ask, CancellationToken cancellationToken)
    {
        MySqlConnection? connection = null;
        try
        {
            connection = await Source.OpenConnectionAsync(cancellationToken);
            return await ask(connection);
        }
        catch (Exception e) when (IsAway(e, connection))
        {
            throw new CatalogUnreachableException(e);
        }
        finally
        {
            if (connection is not null) await connection.DisposeAsync();
        }
    }

    private static bool IsAway(Exception failure, MySqlConnection? connection) => failure switch
    {
        MySqlException { ErrorCode: MySqlErrorCode.UnableToConnectToHost or MySqlErrorCode.ConnectionCountError or MySqlErrorCode.TooManyUserConnections
            or MySqlErrorCode.ServerShutdown or MySqlErrorCode.NormalShutdown or MySqlErrorCode.AbortingConnection or MySqlErrorCode.NewAbortingConnection
            or MySqlErrorCode.CommandTimeoutExpired or (MySqlErrorCode)1927 } => true,            // 1927: MariaDB's "connection was killed"
        MySqlException { InnerException: { } inner } => IsAway(inner, connection),
        IOException or System.Net.Sockets.SocketException or TimeoutException => true,
        InvalidOperationException => connection is { State: not ConnectionState.Open },     // a step after the one that broke the connection
        _ => false,
    };

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
