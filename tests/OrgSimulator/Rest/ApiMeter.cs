namespace OrgSimulator.Rest;

/// <summary>API calls used of the daily quota, as the Sforce-Limit-Info header reports them.</summary>
public sealed class ApiMeter(int max)
{
    private int _used;

    public int Max { get; set; } = max;
    public int Used => Volatile.Read(ref _used);
    public void Count() => Interlocked.Increment(ref _used);
    public override string ToString() => $"api-usage={Used}/{Max}";
}
