using System.Text;

namespace Benchmarks;

/// <summary>docs/benchmarks.md.</summary>
internal static class Page
{
    public static string Write(string machine, TimeSpan took, IReadOnlyList<Row> table)
    {
        var page = new StringBuilder();
        page.Append(
            $"""
            # Benchmarks

            The table is written by `tests/Benchmarks/run`, not by hand. Every ratio comes from one run on one machine against the same simulated org; times of other machines cannot be compared.
            CPU time and memory are those that the kernel counted for the command and its children; the simulator runs beside on the same cores.

            {machine}; {took.TotalMinutes:0} minutes in all.

            | what | ours | mark | ratio | goal | met |
            |---|---|---|---|---|---|

            """);
        foreach (var row in table) page.Append($"| {row.What} | {row.Ours} | {row.Mark} | {row.Ratio} | {row.Goal} | {row.Met switch { true => "yes", false => "**no**", null => "" }} |\n");
        return page.ToString();
    }
}
