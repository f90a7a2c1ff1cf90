using System.Collections.Immutable;
using Appliance.Vault;

namespace Appliance.Engine;

/// <summary>Where an appliance has its things, as its settings say; for what looks after the appliance itself.</summary>
/// <param name="KeysDirectory">master.key, secrets.key, recovery.pub.</param>
/// <param name="MasterKeyName">Keys:Master; null for master.key in the keys folder.</param>
/// <param name="Settings">Every setting that is no secret (<see cref="OpenSettings"/>), by its name.</param>
public sealed record AppliancePlace(string ConnectionString, string StorageRoot, string KeysDirectory, string? MasterKeyName, ImmutableSortedDictionary<string, string> Settings)
{
    /// <summary>The settings that may be shown, by name; what is not named here is a secret.</summary>
    public static readonly ImmutableArray<string> OpenSettings =
    [
        "Storage:Root", "Storage:Plain", "Keys:Directory", "Keys:Master", "Server:PublicUrl", "Server:ProxyNetworks", "Server:Certificate", "Server:Role", "Jobs:LeaseSeconds", "Updates:Url",
        .. typeof(EngineOptions).GetProperties().Select(p => $"Engine:{p.Name}"),
    ];

    public string SecretsKeyFile => Path.Combine(KeysDirectory, "secrets.key");

    public string RecoveryPublicFile => Path.Combine(KeysDirectory, "recovery.pub");

    /// <summary>The key file that opens the vaults; null when it is a passphrase or a key in KMS.</summary>
    public string? MasterKeyFile => MasterKeyName is null ? Path.Combine(KeysDirectory, "master.key") : MasterKeyName.Contains(':', StringComparison.Ordinal) ? null : MasterKeyName;

    /// <summary>The passphrase's file, when that opens the vaults.</summary>
    public string? PassphraseFile => MasterKeyName is { } name && name.StartsWith("passphrase:", StringComparison.Ordinal) ? name["passphrase:".Length..] : null;

    /// <summary>Throws <see cref="VaultException"/> (Operator) when it is not there.</summary>
    public MasterKey OpenMasterKey() => MasterKey.Named(MasterKeyName ?? MasterKeyFile!);

    /// <summary>The settings that may be shown, of all there are.</summary>
    public static ImmutableSortedDictionary<string, string> Open(IEnumerable<KeyValuePair<string, string?>> settings) => settings
        .Where(s => !string.IsNullOrEmpty(s.Value) && OpenSettings.Contains(s.Key, StringComparer.OrdinalIgnoreCase))
        .GroupBy(s => s.Key, StringComparer.OrdinalIgnoreCase)
        .ToImmutableSortedDictionary(s => s.Key, s => s.Last().Value!, StringComparer.OrdinalIgnoreCase);
}
