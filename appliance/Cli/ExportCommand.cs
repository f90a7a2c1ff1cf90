using System.CommandLine;
using System.Globalization;
using System.Text;
using Appliance.Vault;

namespace Appliance.Cli;

/// <summary>
/// `appliance export`: a snapshot as CSV files, one an object, and the files as they were. A cell that held a file tells its path, as
/// Data Loader wants it. Metadata is a package that `sf project deploy start --metadata-dir` takes.
/// </summary>
internal static class ExportCommand
{
    public static Command Create(Screen screen)
    {
        var vault = VaultOptions.Vault();
        var key = VaultOptions.Key();
        var snapshot = VaultOptions.Snapshot(required: true);
        var to = new Option<DirectoryInfo>("--to") { Description = "Folder to write into; made when absent, and must be empty.", Required = true };
        var deleted = new Option<bool>("--deleted") { Description = "Deleted records too." };
        var only = new Option<bool>("--metadata-only") { Description = "Only the metadata; then the folder itself is the package." };
        var command = new Command("export", "Writes a whole snapshot: <Object>.csv, files/<Object>/…, and metadata/ with its package.xml.") { vault, key, snapshot, to, deleted, only };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var masterKey = VaultOptions.ReadKey(parsed.GetValue(key));
            await using var open = await OrgVault.OpenAsync(VaultOptions.Store(parsed.GetRequiredValue(vault), screen.Time), masterKey, screen.Time, cancellationToken);
            var manifest = await VaultOptions.ManifestAsync(open, parsed.GetValue(snapshot), cancellationToken);
            var target = parsed.GetRequiredValue(to);
            target.Create();
            if (target.EnumerateFileSystemInfos().Any())
                throw new VaultException(FailureKind.Operator, $"{target.FullName} is not empty.", "Give an empty folder; nothing is written over.");
            if (parsed.GetValue(only))
                return manifest.Metadata is null
                    ? throw new VaultException(FailureKind.Operator, $"Snapshot {manifest.SnapshotId} holds no metadata.", "Full and composite backups hold it; choose a snapshot of one, or one after it.")
                    : await MetadataText.ExportAsync(screen, open, manifest, target.FullName, cancellationToken);
            foreach (var entry in manifest.Objects)
                await ExportAsync(screen, open, open.Open(manifest), entry, target.FullName, parsed.GetValue(deleted), cancellationToken);
            if (manifest.Metadata is not null) await MetadataText.ExportAsync(screen, open, manifest, Path.Combine(target.FullName, "metadata"), cancellationToken);
            return ApplianceCommands.Well;
        });
        return command;
    }

    private static async Task ExportAsync(
        Screen screen, OrgVault vault, SnapshotReader reader, ObjectEntry entry, string target, bool deleted, CancellationToken cancellationToken)
    {
        var text = new RecordText(await reader.ColumnsAsync(entry.Name, cancellationToken), json: false);
        await using var csv = new StreamWriter(Path.Combine(target, entry.Name + ".csv"), append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        await csv.WriteAsync(text.Header);
        var (records, files) = (0L, 0L);
        await foreach (var record in reader.ReadAsync(entry.Name, null, deleted, cancellationToken))
        {
            Dictionary<string, string>? paths = null;
            for (var i = 0; i < record.Columns.Count; i++)
            {
                if (!ContentReference.TryParse(record.Utf8(i), out var reference)) continue;
                paths ??= new Dictionary<string, string>(StringComparer.Ordinal);
                paths[record.Columns[i]] = await ExportFileAsync(vault, entry.Name, record, record.Columns[i], reference, target, cancellationToken);
                files++;
            }
            await csv.WriteAsync(text.Line(record, paths));
            records++;
        }
        await screen.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{entry.Name}: {records} records, {files} files"));
    }

    // files/<Object>/<Id>.<column><extension>: Ids are unique, and no name that a user once typed can lead out of the folder.
    private static async Task<string> ExportFileAsync(
        OrgVault vault, string objectName, StoredRecord record, string column, ContentReference reference, string target, CancellationToken cancellationToken)
    {
        var extension = Path.GetExtension(record["PathOnClient"] ?? record["Name"] ?? "");
        if (record["FileExtension"] is { } told) extension = "." + told;
        if (extension.Length is < 2 or > 12 || !extension.Skip(1).All(char.IsAsciiLetterOrDigit)) extension = "";
        var path = $"files/{objectName}/{Safe(record.Id)}.{Safe(column)}{extension}";
        var full = Path.Combine(target, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        await using var content = await vault.OpenFileAsync(reference, cancellationToken);
        await using var file = new FileStream(full, FileMode.CreateNew, FileAccess.Write);
        await content.CopyToAsync(file, cancellationToken);
        return path;

        static string Safe(string text) => string.Concat(text.Where(c => char.IsAsciiLetterOrDigit(c) || c == '_'));
    }
}
