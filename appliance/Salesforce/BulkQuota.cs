namespace Appliance.Salesforce;

/// <summary>
/// The daily number of bulk jobs of one kind. Only the limits tell it, and they may be five minutes old: so what an earlier look said, and our own
/// jobs since then, count until a look is newer than that.
/// </summary>
internal sealed class BulkQuota(TimeProvider time)
{
    private static readonly TimeSpan OldAtMost = TimeSpan.FromMinutes(5);
    private readonly Lock _lock = new();
    private readonly List<(long At, long Used, long CreatedBefore)> _looks = [];
    private long _created;
    private long? _max;

    /// <summary>Others may have used some meanwhile: it is time to look again.</summary>
    public bool Stale
    {
        get
        {
            lock (_lock) return _max is not null && time.GetElapsedTime(_looks[^1].At) > OldAtMost;
        }
    }

    public void Looked(OrgLimit? limit)
    {
        if (limit is null) return;
        lock (_lock)
        {
            _max = limit.Max;
            _looks.Add((time.GetTimestamp(), limit.Max - limit.Remaining, _created));
            while (_looks.Count > 1 && time.GetElapsedTime(_looks[1].At) > OldAtMost) _looks.RemoveAt(0);
        }
    }

    public QuotaUse? Use(int? percent)
    {
        lock (_lock) return _max is { } max ? new(Used, max, ApiBudget.AllowedOf(max, percent)) : null;
    }

    public bool TryEnter(int? percent)
    {
        lock (_lock)
        {
            if (percent is not null && _max is { } max)
            {
                var allowed = ApiBudget.AllowedOf(max, percent);
                if (Used + 1 > allowed - Math.Min(5, allowed / 20)) return false;
            }
            _created++;
            return true;
        }
    }

    private long Used => _looks.Max(look => look.Used + _created - look.CreatedBefore);
}
