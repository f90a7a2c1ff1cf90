using System.Globalization;

namespace Benchmarks;

/// <summary>One line of the table: what was compared, the figures, the ratio, and whether the goal was met.</summary>
/// <param name="Ratio">Ours to the mark; what counts.</param>
/// <param name="Goal">As product and issue state it.</param>
/// <param name="Met">Null for lines that only inform.</param>
internal sealed record Row(string What, string Ours, string Mark, string Ratio, string Goal, bool? Met)
{
    public static Row AtMost(string what, string ours, string mark, double ratio, double limit) =>
        new(what, ours, mark, Number(ratio), "≤ " + Number(limit), ratio <= limit);

    public static Row AtLeast(string what, string ours, string mark, double ratio, double limit) =>
        new(what, ours, mark, Number(ratio), "≥ " + Number(limit), ratio >= limit);

    public static string Seconds(double seconds) => Invariant($"{seconds:0.0} s");

    public static string Took(Measurement m) => Invariant($"{m.Seconds:0.0} s (CPU {m.CpuSeconds:0.0} s, {m.PeakMegabytes:0} MB)");

    public static string Megabytes(double bytes) => Invariant($"{bytes / 1e6:0.0} MB");

    public static string Number(double value) => value.ToString(value < 10 ? "0.00" : "0.0", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
