using System.Collections.Immutable;
using Appliance.Engine.Backups;
using Appliance.Salesforce;
using Appliance.Vault;

namespace Appliance.Engine.Metadata;

/// <summary>What a run set out to read of metadata: written down once, so that a run that goes on reads the same parts.</summary>
/// <param name="Failed">Why nothing could be listed at all; then there are no parts.</param>
public sealed record MetadataPaper(
    ImmutableArray<MetadataType> Types, ImmutableArray<MetadataPart> Parts, ImmutableArray<UnlistedMetadata> Unlisted, ImmutableSortedDictionary<string, int> Hidden, string ApiVersion, string? Failed = null);

/// <summary>A file that a part gave, in the vault already. <paramref name="Content"/>: null for one that has to be joined with what other parts gave of it, and stands in the part's zip.</summary>
public sealed record PartFile(string Path, string Type, string FullName, string ComponentId, string LastModifiedDate, string? Content);

/// <summary>A component of a part that the org did not give, and why.</summary>
public sealed record PartGap(string Type, string FullName, string Why);

/// <summary>How a part ended.</summary>
/// <param name="Halved">It was too much, or one of it spoils the others: the halves stand under its name with .1 and .2.</param>
public sealed record PartResult(ImmutableArray<PartFile> Files, ImmutableArray<PartGap> Missing, bool Halved = false);

/// <summary>How the whole ended.</summary>
public sealed record MetadataDone(MetadataEntry Entry, MetadataCertificate Certificate);

/// <summary>The memory of an unfinished reading of metadata, beside that of the objects (<see cref="BackupCheckpoints"/>): a part that stands here is never asked for again.</summary>
internal sealed class MetadataCheckpoints(BackupCheckpoints run)
{
    public Task<MetadataPaper?> PaperAsync(CancellationToken cancellationToken) => run.ReadAsync<MetadataPaper>("metadata/plan.json", cancellationToken);

    public Task PaperAsync(MetadataPaper paper, CancellationToken cancellationToken) => run.WriteAsync("metadata/plan.json", paper, cancellationToken);

    public Task<PartResult?> PartAsync(string name, CancellationToken cancellationToken) => run.ReadAsync<PartResult>($"metadata/parts/{name}.json", cancellationToken);

    /// <summary>The part's texts to be joined must be durable before.</summary>
    public Task PartAsync(string name, PartResult result, CancellationToken cancellationToken) => run.WriteAsync($"metadata/parts/{name}.json", result, cancellationToken);

    public Task<byte[]?> TextsAsync(string part, CancellationToken cancellationToken) => run.BytesAsync($"metadata/parts/{part}.zip", cancellationToken);

    public Task TextsAsync(string part, byte[] zip, CancellationToken cancellationToken) => run.BytesAsync($"metadata/parts/{part}.zip", zip, cancellationToken);

    public Task<MetadataDone?> DoneAsync(CancellationToken cancellationToken) => run.ReadAsync<MetadataDone>("metadata/done.json", cancellationToken);

    public Task DoneAsync(MetadataDone done, CancellationToken cancellationToken) => run.WriteAsync("metadata/done.json", done, cancellationToken);
}
