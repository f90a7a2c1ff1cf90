using System.Collections.Immutable;

namespace Appliance.Vault;

/// <summary>A part of a sweep over a vault: what to read next.</summary>
/// <param name="After">The last file that the part before reached, or null to begin. Manifests are read in every part: they say what the rest is needed for.</param>
/// <param name="Bytes">The part ends with the file that reaches so many bytes; at least one file is read.</param>
public sealed record SweepPart(string? After, long Bytes);

/// <summary>What a part of a sweep did.</summary>
/// <param name="Reached">Where the next part goes on; null when the vault's end was reached.</param>
public sealed record SweepResult(string? Reached, long Files, long Bytes, ImmutableArray<VerifyFinding> Findings);
