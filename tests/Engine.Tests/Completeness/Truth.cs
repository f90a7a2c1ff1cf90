using Appliance.Vault;

namespace Engine.Tests.Completeness;

/// <summary>A snapshot held against the simulator's own dump, value by value; nothing of the engine's own proof is used.</summary>
internal static class Truth
{
    /// <summary>Stamped by looking, or told in another form than the API's: no matter of completeness.</summary>
    private static readonly HashSet<string> NotCompared = ["LastViewedDate", "LastReferencedDate", "VersionData", "Body", "attributes"];

    /// <summary>What the snapshot lacks, has too much, or has otherwise than the org.</summary>
    public static async Task<List<string>> DifferencesAsync(TestOrg org, SnapshotManifest manifest)
    {
        var truth = await org.DumpAsync();
        var found = new List<string>();
        await using var vault = await org.OpenVaultAsync();
        var reader = vault.Open(manifest);
        foreach (var entry in manifest.Objects)
            await foreach (var record in reader.ReadAsync(entry.Name, null, includeDeleted: false, default))
            {
                if (!truth.Remove($"{entry.Name}/{record.Id}", out var fields)) found.Add($"{entry.Name}/{record.Id} is not in the org");
                else
                    found.AddRange(fields.Where(f => record.Columns.Contains(f.Key) && !NotCompared.Contains(f.Key) && Told(f.Value) != (record[f.Key] ?? ""))
                        .Select(f => $"{entry.Name}/{record.Id}.{f.Key}: the org says '{f.Value}', the snapshot '{record[f.Key]}'"));
            }
        found.AddRange(truth.Keys.Select(k => $"{k} is not held"));
        return found;
    }

    // The dump speaks JSON, the vault Bulk CSV.
    private static string Told(string value) => value is "True" or "False" ? value.ToLowerInvariant() : value.EndsWith("+0000", StringComparison.Ordinal) ? value[..^5] + "Z" : value;

    /// <summary>Where the certificate does not fit the stored rows.</summary>
    public static async Task<List<CertificateFinding>> FindingsAsync(TestOrg org, SnapshotManifest manifest)
    {
        await using var vault = await org.OpenVaultAsync();
        var certificate = await vault.ReadCertificateAsync(manifest, default) ?? throw new InvalidOperationException("no certificate");
        return await vault.CheckCertificateAsync(manifest, certificate, default).ToListAsync();
    }
}
