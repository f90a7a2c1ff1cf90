using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Xml;
using Appliance.Vault;

namespace Appliance.Cli;

/// <summary>The metadata of a snapshot: as a list, one file of it, and as a package in metadata format with its package.xml.</summary>
internal static class MetadataText
{
    private const string Api = "http://soap.sforce.com/2006/04/metadata";

    public static async Task<int> WriteListAsync(Screen screen, OrgVault vault, SnapshotManifest manifest, bool json, CancellationToken cancellationToken)
    {
        if (!json) await screen.Output.WriteAsync("Path,Type,FullName,ComponentId,LastModifiedDate,Length,Sha256\n");
        await foreach (var file in vault.ReadMetadataAsync(manifest, cancellationToken))
            await screen.Output.WriteAsync(json ? Json(file) : string.Join(',', ((string[])[file.Path, file.Type, file.FullName, file.ComponentId, file.LastModifiedDate,
                file.Content.Length.ToString(CultureInfo.InvariantCulture), file.Content.Sha256]).Select(RecordText.Quoted)) + "\n");
        if (manifest.Metadata is not null) return ApplianceCommands.Well;
        await screen.Error.WriteLineAsync($"Snapshot {manifest.SnapshotId} holds no metadata.");
        return ApplianceCommands.OperatorError;
    }

    public static async Task<int> WriteFileAsync(Screen screen, OrgVault vault, SnapshotManifest manifest, string path, CancellationToken cancellationToken)
    {
        if (await vault.ReadMetadataAsync(manifest, cancellationToken).FirstOrDefaultAsync(f => f.Path == path, cancellationToken) is not { } file)
        {
            await screen.Error.WriteLineAsync($"Snapshot {manifest.SnapshotId} holds no metadata file {path}.");
            return ApplianceCommands.OperatorError;
        }
        using var text = new StreamReader(await vault.OpenFileAsync(file.Content, cancellationToken), new UTF8Encoding(false));
        await screen.Output.WriteAsync(await text.ReadToEndAsync(cancellationToken));
        return ApplianceCommands.Well;
    }

    /// <summary>Writes the files and a package.xml that names their components: a folder for `sf project deploy start --metadata-dir`.</summary>
    public static async Task<int> ExportAsync(Screen screen, OrgVault vault, SnapshotManifest manifest, string target, CancellationToken cancellationToken)
    {
        var components = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        var files = 0L;
        await foreach (var file in vault.ReadMetadataAsync(manifest, cancellationToken))
        {
            // The path was checked when its row was read: it stays in the folder.
            var full = Path.Combine(target, Path.Combine(file.Path.Split('/')));
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            await using (var content = await vault.OpenFileAsync(file.Content, cancellationToken))
            await using (var written = new FileStream(full, FileMode.CreateNew, FileAccess.Write))
                await content.CopyToAsync(written, cancellationToken);
            if (!components.TryGetValue(file.Type, out var names)) components[file.Type] = names = new SortedSet<string>(StringComparer.Ordinal);
            names.Add(file.FullName);
            files++;
        }
        Directory.CreateDirectory(target);
        await using (var package = new FileStream(Path.Combine(target, "package.xml"), FileMode.CreateNew, FileAccess.Write)) WritePackage(package, components, manifest.Metadata!.ApiVersion);
        await screen.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"metadata: {components.Values.Sum(n => n.Count)} components, {files} files"));
        return ApplianceCommands.Well;
    }

    private static void WritePackage(Stream package, SortedDictionary<string, SortedSet<string>> components, string version)
    {
        using var xml = XmlWriter.Create(package, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true, IndentChars = "    ", NewLineChars = "\n" });
        xml.WriteStartElement("Package", Api);
        foreach (var (type, names) in components)
        {
            xml.WriteStartElement("types", Api);
            foreach (var name in names) xml.WriteElementString("members", Api, name);
            xml.WriteElementString("name", Api, type);
            xml.WriteEndElement();
        }
        xml.WriteElementString("version", Api, version);
        xml.WriteEndElement();
    }

    private static string Json(MetadataFile file)
    {
        using var buffer = new MemoryStream();
        using (var line = new Utf8JsonWriter(buffer))
        {
            line.WriteStartObject();
            line.WriteString("path", file.Path);
            line.WriteString("type", file.Type);
            line.WriteString("fullName", file.FullName);
            line.WriteString("componentId", file.ComponentId);
            line.WriteString("lastModifiedDate", file.LastModifiedDate);
            line.WriteNumber("length", file.Content.Length);
            line.WriteString("sha256", file.Content.Sha256);
            line.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length) + "\n";
    }
}
