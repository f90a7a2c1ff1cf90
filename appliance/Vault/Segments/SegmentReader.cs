namespace Appliance.Vault;

/// <summary>One segment opened for reading. Safe for many threads.</summary>
internal sealed class SegmentReader
{
    private readonly ContainerReader _container;
    private ColumnSet? _columns;

    private SegmentReader(ContainerReader container, ColumnSet? columns) => (_container, _columns) = (container, columns);

    public string Name => _container.Name;

    public int Blocks => _container.Index.Blocks.Count;

    public static async Task<SegmentReader> OpenAsync(ContainerStore containers, string objectName, SegmentRef segment, CancellationToken cancellationToken)
    {
        var name = VaultNames.Segment(objectName, segment.Id, containers.Encrypted);
        var container = await containers.OpenAsync(name, cancellationToken);
        var kind = segment.Kind == SegmentKind.Records ? ContainerKind.Records : ContainerKind.Tombstones;
        if (Convert.ToHexStringLower(container.Tail.Sha256) != segment.Sha256 || container.Tail.Kind != kind)
            throw VaultException.Damaged(name, "it is not the file that the snapshot's manifest names");
        if (container.Index.Blocks.Count == 0) throw VaultException.Damaged(name, "a segment without blocks");
        return new SegmentReader(container, container.Index.Columns is { } columns ? new ColumnSet(columns) : null);
    }

    /// <summary>Known once a block has been read.</summary>
    public ColumnSet Columns => _columns ?? throw new InvalidOperationException("No block has been read.");

    /// <summary>A small segment names its columns only in its one block.</summary>
    public async ValueTask<ColumnSet> ColumnsAsync(CancellationToken cancellationToken)
    {
        if (_columns is null)
        {
            using var block = await _container.ReadBlockAsync(0, cancellationToken);
            LearnColumns(block);
        }
        return _columns!;
    }

    /// <summary>A block's rows: its bytes without the header line.</summary>
    public async Task<(PlainBlock Block, int Start)> ReadRowsAsync(int number, CancellationToken cancellationToken)
    {
        var block = await _container.ReadBlockAsync(number, cancellationToken);
        try
        {
            if (_columns is null) LearnColumns(block);
            var start = number == 0 ? CsvText.RowLength(block.Memory.Span) : 0;
            return start < 0 ? throw VaultException.Damaged(Name, "it has no header line") : (block, start);
        }
        catch
        {
            block.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The first block that may hold an Id greater than or equal to <paramref name="id"/>; <see cref="Blocks"/> when none does.
    /// </summary>
    public int FindBlock(ReadOnlySpan<byte> id)
    {
        var (low, high) = (0, Blocks);
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_container.Index.Blocks[middle].LastId.AsSpan().SequenceCompareTo(id) < 0) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>The block that alone may hold the Id, or -1: told by the block index and the filter, without reading a block.</summary>
    public int BlockThatMayHold(ReadOnlySpan<byte> id)
    {
        var block = FindBlock(id);
        if (block == Blocks || _container.Index.Blocks[block].FirstId.AsSpan().SequenceCompareTo(id) > 0) return -1;
        return _container.MayHold(block, id) ? block : -1;
    }

    /// <summary>Tells which of the sorted Ids the segment holds, and which of them in the recycle bin, without reading a block; false when only its rows can tell.</summary>
    public bool TryList(IReadOnlyList<byte[]> sortedIds, Action<byte[], bool> found)
    {
        if (_container.Ids() is not { } ids) return false;
        for (var at = 0; at < sortedIds.Count;)
        {
            var block = FindBlock(sortedIds[at]);
            if (block == Blocks) break;
            at = ids.FindAll(block, sortedIds, at, (id, row) => found(id, row == ListedRow.Deleted));
        }
        return true;
    }

    private void LearnColumns(PlainBlock firstBlock)
    {
        var header = CsvText.RowLength(firstBlock.Memory.Span);
        if (header <= 0) throw VaultException.Damaged(Name, "it has no header line");
        _columns = new ColumnSet(CsvText.ParseLine(firstBlock.Memory.Span[..(header - 1)]));
    }
}
