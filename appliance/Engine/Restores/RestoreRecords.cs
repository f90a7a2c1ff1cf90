using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Appliance.Vault;

namespace Appliance.Engine.Restores;

/// <summary>What became of one record. State: done, failed, adopted (it stood there already).</summary>
public sealed record RestoreOutcome(string Object, string OldId, string? NewId, string Action, string State, string? Error);

/// <summary>One mapping of a re-created record.</summary>
public sealed record IdMapping(string Object, string OldId, string NewId);

/// <summary>Where a step stands. RowIds are the records of the bulk job, in upload order; the job id is durable before Salesforce may process it.</summary>
public sealed record StepJournal
{
    public int Attempt { get; init; } = 1;
    public string? IngestJobId { get; init; }
    public ImmutableArray<string> RowIds { get; init; } = [];
    public ImmutableArray<RestoreOutcome> Settled { get; init; } = [];
    /// <summary>The record whose creation was begun and not yet settled.</summary>
    public string? InFlight { get; init; }

    /// <summary>When the step began, by Salesforce's clock.</summary>
    public DateTimeOffset? StartedAt { get; init; }
}

/// <summary>
/// A restore's papers in the vault: <c>restores/&lt;plan&gt;/plan.json</c>, the ids of each step, the journal of the step in work, outcomes and id map
/// of finished steps. In the vault and not in MySQL, because error texts carry field values. A step is finished when its outcomes stand.
/// </summary>
public sealed class RestoreRecords(OrgVault vault, Guid planId)
{
    private static readonly JsonSerializerOptions Json = new() { Converters = { new JsonStringEnumConverter() } };
    private readonly string _prefix = $"restores/{planId:N}/";

    /// <summary>Not a step that is run: the ContentDocuments that come into being with the versions of the InsertFile steps.</summary>
    public const int ComingDocuments = 0;

    public async Task<RestorePlan?> FindPlanAsync(CancellationToken cancellationToken) =>
        await vault.GetDocumentAsync(_prefix + "plan.json", cancellationToken) is { } bytes ? JsonSerializer.Deserialize<RestorePlan>(bytes, Json) : null;

    /// <summary>The plan counts only from here on; its steps must stand before.</summary>
    public Task WritePlanAsync(RestorePlan plan, CancellationToken cancellationToken) =>
        vault.ReplaceDocumentAsync(_prefix + "plan.json", JsonSerializer.SerializeToUtf8Bytes(plan, Json), cancellationToken);

    public Task WriteStepAsync(int number, IEnumerable<StepRow> rows, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        foreach (var row in rows) text.Append(row.Id).Append('\t').AppendJoin(',', row.Fields).Append('\n');
        return vault.ReplaceDocumentAsync($"{_prefix}steps/{number:D5}.tsv", Encoding.UTF8.GetBytes(text.ToString()), cancellationToken);
    }

    public async Task<List<StepRow>> ReadStepAsync(int number, CancellationToken cancellationToken)
    {
        var bytes = await vault.GetDocumentAsync($"{_prefix}steps/{number:D5}.tsv", cancellationToken)
            ?? throw new EngineException($"Step {number} of the restore plan is missing from the vault.", "Make a new plan.");
        return [.. Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('\t'))
            .Select(part => new StepRow(part[0], [.. part[1].Split(',', StringSplitOptions.RemoveEmptyEntries)]))];
    }

    public async Task<StepJournal> JournalAsync(int number, CancellationToken cancellationToken) =>
        await vault.GetDocumentAsync($"{_prefix}journal/{number:D5}.json", cancellationToken) is { } bytes
            ? JsonSerializer.Deserialize<StepJournal>(bytes, Json)!
            : new StepJournal();

    public Task JournalAsync(int number, StepJournal entry, CancellationToken cancellationToken) =>
        vault.ReplaceDocumentAsync($"{_prefix}journal/{number:D5}.json", JsonSerializer.SerializeToUtf8Bytes(entry, Json), cancellationToken);

    /// <summary>The first to claim a piece of a step with its job decides for all; answers that journal, which is durable afterwards.</summary>
    public async Task<StepJournal> ClaimAsync(int number, string piece, StepJournal entry, CancellationToken cancellationToken)
    {
        var name = $"{_prefix}claims/{number:D5}-{piece}.json";
        return await vault.PutDocumentAsync(name, JsonSerializer.SerializeToUtf8Bytes(entry, Json), cancellationToken)
            ? entry
            : JsonSerializer.Deserialize<StepJournal>((await vault.GetDocumentAsync(name, cancellationToken))!, Json)!;
    }

    /// <summary>What an unfinished step has created so far, so that later plans know.</summary>
    public Task MapAsync(int number, IReadOnlyList<IdMapping> mappings, CancellationToken cancellationToken) =>
        vault.ReplaceDocumentAsync($"{_prefix}id-map/{number:D5}.jsonl", Lines(mappings), cancellationToken);

    /// <summary>Plans of which a step was begun and not finished, and which may have done something that no id map tells.</summary>
    public static async Task<IReadOnlyList<Guid>> UnfinishedAsync(OrgVault vault, CancellationToken cancellationToken)
    {
        var journals = new SortedSet<string>(StringComparer.Ordinal);
        var others = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var name in vault.ListDocumentsAsync("restores/", cancellationToken))
            if (name.Contains("/journal/", StringComparison.Ordinal)) journals.Add(name);
            else if (name.Contains("/outcomes/", StringComparison.Ordinal)) others.Add(name);
        var plans = new List<Guid>();
        foreach (var name in journals.Where(j => !others.Contains(j.Replace("/journal/", "/outcomes/", StringComparison.Ordinal).Replace(".json", ".jsonl", StringComparison.Ordinal))))
        {
            var journal = JsonSerializer.Deserialize<StepJournal>((await vault.GetDocumentAsync(name, cancellationToken))!, Json)!;
            if (journal.IngestJobId is not null || journal.InFlight is not null || journal.Settled.Any(o => o.NewId is not null)) plans.Add(Guid.ParseExact(name.Split('/')[1], "N"));
        }
        return plans;
    }

    /// <summary>Closes a step: id map first, outcomes last, because outcomes are what says that the step is done.</summary>
    public async Task FinishStepAsync(int number, IReadOnlyList<RestoreOutcome> outcomes, IReadOnlyList<IdMapping> mappings, CancellationToken cancellationToken)
    {
        if (mappings.Count > 0) await vault.ReplaceDocumentAsync($"{_prefix}id-map/{number:D5}.jsonl", Lines(mappings), cancellationToken);
        await vault.ReplaceDocumentAsync($"{_prefix}outcomes/{number:D5}.jsonl", Lines(outcomes), cancellationToken);
    }

    public async Task<IReadOnlyList<RestoreOutcome>?> FindOutcomesAsync(int number, CancellationToken cancellationToken) =>
        await vault.GetDocumentAsync($"{_prefix}outcomes/{number:D5}.jsonl", cancellationToken) is { } bytes ? [.. Parse<RestoreOutcome>(bytes)] : null;

    public IAsyncEnumerable<RestoreOutcome> OutcomesAsync(CancellationToken cancellationToken) =>
        ReadAllAsync<RestoreOutcome>(vault, _prefix + "outcomes/", cancellationToken);

    public IAsyncEnumerable<IdMapping> IdMapAsync(CancellationToken cancellationToken) =>
        ReadAllAsync<IdMapping>(vault, _prefix + "id-map/", cancellationToken);

    /// <summary>Mappings of every restore ever made into this org, oldest first (plan ids sort by time).</summary>
    public static async Task<IdMap> AllMappingsAsync(OrgVault vault, CancellationToken cancellationToken)
    {
        var map = new IdMap();
        var names = new List<string>();
        await foreach (var name in vault.ListDocumentsAsync("restores/", cancellationToken))
            if (name.Contains("/id-map/", StringComparison.Ordinal)) names.Add(name);
        foreach (var name in names.Order(StringComparer.Ordinal))
            foreach (var mapping in Parse<IdMapping>((await vault.GetDocumentAsync(name, cancellationToken))!))
                map.Add(mapping.OldId, mapping.NewId);
        return map;
    }

    private static async IAsyncEnumerable<T> ReadAllAsync<T>(OrgVault vault, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var names = new List<string>();
        await foreach (var name in vault.ListDocumentsAsync(prefix, cancellationToken)) names.Add(name);
        foreach (var name in names.Order(StringComparer.Ordinal))
            foreach (var item in Parse<T>((await vault.GetDocumentAsync(name, cancellationToken))!))
                yield return item;
    }

    private static byte[] Lines<T>(IEnumerable<T> items) =>
        Encoding.UTF8.GetBytes(string.Concat(items.Select(i => JsonSerializer.Serialize(i, Json) + "\n")));

    private static IEnumerable<T> Parse<T>(byte[] lines) =>
        Encoding.UTF8.GetString(lines).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<T>(line, Json)!);
}
