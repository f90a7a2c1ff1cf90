using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Provisioner.Delivery.Releases;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Deploying;

/// <summary>A file as it shall stand on the host, owned by root.</summary>
/// <param name="Path">Absolute, without "." and "..".</param>
/// <param name="Mode">Such as 0x1A4 (octal 644).</param>
/// <param name="Secret">Its content, and so its digest, is never shown.</param>
public sealed record PlannedFile(string Path, ReadOnlyMemory<byte> Content, UnixFileMode Mode, bool Secret = false)
{
    /// <summary>SHA-256 of the content, lower-case hexadecimal.</summary>
    public string Digest { get; } = Convert.ToHexStringLower(SHA256.HashData(Content.Span));

    /// <summary>As `stat -c %a` shows it.</summary>
    public string ModeText => Convert.ToString((int)Mode, 8);

    public StandingFile Standing => new(Digest, ModeText);

    public static PlannedFile Text(string path, string content, UnixFileMode mode, bool secret = false) => new(path, Encoding.UTF8.GetBytes(content), mode, secret);
}

/// <summary>A link that is switched in one step, after all files stand.</summary>
/// <param name="Target">Relative to the link's folder.</param>
public sealed record PlannedLink(string Path, string Target);

/// <summary>Something to be run as root, once for each state of what it depends on, and again whenever that changes. Running it twice must do no harm.</summary>
/// <param name="Name">Lower-case letters, digits and hyphens: names a file on the host.</param>
/// <param name="Title">What is shown: "images fetched".</param>
/// <param name="Script">For sh, run with -eu. No secret may stand in it.</param>
/// <param name="DependsOn">Paths of planned files and links.</param>
/// <param name="Services">Services that must run afterwards, with their images; when they do not, the command is run again.</param>
public sealed record PlannedCommand(string Name, string Title, string Script, ImmutableArray<string> DependsOn, ImmutableSortedDictionary<string, string> Services)
{
    /// <summary>Images that its host must have afterwards; when one is gone, the command is run again.</summary>
    public ImmutableArray<string> Images { get; init; } = [];

    /// <summary>Given to the script on standard input, and never part of its digest.</summary>
    public Secret? Input { get; init; }

    public PlannedCommand(string name, string title, string script, params string[] dependsOn) : this(name, title, script, [.. dependsOn], ImmutableSortedDictionary<string, string>.Empty) { }
}

/// <summary>Everything that a host shall have, with no choice left open. Pure: the same settings give the same plan.</summary>
/// <param name="Scope">Names what belongs to this plan on the host ("installation", "certificate"): plans of other scopes leave it alone.</param>
/// <param name="Commands">In the order in which they are run.</param>
/// <param name="Keep">Owned paths below these are never removed, though no longer planned (former certificates).</param>
public sealed record DeployPlan(
    string Scope, string Version, ImmutableArray<PlannedFile> Files, ImmutableArray<PlannedLink> Links, ImmutableArray<PlannedCommand> Commands, ImmutableArray<string> Keep)
{
    /// <summary>Images that go to the host over SSH, before any command is run.</summary>
    public ImmutableArray<CarriedImage> Carried { get; init; } = [];

    /// <summary>The oldest version that this one may follow; null: any.</summary>
    public ReleaseVersion? UpgradeFrom { get; init; }

    /// <summary>Every image that is looked for on the host.</summary>
    public IEnumerable<string> Images => Carried.Select(c => c.Reference).Concat(Commands.SelectMany(c => c.Images)).Distinct(StringComparer.Ordinal);

    /// <returns>Why this host may not be taken to this plan's version; null: it may.</returns>
    public string? RefusalOf(HostState host) => UpgradeFrom is { } oldest && host.Version is { } has && ReleaseVersion.Parse(has) is { } version && version < oldest
        ? $"it has version {version}, and {Version} can follow {oldest} or later. Go to {oldest} first, then to {Version}." : null;

    /// <summary>What <paramref name="command"/> leaves in done/NAME when it has succeeded.</summary>
    public string DigestOf(PlannedCommand command)
    {
        var text = new StringBuilder(command.Script).Append('\0');
        foreach (var path in command.DependsOn.Order(StringComparer.Ordinal)) text.Append(path).Append('\0').Append(Described(path)).Append('\0');
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>The steps from what stands to what is planned; empty when nothing is to be done.</summary>
    public ImmutableArray<DeployStep> DifferenceTo(HostState host)
    {
        var steps = ImmutableArray.CreateBuilder<DeployStep>();
        foreach (var file in Files.Where(f => host.Files.GetValueOrDefault(f.Path) != f.Standing))
            steps.Add(new DeployStep.Put(file, host.Files.ContainsKey(file.Path)));
        var planned = Files.Select(f => f.Path).Concat(Links.Select(l => l.Path)).ToHashSet(StringComparer.Ordinal);
        foreach (var path in host.Owned.Where(p => !planned.Contains(p) && !Keep.Any(k => p.StartsWith(k, StringComparison.Ordinal))).Order(StringComparer.Ordinal))
            steps.Add(new DeployStep.Remove(path));
        foreach (var link in Links.Where(l => host.Links.GetValueOrDefault(l.Path) != l.Target)) steps.Add(new DeployStep.Switch(link));
        foreach (var image in Carried.Where(c => host.Images.GetValueOrDefault(c.Reference) != c.Id)) steps.Add(new DeployStep.Carry(image));
        foreach (var command in Commands)
            if (host.Done.GetValueOrDefault(command.Name) != DigestOf(command) || command.Services.Any(s => host.Services.GetValueOrDefault(s.Key) != s.Value) || command.Images.Any(i => !host.Images.ContainsKey(i)))
                steps.Add(new DeployStep.Run(command, DigestOf(command)));
        // Only for what the plan itself owns: a former certificate that is kept needs no new list.
        if (steps.Count > 0 || host.Version != Version || planned.Except(host.Owned).Any()) steps.Add(new DeployStep.Record(Version, [.. planned.Union(host.Owned.Where(p => Keep.Any(k => p.StartsWith(k, StringComparison.Ordinal)))).Order(StringComparer.Ordinal)]));
        return steps.ToImmutable();
    }

    private string Described(string path) => Files.FirstOrDefault(f => f.Path == path) is { } file ? $"{file.Digest} {file.ModeText}"
        : Links.FirstOrDefault(l => l.Path == path) is { } link ? link.Target
        : throw new InvalidOperationException($"A command depends on {path}, which is not planned.");
}
