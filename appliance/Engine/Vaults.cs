using System.Collections.Concurrent;
using Appliance.Catalog;
using Appliance.Vault;

namespace Appliance.Engine;

/// <summary>
/// The vaults of this appliance, one folder (or S3 prefix) per org below the storage root. A vault is made at an org's first backup.
/// </summary>
public sealed class Vaults(EngineOptions options, MasterKey masterKey, TimeProvider time) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(Guid Org, string Vault), OrgVault> _open = new();
    private readonly SemaphoreSlim _opening = new(1, 1);

    /// <exception cref="EngineException">The org has no vault yet.</exception>
    public async Task<OrgVault> OpenAsync(OrgRow org, CancellationToken cancellationToken) =>
        await FindAsync(org, create: false, cancellationToken)
        ?? throw new EngineException($"{org.Name} has no backup yet.", "Run a backup of this org first.");

    /// <summary>Null while the org has no backup.</summary>
    public Task<OrgVault?> FindAsync(OrgRow org, CancellationToken cancellationToken) => FindAsync(org, create: false, cancellationToken);

    public async Task<OrgVault> OpenOrCreateAsync(OrgRow org, CancellationToken cancellationToken) =>
        (await FindAsync(org, create: true, cancellationToken))!;

    /// <summary>Destroys everything that is held of an org. Cannot be undone.</summary>
    public async Task DestroyAsync(OrgRow org)
    {
        if (_open.TryRemove(KeyOf(org), out var vault)) await vault.DisposeAsync();
        if (BlobStores.IsS3(options.StorageRoot))
        {
            var store = StoreOf(org);
            await foreach (var name in store.ListAsync("", CancellationToken.None)) await store.DeleteAsync(name, CancellationToken.None);
            return;
        }
        var folder = Path.Combine(options.StorageRoot, org.VaultName);
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var vault in _open.Values) await vault.DisposeAsync();
        _opening.Dispose();
    }

    /// <summary>Names of the vaults in the storage, whether the catalog knows them or not.</summary>
    public Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => BlobStores.ListVaultsAsync(options.StorageRoot, time, cancellationToken);

    /// <summary>Opens a vault by its name, for a look; the caller closes it.</summary>
    /// <exception cref="VaultException">It is damaged, or another master key made it.</exception>
    public Task<OrgVault> OpenAsync(string name, CancellationToken cancellationToken) =>
        OrgVault.OpenAsync(BlobStores.Open(options.StorageRoot, name, time), masterKey, time, cancellationToken);

    // An org may be given another vault while we run (Adoption): the name belongs to the key.
    private static (Guid, string) KeyOf(OrgRow org) => (org.Id, org.VaultName);

    private IBlobStore StoreOf(OrgRow org) => BlobStores.Open(options.StorageRoot, org.VaultName, time);

    private async Task<OrgVault?> FindAsync(OrgRow org, bool create, CancellationToken cancellationToken)
    {
        if (_open.TryGetValue(KeyOf(org), out var open)) return open;
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_open.TryGetValue(KeyOf(org), out open)) return open;
            var store = StoreOf(org);
            if (await store.LengthAsync("vault.json", cancellationToken) is not null)
                return _open[KeyOf(org)] = await OrgVault.OpenAsync(store, masterKey, time, cancellationToken);
            if (!create) return null;
            var description = new VaultDescription(Guid.CreateVersion7(time.GetUtcNow()), org.SalesforceOrgId, !options.Plain);
            return _open[KeyOf(org)] = await OrgVault.CreateAsync(store, description, masterKey, time, cancellationToken);
        }
        finally
        {
            _opening.Release();
        }
    }
}
