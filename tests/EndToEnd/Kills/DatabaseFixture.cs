using Appliance.Catalog.Tests;
using EndToEnd.Kills;
using Xunit;

[assembly: AssemblyFixture(typeof(DatabaseFixture))]

namespace EndToEnd.Kills;

/// <summary>One private MariaDB for the whole run; every appliance has a database of its own in it.</summary>
public sealed class DatabaseFixture : IAsyncLifetime
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private PrivateMariaDb? _server;
    private int _databases;

    /// <summary>Started by the first test that asks: others in this project have no use for it.</summary>
    public async Task<string> NewConnectionStringAsync()
    {
        if (PrivateMariaDb.Unavailable is { } reason) Assert.Skip(reason);
        await _starting.WaitAsync();
        try
        {
            _server ??= await PrivateMariaDb.StartAsync(Path.Combine(ServerProcess.Repository(), "artifacts", "mariadb"));
        }
        finally
        {
            _starting.Release();
        }
        return _server.ConnectionString($"kills{Interlocked.Increment(ref _databases)}");
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _starting.Dispose();
    }
}
