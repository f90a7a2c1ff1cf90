namespace OrgSimulator.OAuth;

/// <summary>A user signs in at most 3,600 times an hour.</summary>
public sealed class SignInRate
{
    public const int MostAnHour = 3600;
    private readonly Queue<uint> _times = new();

    public bool Take(uint now)
    {
        lock (_times)
        {
            while (_times.TryPeek(out var oldest) && now - oldest >= 3600) _times.Dequeue();
            if (_times.Count >= MostAnHour) return false;
            _times.Enqueue(now);
            return true;
        }
    }
}
