using Appliance.Catalog;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Jobs;

/// <summary>How a job's failure is told: what happened, and what a person should do.</summary>
/// <param name="Pause">Why the job only pauses; null when it has failed.</param>
public sealed record Failure(string Cause, string Remedy, PauseReason? Pause = null)
{
    /// <summary>Null for what is no failure of the job: a lost lease (another worker has it), a catalog that is away (the job goes on later) and cancellation.</summary>
    public static Failure? Explain(Exception exception) => exception switch
    {
        LostLeaseException or CatalogUnreachableException => null,
        OperationCanceledException => null,
        AggregateException { InnerExceptions: [var only] } => Explain(only),
        SalesforceException e => new Failure(e.Message, e.Remedy, e.OutOfQuota ? PauseReason.Quota : e.NeedsReconnect ? PauseReason.Token : null),
        DiskReserveException e => new Failure(e.Message, e.Remedy, PauseReason.Disk),
        VaultException e => new Failure(e.Message, e.Remedy, e.DiskFull ? PauseReason.Disk : e.Kind is Appliance.Vault.FailureKind.Permanent ? null : PauseReason.Storage),
        EngineException e => new Failure(e.Message, e.Remedy),
        CatalogException e => new Failure(e.Message, e.Remedy),
        _ => new Failure(
            $"The job stopped on an unexpected error ({exception.GetType().Name}).",
            "Start the job again: it goes on where it stopped. If it fails again, send a support bundle; the server's log has the details."),
    };
}
