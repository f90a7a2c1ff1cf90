using System.Collections.Immutable;
using System.Text.Json;
using Appliance.Vault;

namespace Appliance.Engine.Verification;

/// <summary>A file of the vault that is damaged or missing, and what depends on it.</summary>
public sealed record DamagedFile(string Name, string What, string Remedy, ImmutableArray<string> Dependents);

/// <summary>One walk over all bytes of a vault, from its first file to its last.</summary>
public sealed record SweepCycle(DateTimeOffset StartedAt, DateTimeOffset? EndedAt, long Files, long Bytes, ImmutableArray<DamagedFile> Damage);

/// <summary>How far the sweep of a vault is; the document verification/sweep in the vault itself.</summary>
/// <param name="After">The last file of the cycle under way that was read.</param>
/// <param name="Current">The cycle under way, or null between two.</param>
/// <param name="Last">The last cycle that came to the end: every byte that stood then was read between its two moments.</param>
public sealed record SweepState(string? After, SweepCycle? Current, SweepCycle? Last)
{
    public const string Document = "verification/sweep";

    /// <summary>Names of damaged files that are kept; beyond it only that there are more.</summary>
    public const int MostDamage = 100;

    public static readonly SweepState None = new(null, null, null);

    public static async Task<SweepState> ReadAsync(OrgVault vault, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        return await vault.GetDocumentAsync(Document, cancellationToken) is { } json ? JsonSerializer.Deserialize<SweepState>(json, JsonSerializerOptions.Web)! : None;
    }

    public Task WriteAsync(OrgVault vault, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vault);
        return vault.ReplaceDocumentAsync(Document, JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web), cancellationToken);
    }

    /// <summary>After another part. A cycle that came to the vault's end becomes the last one.</summary>
    public SweepState With(SweepResult part, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(part);
        var before = Current ?? new SweepCycle(now, null, 0, 0, []);
        var damage = part.Findings.Where(f => f.IsDamage).Select(f => new DamagedFile(f.BlobName, f.What, f.Remedy, f.Dependents));
        var cycle = before with
        {
            Files = before.Files + part.Files, Bytes = before.Bytes + part.Bytes,
            Damage = [.. before.Damage.Concat(damage).DistinctBy(d => d.Name).Take(MostDamage)],
        };
        return part.Reached is null ? new SweepState(null, null, cycle with { EndedAt = now }) : this with { After = part.Reached, Current = cycle };
    }
}
