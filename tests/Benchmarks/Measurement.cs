using System.Runtime.InteropServices;

namespace Benchmarks;

/// <summary>What one process (with its children) took. The kernel counts, not we.</summary>
/// <param name="Seconds">Wall time.</param>
/// <param name="CpuSeconds">User and system time of all its processes together.</param>
/// <param name="PeakBytes">The largest resident set of any one of its processes.</param>
internal sealed record Measurement(double Seconds, double CpuSeconds, long PeakBytes)
{
    public double PeakMegabytes => PeakBytes / 1e6;
}

/// <summary>getrusage(2).</summary>
internal static partial class ResourceUsage
{
    private const int Children = -1;

    /// <summary>CPU time and largest resident set of the children that this process has waited for.</summary>
    public static (double CpuSeconds, long PeakBytes) OfChildren()
    {
        if (GetResourceUsage(Children, out var usage) != 0) throw new InvalidOperationException($"getrusage failed with error {Marshal.GetLastPInvokeError()}");
        return (Seconds(usage.UserSeconds, usage.UserMicroseconds) + Seconds(usage.SystemSeconds, usage.SystemMicroseconds), usage.MaxResidentKilobytes * 1024);
    }

    private static double Seconds(long seconds, long microseconds) => seconds + microseconds / 1e6;

    [LibraryImport("libc", EntryPoint = "getrusage", SetLastError = true)]
    private static partial int GetResourceUsage(int who, out Usage usage);

    [StructLayout(LayoutKind.Sequential)]
    private struct Usage
    {
        public long UserSeconds, UserMicroseconds, SystemSeconds, SystemMicroseconds, MaxResidentKilobytes;
        private readonly long _a, _b, _c, _d, _e, _f, _g, _h, _i, _j, _k, _l, _m;
    }
}
