using System.Collections.Immutable;
using System.IO.Compression;
using Appliance.Engine.Backups;
using Appliance.Salesforce;

namespace Appliance.Engine.Metadata;

/// <summary>
/// Reads parts of a plan into the vault, each durable when it is done. A part that is more than the org gives, or that fails as a whole, is asked for again in halves, down to the
/// component that is to blame; that one is named, and the others are held.
/// </summary>
internal sealed class PartReading(RunContext run, MetadataPaper paper, MetadataCheckpoints checkpoints, IProgress<string> log)
{
    /// <summary>Retrieves that may fail for another reason than size: to find one component among 5,000 takes about 13 of them.</summary>
    private const int MostFailures = 60;

    private const int Attempts = 3;
    private int _failures, _reached;

    /// <summary>Results of all parts, in order of the plan; halves in place of what was halved.</summary>
    public async Task<List<(MetadataPart Part, PartResult Result)>> ReadAsync(CancellationToken cancellationToken)
    {
        var results = new List<(MetadataPart, PartResult)>();
        foreach (var part in paper.Parts)
        {
            run.Progress.Phase = $"reading metadata, part {++_reached} of {paper.Parts.Length}";
            await ReadAsync(part, results, cancellationToken);
        }
        return results;
    }

    private async Task ReadAsync(MetadataPart part, List<(MetadataPart, PartResult)> results, CancellationToken cancellationToken)
    {
        var result = await checkpoints.PartAsync(part.Name, cancellationToken);
        if (result is null)
        {
            result = await TryAsync(part, cancellationToken);
            await checkpoints.PartAsync(part.Name, result, cancellationToken);
        }
        if (!result.Halved)
        {
            results.Add((part, result));
            return;
        }
        var (first, second) = part.Halves()!.Value;
        await ReadAsync(first, results, cancellationToken);
        await ReadAsync(second, results, cancellationToken);
    }

    private async Task<PartResult> TryAsync(MetadataPart part, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var retrieved = await run.Org.RetrieveMetadataAsync([.. part.All.Select(c => new MetadataMember(c.Type, c.FullName))], cancellationToken);
                return await KeepAsync(part, retrieved, cancellationToken);
            }
            catch (SalesforceException e) when (MetadataListing.IsOfThePart(e))
            {
                if (e.Kind == FailureKind.Transient && attempt < Attempts)
                {
                    await Task.Delay(TimeSpan.FromSeconds(10 * attempt), run.Time, cancellationToken);
                    continue;
                }
                var tooMuch = e.ErrorCode == SalesforceException.MetadataLimit;
                if (part.Halves() is not null && (tooMuch || (e.Kind == FailureKind.Permanent && _failures++ < MostFailures)))
                {
                    log.Report($"metadata: {part.All.Count()} components are asked for again in halves — {e.Message}");
                    return new PartResult([], [], Halved: true);
                }
                log.Report($"metadata: {part.All.Count()} components were not read — {e.Message}");
                return new PartResult([], [.. part.All.Select(c => new PartGap(c.Type, c.FullName, $"{e.Message} {e.Remedy}"))]);
            }
        }
    }

    private async Task<PartResult> KeepAsync(MetadataPart part, RetrievedMetadata retrieved, CancellationToken cancellationToken)
    {
        var owners = new FileOwners(part, retrieved, paper.Types);
        var beside = part.Beside.Select(c => c.Key).ToHashSet();
        var (files, found) = (ImmutableArray.CreateBuilder<PartFile>(), retrieved.Components.Select(c => (c.Type, c.FullName)).ToHashSet());
        using var texts = new MemoryStream();
        using (var zip = new ZipArchive(texts, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var file in retrieved.Files)
            {
                var owner = owners.Of(file.Path);
                found.Add((owner.Type, owner.FullName));
                string? reference = null;
                await using var content = file.Open();
                if (!beside.Contains((owner.Type, owner.FullName))) reference = (await run.Vault.PutFileAsync(content, cancellationToken)).ToString();
                else
                {
                    await using var text = await zip.CreateEntry(file.Path, CompressionLevel.Fastest).OpenAsync(cancellationToken);
                    await content.CopyToAsync(text, cancellationToken);
                }
                files.Add(new PartFile(file.Path, owner.Type, owner.FullName, owner.Id, owner.LastModifiedDate, reference));
            }
        if (files.Any(f => f.Content is null)) await checkpoints.TextsAsync(part.Name, texts.ToArray(), cancellationToken);
        return new PartResult(files.ToImmutable(), [.. part.All.Where(c => !c.Guessed && !found.Contains(c.Key)).Select(c => new PartGap(c.Type, c.FullName, Why(c, retrieved)))]);
    }

    private static string Why(PlannedComponent component, RetrievedMetadata retrieved) =>
        retrieved.Problems.FirstOrDefault(p => p.Contains(component.FullName, StringComparison.Ordinal)) is not { } said ? "The org lists it and gave no file of it."
            : said.Contains("permission", StringComparison.OrdinalIgnoreCase) || said.Contains("insufficient", StringComparison.OrdinalIgnoreCase)
                ? $"Salesforce says: {said} Give the connected user \"Modify All Data\", or access to it." : $"Salesforce says: {said}";
}
