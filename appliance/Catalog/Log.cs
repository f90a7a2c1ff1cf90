using Microsoft.Extensions.Logging;

namespace Appliance.Catalog;

/// <summary>Every event of the catalog: 3000–3099.</summary>
internal static partial class Log
{
    [LoggerMessage(3000, LogLevel.Information, "Catalog {Database} created")]
    public static partial void DatabaseCreated(this ILogger log, string database);

    [LoggerMessage(3001, LogLevel.Information, "Catalog migration {Number} {Name} applied")]
    public static partial void MigrationApplied(this ILogger log, int number, string name);

    [LoggerMessage(3002, LogLevel.Information, "Catalog ready at migration {Number} on server {ServerVersion}")]
    public static partial void CatalogReady(this ILogger log, int number, string serverVersion);
}
