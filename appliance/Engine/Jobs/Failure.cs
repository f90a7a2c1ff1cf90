using Appliance.Catalog;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Jobs;

/// <summary>How a job's failure is told: what happened, and what a person should do.</summary>
public sealed record Failure(string Cause, string Remedy, bool TokenBroken = false)
{
    /// <summary>Null for what is no failure of the job: a lost lease (another worker has it) and cancellation.</summary>
    public static Failure? Explain(Exception exception) => exception switch
    {
        LostLeaseException => null,
        OperationCanceledException => null,
        AggregateException { InnerExceptions: [var only] } => Explain(only),
        SalesforceException e => new Failure(e.Message, e.Remedy, e.ErrorCode is "invalid_grant" or "INVALID_SESSION_ID"),
        VaultException e => new Failure(e.Message, e.Remedy),
        EngineException e => new Failure(e.Message, e.Remedy),
        CatalogException e => new Failure(e.Message, e.Remedy),
        _ => new Failure(
            $"The job stopped on an unexpected error ({exception.GetType().Name}).",
            "Start the job again: it goes on where it stopped. If it fails again, send a support bundle; the server's log has the details."),
    };
}
