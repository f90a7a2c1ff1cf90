using System.Globalization;
using System.Text;
using System.Text.Json;
using Appliance.Vault;

namespace Appliance.Cli;

/// <summary>`appliance verify --certificate`: counts the stored rows of a snapshot again and holds them against its certificate of completeness.</summary>
internal static class CertificateReport
{
    public static async Task<int> RunAsync(Screen screen, string place, string? keyName, string? snapshot, bool json, CancellationToken cancellationToken)
    {
        using var key = VaultOptions.ReadKey(keyName);
        await using var vault = await OrgVault.OpenAsync(VaultOptions.Store(place, screen.Time), key, screen.Time, cancellationToken);
        var manifest = await VaultOptions.ManifestAsync(vault, snapshot, cancellationToken);
        var certificate = await vault.ReadCertificateAsync(manifest, cancellationToken)
            ?? throw new VaultException(FailureKind.Operator, $"Snapshot {manifest.SnapshotId} has no certificate: an older release took it.", "Take a new backup; it will have one.");
        var findings = new List<CertificateFinding>();
        await foreach (var finding in vault.CheckCertificateAsync(manifest, certificate, cancellationToken)) findings.Add(finding);
        await (json ? WriteJsonAsync(screen.Output, certificate, findings) : WriteTextAsync(screen.Output, certificate, findings, signed: key is not null));
        return findings.Count > 0 ? ApplianceCommands.Findings : certificate.Complete ? ApplianceCommands.Well : ApplianceCommands.Gaps;
    }

    private static async Task WriteTextAsync(TextWriter output, CompletenessCertificate certificate, List<CertificateFinding> findings, bool signed)
    {
        foreach (var finding in findings) await output.WriteLineAsync($"wrong  {finding.Object ?? "the certificate"}: {finding.What}");
        foreach (var gap in certificate.Gaps) await WriteGapAsync(output, "the org", gap);
        foreach (var certified in certificate.Objects)
            foreach (var gap in certified.Gaps) await WriteGapAsync(output, certified.Name, gap);
        foreach (var gap in certificate.Metadata?.Gaps ?? []) await WriteGapAsync(output, "metadata", gap);
        var rows = certificate.Objects.Sum(o => o.HeldLive);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"Snapshot {certificate.SnapshotId} of {certificate.StartedAt.UtcDateTime:u}: {certificate.Objects.Length} objects, {rows} rows counted again, {certificate.Skipped.Length} objects left out on purpose."));
        if (certificate.Metadata is { } metadata)
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"Metadata of {metadata.ReadAt.UtcDateTime:u}: {metadata.Types.Sum(t => t.Held)} components of {metadata.Types.Length} types counted again."));
        await output.WriteLineAsync(findings.Count > 0 ? "The certificate does not fit what is stored."
            : (certificate.Complete ? "The certificate holds: nothing was missing." : "The certificate holds, and it names what was missing.")
                + (signed ? "" : " No key was given: its signature was not checked."));
    }

    private static async Task WriteGapAsync(TextWriter output, string where, CompletenessGap gap)
    {
        var range = gap is { After: null, UpTo: null } ? "" : $" (Ids {gap.After ?? "from the first"} to {gap.UpTo ?? "the last"})";
        await output.WriteLineAsync($"gap    {where}: {gap.Text}{range}");
        if (!gap.Ids.IsEmpty) await output.WriteLineAsync($"       {string.Join(' ', gap.Ids)}");
    }

    private static async Task WriteJsonAsync(TextWriter output, CompletenessCertificate certificate, List<CertificateFinding> findings)
    {
        using var buffer = new MemoryStream();
        using (var line = new Utf8JsonWriter(buffer))
        {
            line.WriteStartObject();
            line.WriteString("snapshotId", certificate.SnapshotId);
            line.WriteBoolean("holds", findings.Count == 0);
            line.WriteBoolean("complete", certificate.Complete);
            line.WriteNumber("objects", certificate.Objects.Length);
            line.WriteNumber("rows", certificate.Objects.Sum(o => o.HeldLive));
            line.WriteStartArray("findings");
            foreach (var finding in findings)
            {
                line.WriteStartObject();
                line.WriteString("object", finding.Object);
                line.WriteString("what", finding.What);
                line.WriteEndObject();
            }
            line.WriteEndArray();
            line.WriteStartArray("gaps");
            foreach (var (name, gap) in certificate.Gaps.Select(g => ((string?)null, g)).Concat(certificate.Objects.SelectMany(o => o.Gaps.Select(g => ((string?)o.Name, g))))
                .Concat((certificate.Metadata?.Gaps ?? []).Select(g => ((string?)"metadata", g))))
            {
                line.WriteStartObject();
                line.WriteString("object", name);
                line.WriteString("kind", gap.Kind.ToString());
                line.WriteString("text", gap.Text);
                if (gap.Count is { } count) line.WriteNumber("count", count);
                line.WriteStartArray("ids");
                foreach (var id in gap.Ids) line.WriteStringValue(id);
                line.WriteEndArray();
                line.WriteEndObject();
            }
            line.WriteEndArray();
            line.WriteEndObject();
        }
        await output.WriteLineAsync(Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length));
    }
}
