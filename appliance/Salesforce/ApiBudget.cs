namespace Appliance.Salesforce;

/// <summary>Percent of the org's daily quotas that may be used up, by whomever, before our calls are held back; 1–100.</summary>
public sealed record ApiCeilings(int RestPercent, int BulkPercent);

/// <summary>One daily quota as it stands: used by all clients of the org.</summary>
/// <param name="Allowed">The ceiling, in calls or jobs.</param>
public sealed record QuotaUse(long Used, long Max, long Allowed)
{
    public long Left => Math.Max(0, Allowed - Used);
}

/// <summary>
/// Holds calls back before they would cross the org's ceilings. What is used is known from the newest answer; calls that are under way count as
/// used, and a few are kept back for those of other processes of ours and for looking at the limits, so that several jobs together do not cross
/// the ceiling either. Other apps may use more between two of our calls: the next answer tells, and then there are no further ones.
/// </summary>
public sealed class ApiBudget(TimeProvider time)
{
    private static readonly TimeSpan KnownFor = TimeSpan.FromMinutes(15);
    private readonly Lock _lock = new();
    private long _sent, _underWay, _knownSince, _toldAt;
    private (long Used, long Max)? _rest;

    /// <summary>Null lets every call through.</summary>
    public ApiCeilings? Ceilings { get; set; }

    internal BulkQuota Queries { get; } = new(time);

    internal BulkQuota Ingests { get; } = new(time);

    /// <summary>Null until the org told.</summary>
    public QuotaUse? Rest
    {
        get
        {
            lock (_lock)
                return _rest is var (used, max) ? new(used + _underWay, max, AllowedOf(max, Ceilings?.RestPercent)) : null;
        }
    }

    /// <summary>Bulk query jobs; null until the org told.</summary>
    public QuotaUse? BulkQueries => Queries.Use(Ceilings?.BulkPercent);

    /// <summary>Calls that may still be made; null when nothing is known or nothing is held back.</summary>
    public long? RestLeft => Ceilings is null || Rest is not { } rest ? null : Math.Max(0, rest.Left - KeptBack(rest.Allowed));

    /// <summary>Whether so many rows may be read by REST, because the Bulk API is used up, without spending more than a quarter of the calls that are left.</summary>
    public bool AffordsByRest(long rows) => RestLeft is { } left && rows / 2_000 + 1 <= left / 4;

    /// <summary>Of the last calls below a ceiling, so many are left to looks and to other processes.</summary>
    internal static long KeptBack(long allowed) => Math.Min(30, allowed / 20);

    internal static long AllowedOf(long max, int? percent) => max * (percent ?? 100) / 100;

    /// <summary>Counts a call as under way.</summary>
    /// <param name="look">It asks for the limits: how else would a paused job learn that it may go on.</param>
    /// <exception cref="SalesforceException">It would cross the ceiling.</exception>
    internal long Enter(string what, bool look)
    {
        lock (_lock)
        {
            var known = _underWay > 0 || time.GetElapsedTime(_toldAt) < KnownFor;       // else this call finds out
            if (!look && known && Ceilings is { } ceilings && _rest is var (used, max))
            {
                var allowed = AllowedOf(max, ceilings.RestPercent);
                if (used + _underWay + 1 > allowed - KeptBack(allowed)) throw RestReached(what, used + _underWay, max, ceilings.RestPercent);
            }
            _underWay++;
            return ++_sent;
        }
    }

    /// <param name="ticket">As <see cref="Enter"/> gave it.</param>
    /// <param name="told">What the answer said of the quota.</param>
    internal void Answered(long ticket, (long Used, long Max)? told)
    {
        lock (_lock)
        {
            _underWay--;
            if (told is not var (used, max))
            {
                if (_rest is var (known, most)) _rest = (known + 1, most);      // SOAP tells nothing, and counts
                return;
            }
            _toldAt = time.GetTimestamp();
            // Answers overtake each other: one to a call that was sent before the newest answer came may raise the count and not lower it.
            if (ticket > _knownSince) (_rest, _knownSince) = ((used, max), _sent);
            else _rest = (Math.Max(used, _rest?.Used ?? 0), max);
        }
    }

    /// <summary>No answer came: Salesforce may have counted the call.</summary>
    internal void Lost()
    {
        lock (_lock)
        {
            _underWay--;
            if (_rest is var (used, max)) _rest = (used + 1, max);
        }
    }

    internal void Looked(OrgLimits limits)
    {
        Queries.Looked(limits.DailyBulkV2QueryJobs);
        Ingests.Looked(limits.All.GetValueOrDefault("DailyBulkApiBatches"));
    }

    /// <summary>Counts a bulk job that is about to be created.</summary>
    /// <exception cref="SalesforceException">It would cross the ceiling.</exception>
    internal void EnterBulk(BulkQuota quota, string what)
    {
        if (!quota.TryEnter(Ceilings?.BulkPercent)) throw BulkReached(what, quota.Use(Ceilings?.BulkPercent)!, Ceilings!.BulkPercent);
    }

    /// <exception cref="SalesforceException">So many calls would cross the ceiling, or the Bulk API's is reached.</exception>
    public void Require(long calls, bool bulk)
    {
        if (RestLeft is { } left && left < calls) throw RestReached("Going on", Rest!.Used, Rest.Max, Ceilings!.RestPercent);
        if (bulk && Ceilings is { } ceilings && BulkQueries is { Left: 0 } used) throw BulkReached("Going on", used, ceilings.BulkPercent);
    }

    private static SalesforceException RestReached(string what, long used, long max, int percent) => new(FailureKind.Operator,
        $"{what} would cross the ceiling of {percent} % of the org's {max} daily API calls: {used} are used.",
        "Wait until the rolling 24 hours free calls again, raise the ceiling in the org's budget, or reduce other integrations.", SalesforceException.RestCeiling);

    private static SalesforceException BulkReached(string what, QuotaUse use, int percent) => new(FailureKind.Operator,
        $"{what} would cross the ceiling of {percent} % of the org's {use.Max} daily bulk jobs: {use.Used} are used.",
        "Wait until the rolling 24 hours free some of them again, raise the ceiling in the org's budget, or reduce other integrations.", SalesforceException.BulkCeiling);
}
