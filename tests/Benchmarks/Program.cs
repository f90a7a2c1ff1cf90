using System.CommandLine;
using System.Diagnostics;
using Benchmarks;

if (args is [Measured.Verb, var report, .. var command]) return await Measured.WatchAsync(report, command);
if (args is [BackupProcess.Verb, .. var arguments]) return await BackupProcess.MainAsync(arguments);

Option<long> records = new("--records") { Description = "Records of the org that is backed up in full", DefaultValueFactory = _ => 2_000_000 };
Option<long> largest = new("--largest") { Description = "Records of the largest org whose memory is measured; the others have a tenth and a hundredth", DefaultValueFactory = _ => 20_000_000 };
Option<long> days = new("--days") { Description = "Records of the org that changes for ten days", DefaultValueFactory = _ => 400_000 };
Option<int> rows = new("--rows") { Description = "Rows of the object with a hundred snapshots", DefaultValueFactory = _ => 20_000_000 };
Option<string[]> only = new("--only") { Description = "full, incremental, memory, days, history", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => ["full", "incremental", "memory", "days", "history"] };
Option<FileInfo?> write = new("--write") { Description = "Markdown file for the table, such as docs/benchmarks.md" };
Option<DirectoryInfo?> work = new("--work") { Description = "Folder for vaults and dumps, about 25 GB; made, and removed at the end" };
only.AcceptOnlyFromAmong("full", "incremental", "memory", "days", "history");
var root = new RootCommand("Compares backups with peers and limits, all in one run on this machine. Ratios are what counts.") { records, largest, days, rows, only, write, work };
root.SetAction(async (parsed, cancellationToken) =>
{
    var folder = parsed.GetValue(work)?.FullName ?? Directory.CreateTempSubdirectory("benchmarks-").FullName;
    Directory.CreateDirectory(folder);
    var (machine, clock, table) = (Machine.Describe(TimeProvider.System), Stopwatch.StartNew(), new List<Row>());
    try
    {
        var chosen = parsed.GetValue(only)!;
        var size = parsed.GetValue(largest);
        var runs = new (string Name, Func<IAsyncEnumerable<Row>> Run)[]
        {
            ("full", () => FullBackup.RunAsync(parsed.GetValue(records), folder, cancellationToken)),
            ("incremental", () => Incremental.RunAsync(parsed.GetValue(records), folder, cancellationToken)),
            ("memory", () => MemoryBySize.RunAsync([size / 100, size / 10, size], folder, cancellationToken)),
            ("days", () => TenDays.RunAsync(parsed.GetValue(days), folder, cancellationToken)),
            ("history", () => LongHistory.RunAsync(parsed.GetValue(rows), folder, cancellationToken)),
        };
        foreach (var (_, run) in runs.Where(r => chosen.Contains(r.Name)))
            await foreach (var row in run())
            {
                table.Add(row);
                Console.Out.WriteLine($"[{clock.Elapsed:hh\\:mm\\:ss}] {row.What}: {row.Ours}; {row.Mark}; ratio {row.Ratio} ({row.Goal}){(row.Met == false ? "  NOT MET" : "")}");
            }
    }
    catch (BenchmarkFailure failure)
    {
        Console.Error.WriteLine(failure.Message);
        return 1;
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
    if (parsed.GetValue(write) is { } file) await File.WriteAllTextAsync(file.FullName, Page.Write(machine, clock.Elapsed, table), cancellationToken);
    return table.Any(r => r.Met == false) ? 3 : 0;
});
return await root.Parse(args).InvokeAsync();
