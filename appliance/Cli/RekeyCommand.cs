using System.CommandLine;
using Appliance.Vault;

namespace Appliance.Cli;

/// <summary>`appliance rekey`: another master key opens a vault from now on.</summary>
internal static class RekeyCommand
{
    public static Command Create(Screen screen)
    {
        var vault = VaultOptions.Vault();
        var key = new Option<string>("--key") { Description = "What opens the vault now: a key file, passphrase:FILE, or kms:.", Required = true };
        var newKey = new Option<string>("--new-key") { Description = "What shall open it: a key file (made when absent), passphrase:FILE, or kms:KEY.", Required = true };
        var command = new Command("rekey", "Lets another master key open a vault, and the old one no more. Stop the appliance first; only vault.json is rewritten.") { vault, key, newKey };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var store = VaultOptions.Store(parsed.GetRequiredValue(vault), screen.Time);
            using var from = MasterKey.Named(parsed.GetRequiredValue(key));
            await using (await OrgVault.OpenAsync(store, from, screen.Time, cancellationToken)) { }    // a wrong key is refused before a new one is made
            var wanted = parsed.GetRequiredValue(newKey);
            using var to = wanted.Contains(':') || File.Exists(wanted) ? MasterKey.Named(wanted) : MasterKey.CreateFile(wanted);
            await OrgVault.RekeyAsync(store, from, to, cancellationToken);
            await screen.Output.WriteLineAsync($"The vault opens with {wanted} now. Keep a copy of that key outside this machine; keep the old one as long as there are old copies of vault.json.");
            return ApplianceCommands.Well;
        });
        return command;
    }
}
