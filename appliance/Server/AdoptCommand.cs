using System.Globalization;
using Appliance.Catalog;
using Appliance.Engine.Adoption;

namespace Appliance.Server;

/// <summary><c>Appliance.Server adopt</c>: takes over the vaults of the storage into the catalog, says what it found, and ends (docs/recovery.md).</summary>
internal static class AdoptCommand
{
    private const int Well = 0, WithProblems = 1;

    public static async Task<int> RunAsync(string[] args)
    {
        await using var app = await Program.BuildAsync([.. args, "--Logging:LogLevel:Default", "Warning"]);      // never started: no door is opened, no job is run
        await using var output = new StreamWriter(System.Console.OpenStandardOutput());
        var adopted = await app.Services.GetRequiredService<VaultAdoption>().RunAsync(CancellationToken.None);
        await app.Services.GetRequiredService<AuditLog>().AppendAsync("the adopt command", "vaults adopted", $"{adopted.Count} vaults", Line(adopted), CancellationToken.None);
        foreach (var line in Report(adopted)) await output.WriteLineAsync(line);
        return adopted.Any(a => !a.Problems.IsEmpty) ? WithProblems : Well;
    }

    /// <summary>What a person reads: a line a vault, its problems below it, and what comes next.</summary>
    public static IEnumerable<string> Report(IReadOnlyList<AdoptedVault> adopted)
    {
        if (adopted.Count == 0) yield return "The storage holds no vault. Check Storage:Root.";
        foreach (var vault in adopted)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{vault.Vault}  {vault.Name ?? "?"} ({vault.SalesforceOrgId ?? "unreadable"}): {vault.Found} snapshots, {vault.Added} new to the catalog{(vault.RestorableTo is { } at ? $", restorable to {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "")}");
            foreach (var problem in vault.Problems) yield return $"    {problem}";
        }
        if (adopted.Any(a => a.OrgId is not null))
            yield return "Browsing, export and verification work now. Connect each org again to go on with backups and restores. Schedules, templates, retention, legal holds and users are not in a vault: set them again.";
    }

    public static string Line(IReadOnlyList<AdoptedVault> adopted) => string.Join("; ", adopted.Select(a => $"{a.Vault}: {a.Added} of {a.Found} snapshots"));
}
