using Appliance.Engine;
using Appliance.Engine.Backups;
using Appliance.Salesforce;
using Appliance.Vault;
using OrgSimulator;
using Xunit;

namespace Engine.Tests.Completeness;

/// <summary>
/// A run under faults, resumed as a job is when its worker or its quota comes back, and held against the org: what stood unchanged in the org
/// from before the run until after it must be in the snapshot exactly, or a gap of the certificate must name it.
/// </summary>
internal static class Ordeal
{
    private const int Resumes = 25;

    /// <param name="dieAt">The process dies at that write of the vault; 0 for never.</param>
    /// <param name="order">Null: a full without a parent, else an incremental.</param>
    /// <param name="meanwhile">Org as it stood after each change that was made under the run; filled while it goes on.</param>
    public static async Task<BackupSummary> RunAsync(
        TestOrg org, Guid? parent, IReadOnlyList<string> trouble, int dieAt = 0, BackupOrder? order = null, IReadOnlyList<SortedDictionary<string, Dictionary<string, string>>>? meanwhile = null)
    {
        var before = await org.DumpAsync();
        var summary = await ResumedAsync(org, order ?? new BackupOrder(parent is null ? SnapshotKind.Full : SnapshotKind.Incremental, parent), trouble, dieAt);
        await AssertTrueAsync(org, summary, [before, .. meanwhile ?? [], await org.DumpAsync()], trouble);
        return summary;
    }

    /// <summary>Runs without faults must end green and equal the org.</summary>
    public static async Task<BackupSummary> CleanAsync(TestOrg org, Guid? parent, string seed)
    {
        var summary = await org.BackupAsync(parent: parent);
        Assert.True(summary.Certificate.Complete, $"{seed}: not green without faults: {Gaps(summary.Certificate)}");
        Assert.Empty((await Truth.DifferencesAsync(org, summary.Manifest)).Select(d => $"{seed}: {d}"));
        Assert.Empty((await Truth.FindingsAsync(org, summary.Manifest)).Select(f => $"{seed}: {f}"));
        return summary;
    }

    public static string Gaps(CompletenessCertificate certificate) =>
        string.Join("; ", certificate.Gaps.Select(g => g.Text).Concat(certificate.Objects.SelectMany(o => o.Gaps.Select(g => $"{o.Name}: {g.Text}"))));

    /// <summary>The next run without faults heals whatever was left and equals the org; only an object that is gone stays a gap.</summary>
    public static async Task HealedAsync(TestOrg org, Guid snapshot, string trouble)
    {
        var next = await org.BackupAsync(parent: snapshot);
        var wrong = await Truth.DifferencesAsync(org, next.Manifest);
        Assert.True(wrong.Count == 0, $"{trouble}: {wrong.Count} differences\n{string.Join('\n', wrong.Take(20))}");
        Assert.Empty((await Truth.FindingsAsync(org, next.Manifest)).Select(f => $"{trouble}: {f}"));
        Assert.Empty(next.Certificate.Objects.SelectMany(o => o.Gaps.Select(g => $"{trouble}: {o.Name}: {g.Text}")));
        Assert.All(next.Certificate.Gaps, g => Assert.Equal(GapKind.NotVisible, g.Kind));
    }

    private static async Task<BackupSummary> ResumedAsync(TestOrg org, BackupOrder order, IReadOnlyList<string> trouble, int dieAt)
    {
        var id = Guid.CreateVersion7();
        if (dieAt > 0)
        {
            var store = org.Store;
            org.Store = new FailingStore(store, dieAt, afterTheDeed: dieAt % 2 == 0);
            await Record.ExceptionAsync(() => org.BackupAsync(order, id));
            org.Store = store;
        }
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await org.BackupAsync(order, id);
            }
            catch (Exception e) when (e is SalesforceException or AggregateException { InnerException: SalesforceException } && attempt < Resumes)
            {
                // A job says why it stopped, and its next attempt goes on with the same snapshot.
            }
            catch (Exception e) when (e is not SalesforceException)
            {
                Assert.Fail($"{string.Join(", ", trouble)}: {e}");
            }
        }
    }

    private static async Task AssertTrueAsync(
        TestOrg org, BackupSummary summary, IReadOnlyList<SortedDictionary<string, Dictionary<string, string>>> moments, IReadOnlyList<string> trouble)
    {
        var told = $"{string.Join(", ", trouble)} [{Gaps(summary.Certificate)}]";
        Assert.Empty((await Truth.FindingsAsync(org, summary.Manifest)).Select(f => $"{told}: {f}"));
        Assert.Equal(summary.Certificate.Complete, summary.Certificate.Gaps.IsEmpty && summary.Certificate.Objects.All(o => o.Gaps.IsEmpty));
        // What a template did not choose is either not there or stands as the parent has it, and the certificate says so.
        var proven = summary.Certificate.Objects.Where(o => o.Method != ProofMethod.Carried).Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var skipped = summary.Certificate.Skipped.Concat(summary.Certificate.Objects.Where(o => o.Method == ProofMethod.Carried).Select(o => new SkippedObject(o.Name, ""))).Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var difference in await Truth.DifferencesAsync(org, summary.Manifest, moments, name => proven.Contains(name) || !skipped.Contains(name)))
        {
            var key = difference.Split(' ')[0];
            var record = key.IndexOf('.', StringComparison.Ordinal) is > 0 and var dot ? key[..dot] : key;
            Assert.True(IsNamed(summary.Certificate, record), $"{told}: {difference}, and no gap names it");
        }
    }

    private static bool IsNamed(CompletenessCertificate certificate, string record)
    {
        var (name, id) = (record[..record.IndexOf('/', StringComparison.Ordinal)], record[(record.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        if (certificate.Objects.FirstOrDefault(o => o.Name == name) is not { } said) return certificate.Gaps.Any(g => g.Text.StartsWith(name + " ", StringComparison.Ordinal));
        return said.Gaps.Any(g => g.Kind == GapKind.NotRead || g.Ids.Any(i => i[..15] == id[..15])
            || (g.Ids.IsEmpty && (g.After is null || string.CompareOrdinal(id, g.After) > 0) && (g.UpTo is null || string.CompareOrdinal(id, g.UpTo) <= 0)));
    }
}
