using Appliance.Catalog.Tests;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

[assembly: AssemblyFixture(typeof(CatalogFixture))]

namespace Appliance.Catalog.Tests;

/// <summary>One private server for the whole run; every test asks for a database of its own.</summary>
public sealed class CatalogFixture : IAsyncLifetime
{
    private PrivateMariaDb? _server;
    private int _databases;

    public async ValueTask InitializeAsync()
    {
        if (PrivateMariaDb.Unavailable is null) _server = await PrivateMariaDb.StartAsync(Path.Combine(Root(), "artifacts", "mariadb"));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    public string NewConnectionString()
    {
        if (_server is null) Assert.Skip(PrivateMariaDb.Unavailable!);
        return _server.ConnectionString($"catalog{Interlocked.Increment(ref _databases)}");
    }

    public Task<CatalogDatabase> NewDatabaseAsync() => CatalogDatabase.OpenAsync(NewConnectionString(), NullLogger.Instance, CancellationToken.None);

    /// <summary>The repository's root: the folder with Appliance.sln.</summary>
    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Appliance.sln"))) return folder.FullName;
        throw new InvalidOperationException("These tests run inside the repository.");
    }
}
