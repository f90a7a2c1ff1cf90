using Appliance.Catalog;
using Appliance.Vault;

namespace Appliance.Server.Health;

/// <summary>
/// What an upgrade asks before it lets anybody in: do database and storage really serve this process? For containers and operators of the machine: the
/// front door answers 404 for it. It names no reason, because whoever reaches it need not be signed in; the log does.
/// </summary>
internal static class PrivateHealth
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    /// <param name="Version">Of the process.</param>
    private sealed record Report(string Version, string Database, string Storage);

    public static void MapPrivateHealth(this WebApplication app) => app.MapGet("/private/health", async (CatalogDatabase db, ServerSettings settings, TimeProvider time, ILogger<Report> log, CancellationToken cancellationToken) =>
    {
        var database = await TryAsync("database", token => AskAsync(db, token), log, cancellationToken);
        var storage = await TryAsync("storage", token => WriteAsync(settings.StorageRoot, time, token), log, cancellationToken);
        return TypedResults.Json(new Report(Api.SystemApi.Version, database ? "ok" : "failed", storage ? "ok" : "failed"), statusCode: database && storage ? 200 : 503);
    }).AllowAnonymous().ExcludeFromDescription();

    private static async Task AskAsync(CatalogDatabase db, CancellationToken cancellationToken)
    {
        await using var connection = await db.Source.OpenConnectionAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM migrations";
        await command.ExecuteScalarAsync(cancellationToken);
    }

    /// <summary>A folder must take a file; a bucket must answer.</summary>
    private static async Task WriteAsync(string root, TimeProvider time, CancellationToken cancellationToken)
    {
        if (BlobStores.IsS3(root))
        {
            var bucket = BlobStores.Open(root, below: null, time);
            try { await bucket.LengthAsync("health", cancellationToken); }
            finally { (bucket as IDisposable)?.Dispose(); }
            return;
        }
        Directory.CreateDirectory(root);
        var file = Path.Combine(root, $".health-{Environment.MachineName}-{Environment.ProcessId}");
        await File.WriteAllTextAsync(file, "ok", cancellationToken);
        File.Delete(file);
    }

    private static async Task<bool> TryAsync(string what, Func<CancellationToken, Task> ask, ILogger log, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        try
        {
            await ask(limit.Token).WaitAsync(Limit, cancellationToken);
            return true;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            log.NotHealthy(what, failure);
            return false;
        }
    }
}
