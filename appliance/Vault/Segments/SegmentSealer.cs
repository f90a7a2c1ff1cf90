using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Appliance.Vault;

/// <summary>
/// Sorts buffered rows, cuts blocks at row borders and writes them as one container, compressing as many blocks at once as there are
/// cores.
/// </summary>
internal sealed class SegmentSealer(ContainerStore containers, RowBuffer rows, string[] columns, SegmentKind kind)
{
    private const int MostSealers = 4;

    /// <summary>Rows from..to (exclusive) in sealed order; Chunk is -1 when they have to be gathered.</summary>
    private readonly record struct BlockPlan(int From, int To, int Chunk);

    public async Task<SegmentRef> SealAsync(string objectName, Guid snapshotId, CancellationToken cancellationToken)
    {
        var order = SortedOrder();
        var plans = order is null ? PlanChunks() : null;
        if (plans is null)
        {
            order ??= Enumerable.Range(0, rows.Rows).ToArray();
            plans = PlanGathered(order);
        }
        var count = order?.Length ?? rows.Rows;
        var filter = plans.Count > 1 ? BuildFilter(plans, order, count) : null;
        // A new id for every attempt: the index key comes from the id and must never seal two different indexes.
        var id = containers.NewId().ToString("N");
        var name = VaultNames.Segment(objectName, id, containers.Encrypted);
        var sealedContainer = await containers.PutAsync(
            name, kind == SegmentKind.Records ? ContainerKind.Records : ContainerKind.Tombstones,
            (writer, token) => WriteBlocksAsync(writer, plans, order, token), columns, filter, cancellationToken);
        return new SegmentRef(
            id, kind, snapshotId, count, Text(IdAt(order, 0)), Text(IdAt(order, count - 1)),
            sealedContainer.PlainBytes, sealedContainer.StoredBytes + (sealedContainer.Sidecar?.Length ?? 0), Convert.ToHexStringLower(sealedContainer.Sha256));
    }

    // Null when the rows came in order of Id, each once: the usual case, and nothing has to move.
    private int[]? SortedOrder()
    {
        var places = rows.Places;
        var ordered = true;
        for (var i = 1; i < places.Length && ordered; i++)
            ordered = rows.Id(places[i - 1]).SequenceCompareTo(rows.Id(places[i])) < 0;
        if (ordered) return null;

        var order = Sort();
        var kept = 0;
        for (var i = 0; i < order.Length; i++)
        {
            var replaced = i + 1 < order.Length && rows.Id(places[order[i]]).SequenceEqual(rows.Id(places[order[i + 1]]));
            if (!replaced) order[kept++] = order[i];
        }
        return order[..kept];
    }

    // Ids of one object share their first bytes, so eight bytes behind those tell nearly all of them apart: numbers are sorted, and
    // only what they leave equal is compared byte by byte. Equal Ids stay in the order they came in.
    private int[] Sort()
    {
        var places = rows.Places;
        var first = rows.Id(places[0]);
        var shared = first.Length;
        foreach (ref readonly var place in places) shared = Math.Min(shared, first[..shared].CommonPrefixLength(rows.Id(place)));
        var keys = new ulong[places.Length];
        var order = new int[places.Length];
        Span<byte> padded = stackalloc byte[sizeof(ulong)];
        for (var i = 0; i < order.Length; i++)
        {
            var rest = rows.Id(places[i])[shared..];
            padded.Clear();
            rest[..Math.Min(rest.Length, padded.Length)].CopyTo(padded);
            keys[i] = BinaryPrimitives.ReadUInt64BigEndian(padded);
            order[i] = i;
        }
        Array.Sort(keys, order);
        for (int from = 0, to; from < order.Length; from = to)
        {
            to = from + 1;
            while (to < order.Length && keys[to] == keys[from]) to++;
            if (to - from > 1) order.AsSpan(from, to - from).Sort(CompareRows);
        }
        return order;
    }

    private int CompareRows(int a, int b)
    {
        var byId = rows.Id(rows.Places[a]).SequenceCompareTo(rows.Id(rows.Places[b]));
        return byId != 0 ? byId : a.CompareTo(b);
    }

    // One block a chunk; null when a chunk holds no whole row (a first row larger than a block).
    private List<BlockPlan>? PlanChunks()
    {
        var plans = new List<BlockPlan>(rows.Chunks);
        var places = rows.Places;
        for (int from = 0, to; from < places.Length; from = to)
        {
            to = from + 1;
            while (to < places.Length && places[to].Chunk == places[from].Chunk) to++;
            plans.Add(new BlockPlan(from, to, places[from].Chunk));
        }
        return plans.Count == rows.Chunks ? plans : null;
    }

    private List<BlockPlan> PlanGathered(int[] order)
    {
        var plans = new List<BlockPlan>();
        var places = rows.Places;
        var from = 0;
        var bytes = 0L;
        for (var i = 0; i < order.Length; i++)
        {
            var length = places[order[i]].Length;
            if (i > from && bytes + length > ContainerFormat.BlockBytes)
            {
                plans.Add(new BlockPlan(from, i, -1));
                (from, bytes) = (i, 0);
            }
            bytes += length;
        }
        plans.Add(new BlockPlan(from, order.Length, -1));
        return plans;
    }

    /// <summary>A list of the Ids where they are Salesforce's, else a Bloom filter.</summary>
    private byte[] BuildFilter(List<BlockPlan> plans, int[]? order, int count)
    {
        var list = new IdList.Builder();
        var isDeleted = kind == SegmentKind.Records ? Array.IndexOf(columns, "IsDeleted") : -1;
        foreach (var plan in plans)
            for (var i = plan.From; i < plan.To; i++)
            {
                ref readonly var place = ref rows.Places[order is null ? i : order[i]];
                list.Add(rows.Id(place), isDeleted >= 0 && CsvText.Field(rows.Row(place)[..^1], isDeleted).SequenceEqual("true"u8), beginsBlock: i == plan.From);
            }
        if (list.Finish() is { } listed) return listed;
        var filter = IdFilter.ForCount(count);
        for (var i = 0; i < count; i++) filter.Add(IdAt(order, i));
        return filter.Write();
    }

    // A ring of sealers: block n is compressed while the blocks before it are written.
    private async Task WriteBlocksAsync(ContainerWriter writer, List<BlockPlan> plans, int[]? order, CancellationToken cancellationToken)
    {
        var sealers = new BlockSealer[Math.Min(plans.Count, Math.Clamp(Environment.ProcessorCount, 1, MostSealers))];
        var running = new Task<BlockEntry>?[sealers.Length];
        for (var i = 0; i < sealers.Length; i++) sealers[i] = writer.NewSealer();
        try
        {
            for (var block = 0; block < plans.Count + sealers.Length; block++)
            {
                var slot = block % sealers.Length;
                if (running[slot] is { } task)
                {
                    await writer.WriteBlockAsync(await task, sealers[slot], cancellationToken);
                    running[slot] = null;
                }
                if (block >= plans.Count) continue;
                var (number, sealer) = (block, sealers[slot]);
                running[slot] = Task.Run(() => SealBlock(sealer, number, plans[number], order), cancellationToken);
            }
        }
        finally
        {
            // After a failure the other sealers may still be at work on buffers that are about to go back to the pool.
            foreach (var task in running)
                if (task is not null) await task.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            foreach (var sealer in sealers) sealer.Dispose();
        }
    }

    private BlockEntry SealBlock(BlockSealer sealer, int number, BlockPlan plan, int[]? order)
    {
        var (firstId, lastId) = (IdAt(order, plan.From).ToArray(), IdAt(order, plan.To - 1).ToArray());
        if (plan.Chunk >= 0) return sealer.Seal(number, rows.ChunkBytes(plan.Chunk), compress: true, plan.To - plan.From, firstId, lastId);

        var header = number == 0 ? CsvText.Line(columns) : [];
        var length = header.Length;
        for (var i = plan.From; i < plan.To; i++) length = checked(length + rows.Places[order![i]].Length);
        var gathered = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            header.CopyTo(gathered, 0);
            var at = header.Length;
            for (var i = plan.From; i < plan.To; i++)
            {
                var row = rows.Row(rows.Places[order![i]]);
                row.CopyTo(gathered.AsSpan(at));
                at += row.Length;
            }
            return sealer.Seal(number, gathered.AsSpan(0, length), compress: true, plan.To - plan.From, firstId, lastId);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(gathered);
        }
    }

    private ReadOnlySpan<byte> IdAt(int[]? order, int position) => rows.Id(rows.Places[order is null ? position : order[position]]);

    private static string Text(ReadOnlySpan<byte> id) => Encoding.UTF8.GetString(id);
}
