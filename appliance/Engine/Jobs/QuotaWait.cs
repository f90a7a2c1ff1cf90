using Appliance.Catalog;
using Appliance.Salesforce;

namespace Appliance.Engine.Jobs;

/// <summary>A job that paused for quota looks whether some is back: with one call, before it does anything else.</summary>
internal static class QuotaWait
{
    private const int CallsToGetOn = 5;

    /// <summary>How long to wait before the next look: twice as long each time.</summary>
    /// <param name="pauses">Pauses in a row so far.</param>
    /// <param name="first">Up to 15 minutes.</param>
    /// <param name="most">At most so long.</param>
    public static TimeSpan Next(int pauses, TimeSpan first, TimeSpan most) =>
        pauses >= 30 ? most : TimeSpan.FromTicks(Math.Min(most.Ticks, first.Ticks << Math.Max(0, pauses)));

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
