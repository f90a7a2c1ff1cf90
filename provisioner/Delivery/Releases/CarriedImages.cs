using System.Collections.Immutable;
using Provisioner.Delivery.Preflight;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Releases;

/// <summary>An image that goes to the host over SSH.</summary>
/// <param name="Name">Of its repository.</param>
/// <param name="Id">"sha256:…" of its configuration.</param>
/// <param name="Bytes">Unpacked.</param>
/// <param name="Folder">Where its file is; null: this machine's engine has it.</param>
public sealed record CarriedImage(string Name, string Id, long Bytes, string? Folder)
{
    /// <summary>
    /// What the image is called on the host. Loading keeps no digest of a registry, so the name tells its id instead, whole. A tag, because Docker's own cleaning takes what has none. Of a domain that
    /// exists nowhere (RFC 2606), so that an engine that lacks it can ask no registry for something else under that name.
    /// </summary>
    public string Reference => $"carried.invalid/{Name}:{Id.Replace(':', '-')}";

    /// <summary>The file's name without its ending, which tells how it is compressed.</summary>
    public string FileName => $"{Name.Replace('/', '_')}-{Id["sha256:".Length..][..12]}";
}

/// <summary>The images of a release that are carried: where their files are on this machine.</summary>
internal static class CarriedImages
{
    private static readonly string[] Endings = [".tar.zst", ".tar.gz", ".tar"];

    /// <summary>Images that were saved from this machine's engine once are kept here: an upload that was cut off goes on with the same bytes.</summary>
    public static string Shelf => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } data ? data : Path.GetTempPath(), "appliance", "images");

    /// <returns>Null: there is none yet.</returns>
    public static string? FileOf(CarriedImage image) => Endings.Select(e => Path.Combine(image.Folder ?? Shelf, image.FileName + e)).FirstOrDefault(File.Exists);

    public static ImmutableArray<CarriedImage> Of(ReleaseSettings release) => release.Source == ImageSource.Registry || release.Manifest is not { } manifest ? []
        : [.. manifest.Images.Values.DistinctBy(i => (i.Name, i.Id)).Select(i => new CarriedImage(i.Name, i.Id, i.Bytes, release.Source == ImageSource.Archive ? release.ArchiveFolder : null))];

    /// <summary>Whether this machine has what it shall carry.</summary>
    public static async Task<ImmutableArray<Finding>> LookAsync(ReleaseSettings release, CancellationToken cancellationToken)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        foreach (var image in Of(release))
        {
            var what = $"image {image.Name}";
            if (FileOf(image) is { } file) findings.Add(Finding.Fine(what, $"{file} is there."));
            else if (image.Folder is { } folder) findings.Add(Finding.Error(what, $"{folder} has no {image.FileName}.tar.gz (or .tar.zst, .tar).", "Put the release's images there, or correct imageArchive: provisioner release create --archives FOLDER writes them."));
            else findings.Add(await LocalEngine.MissingAsync(image.Id, cancellationToken) is { } missing
                ? Finding.Error(what, missing, "Pull or build the release on this machine, or set images to archive.")
                : Finding.Fine(what, $"this machine's engine has {image.Id}."));
        }
        return findings.ToImmutable();
    }
}
