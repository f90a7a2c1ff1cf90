using System.Collections.Immutable;
using System.CommandLine;
using System.Security.Cryptography;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Releases;

namespace Provisioner.Cli;

/// <summary>`provisioner release`: makes, judges and shows the manifest of a release (docs/release.md).</summary>
internal static class ManifestCommands
{
    public static Command Create(Screen screen) => new("release", "The manifest of a release: which images it consists of, to the last byte.") { Make(screen), Check(screen), Text(screen) };

    private static Command Make(Screen screen)
    {
        var version = new Option<string>("--version-of-release", "--version") { Description = "Version of the release.", Required = true };
        var from = new Option<string>("--upgrade-from") { Description = "The oldest version that it may follow on a host.", Required = true };
        var registry = new Option<string?>("--registry") { Description = "Registry with path, as imageRegistry: the images must have been pushed there. Without it the release can only be carried." };
        var image = new Option<string[]>("--image") { Description = "SERVICE=REFERENCE, such as db=registry.example.org/backup/db:8.4.3; instead of the usual name." };
        var sign = new Option<string?>("--sign") { Description = "Private key (PEM, ECDSA P-256) to sign with." };
        var archives = new Option<string?>("--archives") { Description = "Also write the images into this folder, for hosts without a registry." };
        var output = new Option<string>("--output") { Description = "File to write.", Required = true };
        var command = new Command("create", "Reads the images from this machine's Docker engine and writes the manifest.") { version, from, registry, image, sign, archives, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (ReleaseVersion.Parse(parsed.GetRequiredValue(version)) is not { } number || ReleaseVersion.Parse(parsed.GetRequiredValue(from)) is not { } oldest || oldest > number)
                return await FailAsync(screen, "--version and --upgrade-from must be versions such as 1.4.0, the second no later than the first.", ExitCode.NotTried);
            var prefix = parsed.GetValue(registry) is { } host ? host + "/" : "";
            var references = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["app"] = $"{prefix}appliance:{number}", ["certificates"] = $"{prefix}certificates:{number}", ["proxy"] = $"{prefix}proxy:{InstallationPlan.ProxyVersion}", ["db"] = $"{prefix}db:{InstallationPlan.DatabaseVersion}" };
            foreach (var other in parsed.GetValue(image) ?? [])
            {
                if (other.Split('=', 2) is not [var service, var reference] || !references.ContainsKey(service)) return await FailAsync(screen, $"--image {other} is not SERVICE=REFERENCE; services are {string.Join(", ", references.Keys)}.", ExitCode.NotTried);
                references[service] = reference;
            }
            try
            {
                var images = ImmutableSortedDictionary.CreateBuilder<string, ReleaseImage>(StringComparer.Ordinal);
                foreach (var (service, reference) in references) images[service] = await LocalEngine.ReadAsync(reference, parsed.GetValue(registry), cancellationToken);
                var manifest = new ReleaseManifest(number, oldest, images.ToImmutable(), null);
                if (parsed.GetValue(sign) is { } file) manifest = await SignAsync(manifest, file, cancellationToken);
                if (parsed.GetValue(archives) is { } folder)
                {
                    foreach (var carried in images.Values.Select(i => new CarriedImage(i.Name, i.Id, i.Bytes, folder)).Distinct())
                    {
                        var path = Path.Combine(folder, carried.FileName + ".tar.gz");
                        await screen.Error.WriteLineAsync($"writing {path}");
                        if (!File.Exists(path)) await LocalEngine.SaveAsync(carried.Id, path, cancellationToken);
                    }
                }
                await File.WriteAllTextAsync(parsed.GetRequiredValue(output), ReleaseManifest.Parse(manifest.ToJson()).ToJson(), cancellationToken);
                await ShowAsync(screen, manifest, null);
                return ExitCode.Well;
            }
            catch (Exception failure) when (failure is InvalidOperationException or FormatException or CryptographicException or ArgumentException or IOException or UnauthorizedAccessException)
            {
                return await FailAsync(screen, failure.Message, ExitCode.Refused);
            }
        });
        return command;
    }

    private static Command Check(Screen screen)
    {
        var file = new Argument<string>("FILE") { Description = "The manifest." };
        var key = new Option<string?>("--key") { Description = "Public key (PEM, ECDSA P-256) that must have signed it." };
        var command = new Command("check", "Judges a manifest and shows it.") { file, key };
        command.SetAction((parsed, cancellationToken) => ReadAsync(screen, parsed.GetRequiredValue(file), async manifest =>
        {
            if (parsed.GetValue(key) is not { } path) return await ShowAsync(screen, manifest, null);
            using var signer = ReleaseManifest.ReadKey(await File.ReadAllTextAsync(path, cancellationToken));
            if (signer is null) return await FailAsync(screen, $"{path} is no public key on P-256 in PEM.", ExitCode.NotTried);
            return manifest.IsSignedBy(signer) ? await ShowAsync(screen, manifest, path) : await FailAsync(screen, manifest.Signature is null ? "It is not signed." : $"Its signature is not by {path}, or it was changed after it was signed.", ExitCode.Refused);
        }, cancellationToken));
        return command;
    }

    private static Command Text(Screen screen)
    {
        var file = new Argument<string>("FILE") { Description = "The manifest." };
        var command = new Command("text", "Prints the text that is signed.") { file };
        command.SetAction((parsed, cancellationToken) => ReadAsync(screen, parsed.GetRequiredValue(file), async manifest =>
        {
            await screen.Output.WriteAsync(manifest.SignedText);
            return ExitCode.Well;
        }, cancellationToken));
        return command;
    }

    private static async Task<int> ReadAsync(Screen screen, string path, Func<ReleaseManifest, Task<int>> deed, CancellationToken cancellationToken)
    {
        try
        {
            return await deed(ReleaseManifest.Parse(await File.ReadAllTextAsync(path, cancellationToken)));
        }
        catch (FormatException broken)
        {
            return await FailAsync(screen, $"{path} is no manifest: {broken.Message}", ExitCode.Refused);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return await FailAsync(screen, failure.Message, ExitCode.NotTried);
        }
    }

    private static async Task<ReleaseManifest> SignAsync(ReleaseManifest manifest, string file, CancellationToken cancellationToken)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(await File.ReadAllTextAsync(file, cancellationToken));
        return manifest.Sign(key);
    }

    private static async Task<int> ShowAsync(Screen screen, ReleaseManifest manifest, string? key)
    {
        await screen.Output.WriteLineAsync($"release {manifest.Version}, may follow {manifest.UpgradeFrom} or later; {(key is not null ? $"signed by {key}" : manifest.Signature is null ? "not signed" : "signed")}");
        foreach (var (service, image) in manifest.Images) await screen.Output.WriteLineAsync($"{service,-6} {image.Name} {image.Digest ?? "(never pushed)"}");
        return ExitCode.Well;
    }

    private static async Task<int> FailAsync(Screen screen, string message, int code)
    {
        await screen.Error.WriteLineAsync(message);
        return code;
    }
}
