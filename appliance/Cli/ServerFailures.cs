using Appliance.Catalog;
using Appliance.Engine;

namespace Appliance.Cli;

internal static class ServerFailures
{
    /// <summary>What to do about a failure of the engine or the catalog; null when it is none.</summary>
    public static string? Remedy(Exception failure) => failure switch
    {
        EngineException e => e.Remedy,
        CatalogException e => e.Remedy,
        _ => null,
    };
}
