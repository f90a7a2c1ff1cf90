using System.Collections.Immutable;
using Appliance.Catalog;
using Appliance.Engine.Adoption;
using Appliance.Vault;
using Microsoft.Extensions.Logging;

namespace Appliance.Engine.SelfBackups;

/// <summary>What to restore from where.</summary>
/// <param name="Storage">Root of the storage that holds the self-backups and the vaults.</param>
/// <param name="BackupName">Null for the newest.</param>
/// <param name="Unsigned">Also one that anybody who may write to the storage could have put there.</param>
public sealed record SelfRestoreOrder(string Storage, string? BackupName, bool ReplaceKeys, bool Unsigned);

/// <summary>An org as it came back, held against its vault.</summary>
/// <param name="InVault">Snapshots that its vault holds; null when it could not be opened.</param>
/// <param name="Taken">Snapshots that were newer than the self-backup and were taken into the catalog.</param>
public sealed record RestoredOrg(string Name, string SalesforceOrgId, TokenState Token, int InCatalog, int? InVault, int Taken, ImmutableArray<string> Problems);

/// <summary>What a restore did.</summary>
public sealed record SelfRestored(SelfBackup Backup, SelfBackupContents Contents, LoadedRows Loaded, int Users, ImmutableArray<RestoredOrg> Orgs);

/// <summary>Makes an empty appliance the one that a self-backup was taken of.</summary>
public sealed class SelfRestore(AppliancePlace place, TimeProvider time, ILoggerFactory logs)
{
    /// <summary>Nothing is written before the whole file was read and found sound, the catalog is empty, and the keys folder has room.</summary>
    /// <exception cref="EngineException">Refused, with the reason. <see cref="VaultException"/> and <see cref="CatalogException"/> likewise.</exception>
    public async Task<SelfRestored> RunAsync(SelfRestoreOrder order, RecoveryKey key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(order);
        var store = BlobStores.Open(order.Storage, SelfBackups.Folder, time);
        var all = await SelfBackups.ListAsync(store, cancellationToken);
        if (all.Count == 0) throw new EngineException($"{order.Storage} holds no self-backup.", "Give the Storage:Root of the lost appliance: the folder, or s3://…, in which 'self' lies beside the vaults.");
        var backup = order.BackupName is null ? all[0] : all.FirstOrDefault(b => b.Name == order.BackupName)
            ?? throw new EngineException($"There is no self-backup {order.BackupName}.", "--list names those that there are.");
        var file = new SelfBackupFile(store, backup, key);
        var contents = await file.CheckAsync(cancellationToken);
        if (!contents.Header.Signed && !order.Unsigned)
            throw new EngineException($"{backup.Name} is a self-backup of the first format: nothing proves that it was the appliance who wrote it.",
                "If nobody else could write to the storage, say --unsigned. --list names the others.");
        await CatalogLoad.RequireEmptyAsync(place.ConnectionString, cancellationToken);
        KeyFiles.RequireRoom(place.KeysDirectory, contents.Keys, order.ReplaceKeys);

        await KeyFiles.WriteAsync(place.KeysDirectory, contents.Keys, time.GetUtcNow(), cancellationToken);
        var unfinished = ($"The appliance was restored from its own backup of {contents.Header.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC; what this job did afterwards is not known here.",
            "Start it again. A restore goes on in its journal and creates nothing twice.");
        var loaded = await CatalogLoad.RunAsync(
            place.ConnectionString, contents.Header.Migration, contents.Header.Knows, file.LinesAsync(cancellationToken), unfinished, time, logs.CreateLogger("Appliance.Catalog"), cancellationToken);
        await using var db = await CatalogDatabase.OpenAsync(place.ConnectionString, logs.CreateLogger("Appliance.Catalog"), cancellationToken);
        await new AuditLog(db, time).AppendAsync("restore-self", "appliance restored", backup.Name, $"{loaded.Tables} tables, {loaded.Rows} rows", cancellationToken);
        return new SelfRestored(backup, contents, loaded, await new Users(db, time).CountAsync(cancellationToken), await OrgsAsync(db, order, contents, cancellationToken));
    }

    /// <summary>Takes what the vaults hold beyond the self-backup into the catalog, and says what they lack.</summary>
    private async Task<ImmutableArray<RestoredOrg>> OrgsAsync(CatalogDatabase db, SelfRestoreOrder order, SelfBackupContents contents, CancellationToken cancellationToken)
    {
        var orgs = new Orgs(db, SecretBox.FromFile(place.SecretsKeyFile), time);
        var snapshots = new Snapshots(db);
        var kept = new Dictionary<Guid, int>();
        foreach (var org in await orgs.ListAsync(cancellationToken)) kept[org.Id] = (await snapshots.ListAsync(org.Id, cancellationToken)).Count;
        using var master = MasterOf(contents, out var refused);
        IReadOnlyList<AdoptedVault> adopted = [];
        if (master is not null)
        {
            await using var vaults = new Vaults(new EngineOptions { StorageRoot = order.Storage }, master, time);
            adopted = await new VaultAdoption(vaults, orgs, snapshots).RunAsync(cancellationToken);
        }
        var report = ImmutableArray.CreateBuilder<RestoredOrg>();
        foreach (var org in await orgs.ListAsync(cancellationToken))
        {
            var (known, vault) = (kept.TryGetValue(org.Id, out var count), adopted.FirstOrDefault(a => a.Vault == org.VaultName));
            report.Add(new RestoredOrg(org.Name, org.SalesforceOrgId, org.TokenState, count, master is null ? null : vault?.Found ?? 0, vault?.Added ?? 0,
            [
                .. If(refused is not null, refused!),
                .. vault?.Problems ?? [],
                .. If(!known, "It was connected after the self-backup was taken: set its schedules, templates and retention again."),
                .. If(master is not null && vault is null && count > 0, $"Its vault {org.VaultName} is not in the storage: none of its {count} snapshots can be restored."),
                .. If(vault is not null && count > vault.Found - vault.Added, $"{count - vault?.Found + vault?.Added} snapshots of the self-backup are no longer in the vault (removed later, or damaged); they cannot be restored."),
            ]));
        }
        foreach (var vault in adopted.Where(a => a.OrgId is null))
            report.Add(new RestoredOrg(vault.Name ?? $"Vault {vault.Vault}", vault.SalesforceOrgId ?? "?", TokenState.Broken, 0, vault.Found, 0, vault.Problems));
        return report.ToImmutable();

        static string[] If(bool so, string problem) => so ? [problem] : [];
    }

    private MasterKey? MasterOf(SelfBackupContents contents, out string? refused)
    {
        refused = null;
        try
        {
            if (place.MasterKeyName is not null) return place.OpenMasterKey();
            if (contents.Keys.ContainsKey(KeyFiles.Passphrase)) return MasterKey.FromPassphraseFile(Path.Combine(place.KeysDirectory, KeyFiles.Passphrase));
            return contents.Settings.GetValueOrDefault("Keys:Master") is { } named && named.StartsWith("kms:", StringComparison.Ordinal) ? MasterKey.Named(named) : place.OpenMasterKey();
        }
        catch (VaultException e)
        {
            refused = $"{e.Message} {e.Remedy}";
            return null;
        }
    }
}
