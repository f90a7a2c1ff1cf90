using System.Text.RegularExpressions;
using Appliance.Engine.Adoption;
using Appliance.Engine.Backups;
using Appliance.Engine.Jobs;
using Appliance.Engine.Restores;
using Appliance.Engine.Verification;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Engine.Tests.Formats;

/// <summary>A small vault with a file of every kind that the engine writes: what a life of backups, restores, removals and verification leaves, and what unfinished ones leave.</summary>
internal static partial class VaultWithEverything
{
    private static readonly BackupChoice s_choice = new([.. new[] { "Account", "Contact", "ContentVersion", "Skill__c" }.Select(name => new ChosenObject(name, null, []))]);

    public static async Task WriteAsync(TestOrg org)
    {
        org.Options = org.Options with { RestRows = 20, SegmentFlushBytes = 4_000 };
        var purged = org.Create("Contact", 2, ("LastName", i => $"Purged {i}"));
        var full = (await org.BackupAsync(new BackupOrder(SnapshotKind.Full, null, Choice: s_choice))).Manifest;
        org.Purge(purged);
        await org.DamageAsync(changePercent: 20, deleteParents: 1);
        var second = (await org.BackupAsync(new BackupOrder(SnapshotKind.Incremental, full.SnapshotId, Sync: true, s_choice))).Manifest;

        var planId = Guid.CreateVersion7();
        await org.BackupAsync(new BackupOrder(SnapshotKind.Incremental, second.SnapshotId, Choice: s_choice), planId);
        await using (var vault = await org.OpenVaultAsync())
        {
            var planning = new RestorePlanning(org.Connect(), vault, new JobProgress(), org.Options, TimeProvider.System);
            var plan = await planning.PlanAsync(planId, Guid.Empty, new RestoreScope { SnapshotId = full.SnapshotId, Objects = ["Account", "Contact"] }, default);
            await org.RestoreAsync(plan);
        }

        var store = org.Store;
        org.Store = new FailingStore(store, 8, afterTheDeed: true);
        await Xunit.Record.ExceptionAsync(() => org.BackupAsync(new BackupOrder(SnapshotKind.Incremental, second.SnapshotId, Choice: s_choice)));
        org.Store = store;

        await using var last = await org.OpenVaultAsync();
        await new OrgCard("Acme", new Uri("https://login.salesforce.com"), new Uri("https://acme.my.salesforce.com"), "client").WriteAsync(last, default);
        await new SweepRun(last, new JobProgress(), org.Options, TimeProvider.System).RunAsync(10_000, new Nobody(), default);
        await last.BeginPruneAsync(await last.ListPruneAsync([second.SnapshotId], default), default);
    }

    /// <summary>The kind of a stored file: its name with ids, hashes, numbers and names of objects left out.</summary>
    public static string KindOf(string name) => Digits().Replace(Ids().Replace(Objects().Replace(name, "$1<object>$2"), "<id>"), "<n>").Replace(".enc", "", StringComparison.Ordinal);

    [GeneratedRegex("^(segments/|documents/runs/[0-9a-f]+/objects/)[A-Za-z0-9_]+(/|[.])")]
    private static partial Regex Objects();

    [GeneratedRegex("[0-9a-f]{64}|[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32}|(?<=[.])[0-9a-f]{16}(?=[.]keys)|(?<=files/)[0-9a-f]{2}")]
    private static partial Regex Ids();

    [GeneratedRegex("[0-9]{5}(-[a-z0-9-]+)?")]
    private static partial Regex Digits();

    private sealed class Nobody : IProgress<string>
    {
        public void Report(string value)
        {
        }
    }
}
