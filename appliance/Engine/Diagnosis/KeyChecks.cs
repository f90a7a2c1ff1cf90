using Appliance.Catalog;

namespace Appliance.Engine.Diagnosis;

internal static class KeyChecks
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static IEnumerable<Finding> Look(AppliancePlace place, CatalogDiagnosis? catalog)
    {
        var findings = new List<Finding>();
        if (!Directory.Exists(place.KeysDirectory))
            return [Finding.Error("keys", $"The keys folder {place.KeysDirectory} is not there.", "Mount it, or correct Keys:Directory; on a new machine the first start makes it, and restore-self brings it back.")];
        Modes(place.KeysDirectory, new DirectoryInfo(place.KeysDirectory).UnixFileMode, "0700");
        foreach (var (path, what) in new[]
                 {
                     (place.SecretsKeyFile, "the key of the tokens in the catalog"), (place.MasterKeyFile, "the key that opens the vaults"), (place.PassphraseFile, "the passphrase that opens the vaults"),
                 })
        {
            if (path is null) continue;
            if (File.Exists(path)) Modes(path, new FileInfo(path).UnixFileMode, "0600");
            else findings.Add(Finding.Error("keys", $"{path} is missing: {what}.", "Put it back from your copy, or restore the appliance from its self-backup."));
        }
        if (findings.Count == 0) findings.Add(Finding.Well("keys", $"All keys are in {place.KeysDirectory}, for the owner alone."));
        if (catalog is { Orgs: [var first, ..] } && File.Exists(place.SecretsKeyFile))
        {
            try
            {
                SecretBox.FromFile(place.SecretsKeyFile).Open(first.AccessToken, "orgs", "access_token", first.Id);
            }
            catch (CatalogException e)
            {
                findings.Add(Finding.Error("keys", e.Message, e.Remedy));
            }
        }
        return findings;

        void Modes(string path, UnixFileMode mode, string wanted)
        {
            if (!OperatingSystem.IsWindows() && (mode & Others) != 0)
                findings.Add(Finding.Warning("keys", $"{path} is open to others than its owner.", $"chmod {wanted} {path}"));
        }
    }
}
