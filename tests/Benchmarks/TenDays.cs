using System.Runtime.CompilerServices;

namespace Benchmarks;

/// <summary>Ten days with one record in a hundred changed: our vault against restic and borg, which are given each day's full CSV.</summary>
internal static class TenDays
{
    private const int Days = 10;

    public static async IAsyncEnumerable<Row> RunAsync(long records, string work, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var org = await SimulatedOrg.StartAsync(records, cancellationToken);
        var peers = new Peers(work);
        var (vault, csv, restic, borg) = (Path.Combine(work, "days"), Path.Combine(work, "csv"), Path.Combine(work, "restic"), Path.Combine(work, "borg"));
        var secrets = new Dictionary<string, string>
        {
            ["RESTIC_PASSWORD"] = "bench", ["RESTIC_REPOSITORY"] = restic, ["BORG_PASSPHRASE"] = "bench", ["BORG_REPO"] = borg,
            ["BORG_BASE_DIR"] = Path.Combine(work, "borg-home"), ["XDG_CACHE_HOME"] = Path.Combine(work, "cache"),
        };
        await Measured.RunAsync(["restic", "init", "-q"], secrets, cancellationToken);
        await Measured.RunAsync(["borg", "init", "-e", "repokey"], secrets, cancellationToken);
        var objects = await Peers.ObjectsAsync(org, cancellationToken);
        Guid? parent = null;
        long firstVault = 0, firstRestic = 0, firstBorg = 0;
        for (var day = 0; day <= Days; day++)
        {
            if (day > 0) await org.ChangeAsync(records / 100, cancellationToken);
            parent = (await BackupProcess.RunAsync(org, vault, parent, cancellationToken)).Report.SnapshotId;
            await peers.PipeAsync(org, objects, csv, raw: true, cancellationToken);
            await Measured.RunAsync(["restic", "backup", "-q", csv], secrets, cancellationToken);
            await Measured.RunAsync(["borg", "create", "-C", "zstd,3", $"::{day}", csv], secrets, cancellationToken);
            if (day == 0) (firstVault, firstRestic, firstBorg) = (BenchVault.Size(vault), BenchVault.Size(restic), BenchVault.Size(borg));
        }
        var (ours, theirs, borgs) = (BenchVault.Size(vault), BenchVault.Size(restic), BenchVault.Size(borg));
        yield return Row.AtLeast($"stored after the full and {Days} days of 1 % changes, {records:N0} records: restic's bytes to ours", Text(ours, firstVault), Text(theirs, firstRestic), (double)theirs / ours, 8);
        yield return Row.AtLeast("the same: borg's (zstd,3) to ours", Text(ours, firstVault), Text(borgs, firstBorg), (double)borgs / ours, 8);
    }

    private static string Text(long all, long first) => $"{Row.Megabytes(all)} (first day {Row.Megabytes(first)})";
}
