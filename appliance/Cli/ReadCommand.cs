using System.CommandLine;
using Appliance.Vault;

namespace Appliance.Cli;

/// <summary>`appliance read`: records of one object, or the org's metadata, as of a snapshot.</summary>
internal static class ReadCommand
{
    public static Command Create(Screen screen)
    {
        var vault = VaultOptions.Vault();
        var key = VaultOptions.Key();
        var snapshot = VaultOptions.Snapshot(required: false);
        var objectName = new Option<string?>("--object") { Description = "API name of the object, such as Account." };
        var metadata = new Option<bool>("--metadata") { Description = "Instead of an object: the list of the org's metadata files." };
        var file = new Option<string?>("--file") { Description = "Instead: the content of one metadata file, such as classes/A.cls." };
        var id = new Option<string?>("--id") { Description = "Only the record with this Id (18 characters, as stored)." };
        var deleted = new Option<bool>("--deleted") { Description = "Deleted records too." };
        var format = new Option<string>("--format") { Description = "csv or jsonl.", DefaultValueFactory = _ => "csv" }.AcceptOnlyFromAmong("csv", "jsonl");
        var command = new Command("read", "Writes records, or metadata, to standard output.") { vault, key, snapshot, objectName, id, deleted, metadata, file, format };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var masterKey = VaultOptions.ReadKey(parsed.GetValue(key));
            await using var open = await OrgVault.OpenAsync(VaultOptions.Store(parsed.GetRequiredValue(vault), screen.Time), masterKey, screen.Time, cancellationToken);
            var manifest = await VaultOptions.ManifestAsync(open, parsed.GetValue(snapshot), cancellationToken);
            if (parsed.GetValue(file) is { } path) return await MetadataText.WriteFileAsync(screen, open, manifest, path, cancellationToken);
            if (parsed.GetValue(metadata)) return await MetadataText.WriteListAsync(screen, open, manifest, parsed.GetValue(format) == "jsonl", cancellationToken);
            var name = parsed.GetValue(objectName) ?? throw new VaultException(FailureKind.Operator, "It is not said what to read.", "Give --object, --metadata or --file.");
            return await WriteAsync(screen, open.Open(manifest), manifest, name, parsed.GetValue(id), parsed.GetValue(deleted),
                parsed.GetValue(format) == "jsonl", cancellationToken);
        });
        return command;
    }

    private static async Task<int> WriteAsync(
        Screen screen, SnapshotReader reader, SnapshotManifest manifest, string objectName, string? id, bool deleted, bool json, CancellationToken cancellationToken)
    {
        if (!manifest.Objects.Any(o => o.Name == objectName))
            throw new VaultException(FailureKind.Operator, $"Snapshot {manifest.SnapshotId} holds no object {objectName}.",
                manifest.Skipped.FirstOrDefault(s => s.Name == objectName) is { } skipped ? $"It was left out: {skipped.Reason}" : "Check the name; it is case-sensitive.");
        var text = new RecordText(await reader.ColumnsAsync(objectName, cancellationToken), json);
        var records = id is null ? reader.ReadAsync(objectName, null, deleted, cancellationToken) : reader.LookupAsync(objectName, [id], cancellationToken);
        await screen.Output.WriteAsync(text.Header);
        var found = 0L;
        await foreach (var record in records)
        {
            found++;
            await screen.Output.WriteAsync(text.Line(record));
        }
        if (id is null || found > 0) return ApplianceCommands.Well;
        await screen.Error.WriteLineAsync($"Snapshot {manifest.SnapshotId} holds no {objectName} with Id {id}.");
        return ApplianceCommands.OperatorError;
    }
}
