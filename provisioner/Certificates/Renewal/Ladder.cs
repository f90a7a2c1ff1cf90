namespace Provisioner.Certificates.Renewal;

/// <summary>How long to wait after failures in a row: 1, 10, 100 minutes, then daily, as Let's Encrypt asks. After thirty daily ones a person has to look: nobody may knock for ever.</summary>
public static class Ladder
{
    /// <summary>From so many failures in a row on, nothing is tried before somebody says so (`certificates renew`).</summary>
    public const int Last = 33;

    private static readonly TimeSpan[] Steps = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(100)];

    /// <param name="failures">In a row, at least one.</param>
    /// <param name="asked">What the authority wants at least.</param>
    /// <returns>Null: no further try.</returns>
    public static TimeSpan? After(int failures, TimeSpan? asked)
    {
        if (failures >= Last) return null;
        var step = failures <= Steps.Length ? Steps[Math.Max(failures, 1) - 1] : TimeSpan.FromDays(1);
        return asked > step ? asked : step;
    }
}
