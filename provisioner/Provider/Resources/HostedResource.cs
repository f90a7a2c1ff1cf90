using System.Collections.Immutable;
using Google.Protobuf.WellKnownTypes;
using Provisioner.Delivery.Deploying;
using Provisioner.Delivery.Settings;

namespace Provisioner.Provider.Resources;

/// <summary>
/// One of the two things on a host. What it wants follows from the settings alone (<see cref="Desired"/>); what stands is read from the host.
/// </summary>
internal abstract class HostedResource
{
    /// <summary>The type's token.</summary>
    public abstract string Type { get; }

    /// <summary>The computed input: everything that a preview shows as a difference.</summary>
    public abstract Struct Desired(StackSettings settings);

    /// <summary>Members of <see cref="Desired"/> that are held against the outputs of the same names.</summary>
    public abstract ImmutableArray<string> Compared(Struct desired);

    /// <summary>The outputs as far as they are known before anything is done.</summary>
    public abstract Struct Foreseen(StackSettings settings, Struct desired);

    /// <summary>What cannot be carried out yet, each with what to do.</summary>
    public abstract ImmutableArray<string> NotBuilt(StackSettings settings);

    /// <summary>Why the settings must not follow those of before; null: they may.</summary>
    public virtual string? Barred(StackSettings before, StackSettings now) => null;

    /// <summary>Settings that change nothing yet.</summary>
    public virtual ImmutableArray<string> NotTaken(StackSettings settings) => [];

    /// <returns>The outputs.</returns>
    /// <exception cref="DeployException">Refused, or broken off.</exception>
    public abstract Task<Struct> DeployAsync(StackSettings settings, DeployExecutor host, Func<string, Task> progress, CancellationToken cancellationToken);

    /// <returns>The outputs as things really stand; null when it is not there at all.</returns>
    public abstract Task<Struct?> ReadAsync(StackSettings settings, DeployExecutor host, CancellationToken cancellationToken);

    public abstract Task DeleteAsync(StackSettings settings, DeployExecutor host, CancellationToken cancellationToken);

    protected static Value FilesOf(DeployPlan plan, Func<PlannedFile, StandingFile?> standing, HostState? state)
    {
        var secrets = plan.Files.Where(f => f.Secret).Select(f => f.Path).ToHashSet();
        var files = new SortedDictionary<string, StandingFile>(StringComparer.Ordinal);
        foreach (var file in plan.Files)
            if (standing(file) is { } there) files[file.Path] = there;
        foreach (var path in state?.Owned ?? [])
            if (state!.Files.GetValueOrDefault(path) is { } there && !plan.Keep.Any(k => path.StartsWith(k, StringComparison.Ordinal))) files[path] = there;
        return PropertyValues.Map(files.Select(f => KeyValuePair.Create(f.Key, secrets.Contains(f.Key) ? PropertyValues.Secret(Shown(f.Value)) : Shown(f.Value))));
    }

    private static Value Shown(StandingFile file) => PropertyValues.Text($"{file.Digest} {file.Mode}");
}
