using System.Collections.Immutable;

namespace Provisioner.Delivery.Deploying;

/// <param name="Digest">SHA-256, lower-case hexadecimal.</param>
/// <param name="Mode">As `stat -c %a` shows it. Of a file that does not belong to root: with its owner's number behind it, so that it is never as planned.</param>
public sealed record StandingFile(string Digest, string Mode);

/// <summary>What really stands on a host, as far as a plan asks.</summary>
/// <param name="Files">Of the paths that were asked for and those that are owned; absent ones are left out.</param>
/// <param name="Links">Path → target.</param>
/// <param name="Done">Command → digest of its last success.</param>
/// <param name="Services">Running services → image.</param>
/// <param name="Version">Null: no plan of this scope was ever finished here.</param>
public sealed record HostState(
    ImmutableSortedDictionary<string, StandingFile> Files, ImmutableSortedDictionary<string, string> Links, ImmutableSortedSet<string> Owned,
    ImmutableSortedDictionary<string, string> Done, ImmutableSortedDictionary<string, string> Services, string? Version, HostFacts Facts)
{
    public static HostState Empty { get; } = new(ImmutableSortedDictionary<string, StandingFile>.Empty.WithComparers(StringComparer.Ordinal), ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal),
        ImmutableSortedSet<string>.Empty.WithComparer(StringComparer.Ordinal), ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal), ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal), null, HostFacts.None);

    /// <summary>Of the images that were asked for and are there: reference → id.</summary>
    public ImmutableSortedDictionary<string, string> Images { get; init; } = ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>The state after a step, as it should be: what a simulation of a deployment walks through.</summary>
    public HostState After(DeployStep step) => step switch
    {
        DeployStep.Put put => this with { Files = Files.SetItem(put.File.Path, put.File.Standing) },
        DeployStep.Remove remove => this with { Files = Files.Remove(remove.Path), Links = Links.Remove(remove.Path) },
        DeployStep.Switch @switch => this with { Links = Links.SetItem(@switch.Link.Path, @switch.Link.Target) },
        DeployStep.Carry carry => this with { Images = Images.SetItem(carry.Image.Reference, carry.Image.Id) },
        DeployStep.Run run => this with
        {
            Done = Done.SetItem(run.Command.Name, run.Digest),
            Services = Services.SetItems(run.Command.Services),
            Images = Images.SetItems(run.Command.Images.Where(i => !Images.ContainsKey(i)).Select(i => KeyValuePair.Create(i, ""))),
        },
        DeployStep.Record record => this with { Version = record.Version, Owned = [.. record.Owned] },
        _ => throw new InvalidOperationException($"No such step: {step}"),
    };
}

/// <summary>What the machine is.</summary>
/// <param name="System">ID and VERSION_ID of os-release, such as "ubuntu 24.04".</param>
/// <param name="MemoryKib">MemTotal.</param>
/// <param name="Compose">"v2 2.30.1" or "v1 1.29.2"; empty: there is none.</param>
/// <param name="FreeKib">Path → free space of the file system that it lies (or will lie) on.</param>
public sealed record HostFacts(string System, string Architecture, int Processors, long MemoryKib, string Docker, string Compose, ImmutableSortedDictionary<string, long> FreeKib)
{
    /// <summary>Where Docker keeps images; empty: it does not say.</summary>
    public string DockerRoot { get; init; } = "";
    /// <summary>Docker keeps images in containerd's store, where an image's id is that of its manifest.</summary>
    public bool ImagesByManifest { get; init; }

    public static HostFacts None { get; } = new("", "", 0, 0, "", "", ImmutableSortedDictionary<string, long>.Empty);
}
