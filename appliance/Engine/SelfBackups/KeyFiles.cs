using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Appliance.Vault;

namespace Appliance.Engine.SelfBackups;

/// <summary>The files of the keys folder that a self-backup carries.</summary>
internal static class KeyFiles
{
    public const string Secrets = "secrets.key", Master = "master.key", Passphrase = "master.passphrase", Recovery = "recovery.pub";

    private static readonly string[] s_names = [Secrets, Master, Passphrase, Recovery];

    /// <summary>Those that are there, by the names they are kept under.</summary>
    public static IEnumerable<(string Name, string Path)> Of(AppliancePlace place) =>
        new[] { (Secrets, place.SecretsKeyFile), (Master, place.MasterKeyFile), (Passphrase, place.PassphraseFile), (Recovery, place.RecoveryPublicFile) }
            .Where(f => File.Exists(f.Item2)).Select(f => (f.Item1, f.Item2!));

    public static string Checked(string name) => s_names.Contains(name) ? name
        : throw new VaultException(Vault.FailureKind.Operator, $"The self-backup holds a key '{name}', which this version does not know.", "Install the version that took it, or a newer one.");

    /// <summary>The public half of the recovery key; null when none was made.</summary>
    public static async Task<RecoveryPublic?> ReadRecoveryAsync(AppliancePlace place, CancellationToken cancellationToken)
    {
        if (!File.Exists(place.RecoveryPublicFile)) return null;
        try
        {
            return JsonSerializer.Deserialize<RecoveryPublic>(await File.ReadAllBytesAsync(place.RecoveryPublicFile, cancellationToken), JsonSerializerOptions.Web)
                ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new VaultException(Vault.FailureKind.Operator, $"{place.RecoveryPublicFile} is damaged.", "Make a new recovery key: appliance recovery-key --new FILE.", cause: e);
        }
    }

    /// <summary>Throws <see cref="EngineException"/> when the folder holds another key of one of these names, unless those are to be put aside.</summary>
    public static void RequireRoom(string folder, IReadOnlyDictionary<string, byte[]> keys, bool replace)
    {
        var others = keys.Where(k => Other(Path.Combine(folder, k.Key), k.Value)).Select(k => k.Key).ToList();
        if (others.Count > 0 && !replace)
            throw new EngineException($"The keys folder {folder} holds other keys already ({string.Join(", ", others)}).",
                "Name an empty folder in Keys:Directory, or say --replace-keys: the keys that are there are then kept beside the new ones under another name.");
    }

    /// <summary>Writes the keys (0600, whole or not at all). Other keys of the same names are put aside.</summary>
    public static async Task WriteAsync(string folder, IReadOnlyDictionary<string, byte[]> keys, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var made = Directory.CreateDirectory(folder);
        if (!OperatingSystem.IsWindows()) made.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        foreach (var (name, content) in keys)
        {
            var path = Path.Combine(folder, name);
            if (Other(path, content)) File.Move(path, string.Create(CultureInfo.InvariantCulture, $"{path}.before-{now.UtcDateTime:yyyyMMddTHHmmss}Z"));
            await WriteAsync(path, content, cancellationToken);
        }
    }

    public static async Task WriteAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Delete(path + ".new");
        await using (var file = new FileStream(path + ".new", options))
        {
            await file.WriteAsync(content, cancellationToken);
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".new", path, overwrite: true);
    }

    private static bool Other(string path, byte[] content) => File.Exists(path) && !CryptographicOperations.FixedTimeEquals(File.ReadAllBytes(path), content);
}
