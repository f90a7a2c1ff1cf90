using System.Collections.Immutable;
using Provisioner.Delivery.Releases;

namespace Provisioner.Delivery.Deploying;

/// <summary>One thing to be done on the host. Doing it twice does no harm.</summary>
public abstract record DeployStep
{
    /// <summary>The event that stands in the host's journal, and its subject.</summary>
    public abstract (string Event, string Subject) Journal { get; }

    /// <param name="Replaces">Another content or other rights stand there.</param>
    public sealed record Put(PlannedFile File, bool Replaces) : DeployStep
    {
        public override (string, string) Journal => ("put", File.Path);
        public override string ToString() => $"{(Replaces ? "replace" : "put")} {File.Path}";
    }

    public sealed record Remove(string Path) : DeployStep
    {
        public override (string, string) Journal => ("remove", Path);
        public override string ToString() => $"remove {Path}";
    }

    public sealed record Switch(PlannedLink Link) : DeployStep
    {
        public override (string, string) Journal => ("link", Link.Path);
        public override string ToString() => $"let {Link.Path} be {Link.Target}";
    }

    /// <summary>Bring an image there and have the engine load it.</summary>
    public sealed record Carry(CarriedImage Image) : DeployStep
    {
        public override (string, string) Journal => ("carried", Image.Reference);
        public override string ToString() => $"carry image {Image.Name}";
    }

    public sealed record Run(PlannedCommand Command, string Digest) : DeployStep
    {
        public override (string, string) Journal => ("ran", Command.Name);
        public override string ToString() => Command.Title;
    }

    /// <summary>The last one: what is owned, and the version whose plan is now finished.</summary>
    public sealed record Record(string Version, ImmutableArray<string> Owned) : DeployStep
    {
        public override (string, string) Journal => ("end", Version);
        public override string ToString() => $"version {Version} noted";
    }
}
