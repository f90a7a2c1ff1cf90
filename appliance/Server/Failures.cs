using Appliance.Catalog;
using Appliance.Engine;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Server;

/// <summary>Turns a failure into what a person reads: the cause, and what to do about it.</summary>
internal static class Failures
{
    /// <summary>503 where waiting helps, else 500.</summary>
    public static int Status(Exception failure) =>
        failure is CatalogUnreachableException ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError;

    private const string Unforeseen = "Look for this time in the server's log; if it happens again, report it with that part of the log.";

    public static (string Cause, string Remedy) Explain(Exception failure) => failure switch
    {
        SalesforceException e => (e.Message, e.Remedy),
        VaultException e => (e.Message, e.Remedy),
        EngineException e => (e.Message, e.Remedy),
        CatalogException e => (e.Message, e.Remedy),
        MySqlConnector.MySqlException => ("The catalog database did not answer as it should.", "Check that the database server runs, then try again."),
        HttpRequestException e => ($"A call over the network failed: {e.Message}", "Check the connection to Salesforce, then try again."),
        IOException e => ($"The storage failed: {e.Message}", "Check that the storage is there, writable and not full, then try again."),
        UnauthorizedAccessException e => ($"The storage refused access: {e.Message}", "Check the owner and the rights of the storage folder."),
        _ => ($"Something unforeseen went wrong ({failure.GetType().Name}: {failure.Message}).", Unforeseen),
    };
}
