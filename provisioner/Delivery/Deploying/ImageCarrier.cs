using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Provisioner.Delivery.Releases;

namespace Provisioner.Delivery.Deploying;

/// <summary>A file with an image, as it is sent.</summary>
/// <param name="Digest">SHA-256 of the file, lower-case hexadecimal.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Zstd">Compressed so; else Docker itself sees how.</param>
internal sealed record PackedImage(string Path, string Digest, long Length, bool Zstd);

/// <summary>Carries images to a host: everything that could stand in the way is looked at first, then they are sent, each from where an earlier attempt was cut off.</summary>
internal sealed class ImageCarrier(HostConnection host, HostLogin login, TimeProvider time)
{
    private const string StagingDisk = "/var/tmp";

    /// <summary>What must be left on the host's disks afterwards.</summary>
    private const long SpareBytes = 1L << 30;

    private static readonly TimeSpan Lull = TimeSpan.FromSeconds(2), LookLimit = TimeSpan.FromSeconds(60);

    private readonly Dictionary<CarriedImage, PackedImage> _packed = [];

    /// <summary>Finds the images on this machine, or has its engine save them, and sees that the host has room. Nothing is sent yet.</summary>
    /// <exception cref="DeployException">One is missing here, or the host has no room: it is untouched.</exception>
    public async Task PrepareAsync(ImmutableArray<CarriedImage> images, HostFacts facts, Func<string, Task> progress, CancellationToken cancellationToken)
    {
        foreach (var image in images) _packed[image] = await PackAsync(image, progress, cancellationToken);
        if (_packed.Count == 0) return;
        if (facts.ImagesByManifest) throw Refused("its Docker keeps images in containerd's store, where their ids are others than those in the release manifest.", "Set \"features\": {\"containerd-snapshotter\": false} in /etc/docker/daemon.json and restart Docker, or take images: registry.");
        if (_packed.Values.Any(p => p.Zstd) && (await host.RunAsync("command -v zstd >/dev/null", LookLimit, root: true, cancellationToken)).ExitCode != 0)
            throw Refused("it has no zstd, and the images are compressed with it.", "Install zstd there, or compress the images with gzip.");
        var (sent, unpacked) = (_packed.Values.Max(p => p.Length), images.Sum(i => i.Bytes));
        var staging = await FreeAsync(StagingDisk, cancellationToken);
        var engine = facts.DockerRoot.Length > 0 ? facts.FreeKib.GetValueOrDefault(facts.DockerRoot) * 1024 : long.MaxValue;
        if (staging < sent + SpareBytes) throw Refused($"{StagingDisk} has {Mib(staging)} MiB free, and {Mib(sent + SpareBytes)} are needed to carry the largest image.", "Make room there.");
        if (engine < unpacked + SpareBytes) throw Refused($"{facts.DockerRoot}, where Docker keeps images, has {Mib(engine)} MiB free, and {Mib(unpacked + SpareBytes)} are needed.", "Make room there, for example by removing images that nothing uses.");
    }

    /// <summary>Sends it, or what is missing of it, to the staging folder.</summary>
    public async Task<PackedImage> UploadAsync(CarriedImage image, Func<string, Task> progress, CancellationToken cancellationToken)
    {
        var packed = _packed[image] = _packed.TryGetValue(image, out var known) ? known : await PackAsync(image, progress, cancellationToken);
        await using var file = File.OpenRead(packed.Path);
        var told = time.GetTimestamp();
        await host.UploadAsync(packed.Digest, file, async there =>
        {
            if (time.GetElapsedTime(told) < Lull) return;
            told = time.GetTimestamp();
            await progress($"  {image.Name}: {Mib(there)} of {Mib(file.Length)} MiB");
        }, cancellationToken);
        return packed;
    }

    private static async Task<PackedImage> PackAsync(CarriedImage image, Func<string, Task> progress, CancellationToken cancellationToken)
    {
        var path = CarriedImages.FileOf(image);
        if (path is null && image.Folder is { } folder)
            throw new DeployException($"{folder} has no {image.FileName}.tar.gz (or .tar.zst, .tar).", "Put the release's images there, or correct imageArchive.") { Untouched = true };
        try
        {
            if (path is null)
            {
                await progress($"  {image.Name}: saved by this machine's engine");
                path = Path.Combine(CarriedImages.Shelf, image.FileName + ".tar.gz");
                await LocalEngine.SaveAsync(image.Id, path, cancellationToken);
            }
            await using var file = File.OpenRead(path);
            return new PackedImage(path, Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)), file.Length, path.EndsWith(".zst", StringComparison.Ordinal));
        }
        catch (Exception failure) when (failure is InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new DeployException($"{image.Name} ({image.Id}) is not at hand: {failure.Message}", "Pull or build the release on this machine, or set images to archive.", failure) { Untouched = true };
        }
    }

    private async Task<long> FreeAsync(string path, CancellationToken cancellationToken)
    {
        var said = await host.RunAsync($"df -Pk {path} | awk 'NR==2 {{print $4}}'", LookLimit, root: true, cancellationToken);
        return long.TryParse(said.Output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var kib) ? kib * 1024 : 0;
    }

    private DeployException Refused(string reason, string remedy) => new($"{login} will not do: {reason}", $"{remedy} Nothing was put there.") { Untouched = true };

    private static string Mib(long bytes) => (bytes / 1048576).ToString(CultureInfo.InvariantCulture);
}
