using Appliance.Vault;

namespace Engine.Tests.Completeness;

/// <summary>A snapshot held against the simulator's own dump, value by value; nothing of the engine's own proof is used.</summary>
internal static class Truth
{
    /// <summary>Stamped by looking, or told in another form than the API's: no matter of completeness.</summary>
    private static readonly HashSet<string> NotCompared = ["LastViewedDate", "LastReferencedDate", "VersionData", "Body", "attributes"];

    /// <summary>What the snapshot lacks, has too much, or has otherwise than the org.</summary>
    public static async Task<List<string>> DifferencesAsync(TestOrg org, SnapshotManifest manifest) =>
        await DifferencesAsync(org, manifest, [await org.DumpAsync()], _ => true);

    /// <summary>
    /// The same of an org that moved meanwhile: a record is right as it stood at any one of the moments, and what stood at all of them must be held.
    /// </summary>
    /// <param name="of">Objects that are compared.</param>
    public static async Task<List<string>> DifferencesAsync(
        TestOrg org, SnapshotManifest manifest, IReadOnlyList<SortedDictionary<string, Dictionary<string, string>>> moments, Func<string, bool> of)
    {
        var found = new List<string>();
        var held = new HashSet<string>(StringComparer.Ordinal);
        await using var vault = await org.OpenVaultAsync();
        var reader = vault.Open(manifest);
        foreach (var entry in manifest.Objects.Where(o => of(o.Name)))
            await foreach (var record in reader.ReadAsync(entry.Name, null, includeDeleted: false, default))
            {
                var key = $"{entry.Name}/{record.Id}";
                held.Add(key);
                var wrong = moments.Reverse().Where(m => m.ContainsKey(key)).Select(m => Wrong(record, key, m[key])).ToList();
                if (wrong.Count == 0) found.Add($"{key} is not in the org");
                else if (!wrong.Any(w => w.Count == 0)) found.AddRange(wrong[0]);
            }
        found.AddRange(moments[0].Keys.Where(k => of(k[..k.IndexOf('/', StringComparison.Ordinal)]) && !held.Contains(k) && moments.All(m => m.ContainsKey(k))).Select(k => $"{k} is not held"));
        return found;
    }

    private static List<string> Wrong(StoredRecord record, string key, Dictionary<string, string> told) =>
        [.. told.Where(f => record.Columns.Contains(f.Key) && !NotCompared.Contains(f.Key) && Told(f.Value) != (record[f.Key] ?? "")).Select(f => $"{key}.{f.Key}: the org says '{f.Value}', the snapshot '{record[f.Key]}'")];

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
