using Appliance.Catalog;
using Appliance.Salesforce;

namespace Appliance.Engine.Jobs;

/// <summary>A job that paused for quota looks whether some is back: with one call, before it does anything else.</summary>
internal static class QuotaWait
{
    private const int CallsToGetOn = 5;

    /// <param name="pauses">Pauses in a row so far.</param>
    public static TimeSpan Next(int pauses, EngineOptions options) =>
        pauses >= 30 ? options.QuotaLookMost : TimeSpan.FromTicks(Math.Min(options.QuotaLookMost.Ticks, options.QuotaLookFirst.Ticks << Math.Max(0, pauses)));

    /// <exception cref="SalesforceException">There is no quota, or too little to get on.</exception>
    public static async Task CheckAsync(Org org, LeasedJob job, CancellationToken cancellationToken)
    {
        try
        {
            await org.LimitsAsync(cancellationToken);
        }
        catch (SalesforceException e) when (e is { Kind: FailureKind.Permanent } or { Kind: FailureKind.Operator, OutOfQuota: false, NeedsReconnect: false })
        {
            // The user may not see the limits; every answer tells the calls.
        }
        // What a resumed run spends before it gets on must be there, and a little more: else it would use up in looks what it waits for.
        org.Budget.Require(job.Pauses == 0 ? 1 : job.CallsToBegin + CallsToGetOn, bulk: job.Pauses > 0);
    }
}
