using Appliance.Catalog;

namespace Appliance.Engine.Diagnosis;

internal static class CatalogChecks
{
    private static readonly TimeSpan s_uneven = TimeSpan.FromSeconds(5), s_wrong = TimeSpan.FromMinutes(1);

    public static IEnumerable<Finding> Look(CatalogDiagnosis catalog, DateTimeOffset before, DateTimeOffset after)
    {
        var (at, newest) = (catalog.Migration, catalog.NewestMigration);
        yield return at == newest ? Finding.Well("catalog", $"It answers ({catalog.ServerVersion}), with all {at} migrations.")
            : at == 0 ? Finding.Warning("catalog", $"It answers ({catalog.ServerVersion}), but holds no tables yet.", "Start the server once: it makes them. Or restore the appliance first (docs/self-backup.md).")
            : at < newest ? Finding.Warning("catalog", $"It answers ({catalog.ServerVersion}), at migration {at} of {newest}.", "Start the server of this version: it brings the tables up to date.")
            : Finding.Error("catalog", $"It is at migration {at}, but this version knows only {newest}: a newer version has run here.", "Use the newer version, or restore the catalog from the dump taken before the upgrade.");
        // The answer came at some moment between the two readings of our clock.
        var skew = catalog.Now < before ? before - catalog.Now : catalog.Now > after ? catalog.Now - after : TimeSpan.Zero;
        var text = FormattableString.Invariant($"The database's clock and this machine's differ by {skew.TotalSeconds:0.#} seconds.");
        yield return skew < s_uneven ? Finding.Well("clock", text)
            : skew < s_wrong ? Finding.Warning("clock", text, "Let both keep time by NTP (timedatectl set-ntp true).")
            : Finding.Error("clock", text, "Let both keep time by NTP (timedatectl set-ntp true): schedules and leases go by these clocks.");
    }
}
