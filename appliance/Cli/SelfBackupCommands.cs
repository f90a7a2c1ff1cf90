using System.CommandLine;
using System.Globalization;
using Appliance.Catalog;
using Appliance.Engine.SelfBackups;
using Appliance.Vault;
using Microsoft.Extensions.Logging.Abstractions;

namespace Appliance.Cli;

/// <summary>`appliance recovery-key`, `backup-self` and `restore-self` (docs/self-backup.md).</summary>
internal static class SelfBackupCommands
{
    public static Command RecoveryKeyCommand(Screen screen)
    {
        var newFile = new Option<string?>("--new") { Description = "Makes a key and writes it to this file, which must not exist. Keep it outside this machine." };
        var passphrase = new Option<string?>("--passphrase") { Description = "Takes the first line of this file as the key." };
        var env = ServerEnvironment.File();
        var command = new Command("recovery-key", "Makes the key that self-backups open with; the appliance keeps its public half only.") { newFile, passphrase, env };
        command.Validators.Add(given =>
        {
            if ((given.GetValue(newFile) is null) == (given.GetValue(passphrase) is null)) given.AddError("Say either --new FILE or --passphrase FILE.");
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var backups = new SelfBackups(ServerEnvironment.Read(parsed.GetValue(env)), screen.Time);
            var path = parsed.GetValue(newFile);
            using var key = path is null ? RecoveryKey.Named($"passphrase:{parsed.GetValue(passphrase)}") : NewFile(path);
            var half = await backups.UseAsync(key, cancellationToken);
            await screen.Output.WriteLineAsync($"Self-backups open with {(path is null ? "this passphrase" : path)} from now on (recovery key {half.Id}). Keep it outside this machine: without it they are of no use.");
            return ApplianceCommands.Well;
        });
        return command;
    }

    public static Command BackupCommand(Screen screen)
    {
        var env = ServerEnvironment.File();
        var command = new Command("backup-self", "Writes the appliance's own backup (catalog, settings, keys; encrypted) into its storage.") { env };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var place = ServerEnvironment.Read(parsed.GetValue(env));
            await using var db = CatalogDatabase.Attach(place.ConnectionString);
            var taken = await new SelfBackups(place, screen.Time).TakeAsync(db, cancellationToken);
            await screen.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{SelfBackups.Folder}/{taken.Backup.Name}: {taken.Rows.Tables} tables, {taken.Rows.Rows} rows, {taken.Bytes} bytes{(taken.Removed > 0 ? $"; {taken.Removed} older ones removed" : "")}"));
            return ApplianceCommands.Well;
        });
        return command;
    }

    public static Command RestoreCommand(Screen screen)
    {
        var from = new Option<string>("--from") { Description = "The storage of the lost appliance: its Storage:Root, a folder or s3://…", Required = true };
        var key = new Option<string?>("--recovery-key") { Description = "The recovery key's file, or passphrase:FILE." };
        var list = new Option<bool>("--list") { Description = "Only lists the self-backups in the storage; needs no key." };
        var backup = new Option<string?>("--backup") { Description = "Name of the self-backup; the newest when not given." };
        var replace = new Option<bool>("--replace-keys") { Description = "Keys that stand in the keys folder already are put aside, not refused." };
        var unsigned = new Option<bool>("--unsigned") { Description = "Also takes a self-backup of the first format, which anybody who may write to the storage could have put there." };
        var env = ServerEnvironment.File();
        var command = new Command("restore-self", "Makes an empty appliance the one that a self-backup was taken of. Exit code: 0 restored, 1 restored but something needs a look, 2 nothing was done.")
        {
            from, key, list, backup, replace, unsigned, env,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var storage = parsed.GetRequiredValue(from);
            if (parsed.GetValue(list)) return await ListAsync(screen, storage, cancellationToken);
            if (parsed.GetValue(key) is not { } named) throw new VaultException(FailureKind.Operator, "No recovery key was given.", "Say --recovery-key FILE, or passphrase:FILE.");
            using var recovery = RecoveryKey.Named(named);
            var order = new SelfRestoreOrder(storage, parsed.GetValue(backup), parsed.GetValue(replace), parsed.GetValue(unsigned));
            var restored = await new SelfRestore(ServerEnvironment.Read(parsed.GetValue(env)), screen.Time, NullLoggerFactory.Instance).RunAsync(order, recovery, cancellationToken);
            foreach (var line in Report(restored)) await screen.Output.WriteLineAsync(line);
            return restored.Orgs.Any(o => !o.Problems.IsEmpty || o.Token == TokenState.Broken) ? ApplianceCommands.Findings : ApplianceCommands.Well;
        });
        return command;
    }

    private static async Task<int> ListAsync(Screen screen, string storage, CancellationToken cancellationToken)
    {
        var store = BlobStores.Open(storage, SelfBackups.Folder, screen.Time);
        foreach (var backup in await SelfBackups.ListAsync(store, cancellationToken))
        {
            await using var content = await store.OpenReadAsync(backup.Name, cancellationToken);
            var header = await SealedDocument.ReadHeaderAsync(content, cancellationToken);
            await screen.Output.WriteLineAsync($"{backup.Name}  version {header.ApplianceVersion}  recovery key {header.Recovery.Id} ({header.Recovery.Kind}){(header.Signed ? "" : ", not signed")}");
        }
        return ApplianceCommands.Well;
    }

    private static IEnumerable<string> Report(SelfRestored restored)
    {
        var header = restored.Contents.Header;
        yield return string.Create(CultureInfo.InvariantCulture,
            $"Restored from {restored.Backup.Name} (version {header.ApplianceVersion}, {header.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC): {restored.Users} users, {restored.Orgs.Length} orgs, {restored.Loaded.Rows} rows in {restored.Loaded.Tables} tables.");
        if (!restored.Loaded.LeftOut.IsEmpty) yield return $"Left out, for only a newer release knows it, which was gone back from before this self-backup was taken: {string.Join(", ", restored.Loaded.LeftOut)}.";
        yield return $"Keys: {string.Join(", ", restored.Contents.Keys.Keys.Order(StringComparer.Ordinal))}.";
        foreach (var org in restored.Orgs)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{org.Name} ({org.SalesforceOrgId}): {org.InCatalog} snapshots{(org.InVault is { } held ? $", {held} in its vault" : "")}");
            if (org.Taken > 0) yield return string.Create(CultureInfo.InvariantCulture, $"    {org.Taken} snapshots newer than the self-backup were taken over from its vault.");
            if (org.Token == TokenState.Broken) yield return "    Its token was no longer valid: connect the org again.";
            foreach (var problem in org.Problems) yield return $"    {problem}";
        }
        yield return "The settings of the lost appliance (those of this machine hold):";
        foreach (var (name, value) in restored.Contents.Settings) yield return $"    {name} = {value}";
        yield return "Start the server and sign in as before. Jobs that had not ended are shown as aborted.";
    }

    private static RecoveryKey NewFile(string path)
    {
        var key = RecoveryKey.New(out var text);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Write(System.Text.Encoding.UTF8.GetBytes(text + "\n"));
        file.Flush(flushToDisk: true);      // before its public half is in force
        return key;
    }
}
