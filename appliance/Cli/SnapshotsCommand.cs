using System.CommandLine;
using System.Globalization;
using Appliance.Vault;

namespace Appliance.Cli;

/// <summary>`appliance snapshots`: what can be restored.</summary>
internal static class SnapshotsCommand
{
    public static Command Create(Screen screen)
    {
        var vault = VaultOptions.Vault();
        var key = VaultOptions.Key();
        var command = new Command("snapshots", "Lists the snapshots of a vault, oldest first. Without the key of an encrypted vault only their ids.") { vault, key };
        command.SetAction((parsed, cancellationToken) => RunAsync(screen, parsed.GetRequiredValue(vault), parsed.GetValue(key), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(Screen screen, string place, string? keyName, CancellationToken cancellationToken)
    {
        using var key = VaultOptions.ReadKey(keyName);
        await using var vault = await OrgVault.OpenAsync(VaultOptions.Store(place, screen.Time), key, screen.Time, cancellationToken);
        await foreach (var id in vault.ListSnapshotsAsync(cancellationToken))
        {
            if (vault.Encrypted && key is null)
            {
                await screen.Output.WriteLineAsync(id.ToString());
                continue;
            }
            var snapshot = await vault.ReadManifestAsync(id, cancellationToken);
            await screen.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{id}  {snapshot.CompletedAt:yyyy-MM-ddTHH:mm:ssZ}  {snapshot.Kind}  {snapshot.Objects.Length} objects  {snapshot.Objects.Sum(o => o.LiveRecords)} records{(snapshot.Metadata is { } metadata ? $"  {metadata.Components} components of metadata" : "")}"));
        }
        return ApplianceCommands.Well;
    }
}
