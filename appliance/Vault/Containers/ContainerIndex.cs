using System.Buffers;
using System.Text;

namespace Appliance.Vault;

/// <summary>One line of the block index. Offset is the sum of the stored lengths before it.</summary>
internal sealed record BlockEntry(int Rows, int StoredLength, int PlainLength, byte[] Fingerprint, byte[] FirstId, byte[] LastId)
{
    public long Offset { get; init; }
}

/// <summary>The block index and the column names (FORMAT.md §3.3).</summary>
internal sealed record ContainerIndex(IReadOnlyList<BlockEntry> Blocks, IReadOnlyList<string>? Columns)
{
    public static ReadOnlySpan<byte> Write(IReadOnlyList<BlockEntry> blocks, IReadOnlyList<string>? columns, bool segment)
    {
        var body = new ArrayBufferWriter<byte>(256);
        Varint.Write(body, blocks.Count);
        ReadOnlySpan<byte> before = [];
        foreach (var block in blocks)
        {
            Varint.Write(body, block.Rows);
            Varint.Write(body, block.StoredLength);
            Varint.Write(body, block.PlainLength);
            body.Write(block.Fingerprint);
            if (!segment) continue;
            WriteId(body, before, block.FirstId);
            WriteId(body, block.FirstId, block.LastId);
            before = block.LastId;
        }
        if (segment)
        {
            // With one block its header line says the same; in a segment of ten rows these bytes would be a third of all.
            var written = blocks.Count > 1 ? columns! : [];
            Varint.Write(body, written.Count);
            foreach (var column in written) Varint.WriteBytes(body, Encoding.UTF8.GetBytes(column));
        }
        return body.WrittenSpan;
    }

    /// <summary>
    /// Throws <see cref="FormatException"/> unless the body is sound and its blocks fill exactly <paramref name="blockBytes"/>.
    /// </summary>
    public static ContainerIndex Parse(ReadOnlySpan<byte> body, bool segment, long blockBytes)
    {
        var reader = new ByteReader(body);
        var count = reader.Varint();
        if (count > body.Length / ContainerFormat.FingerprintBytes) throw new FormatException("more blocks than fit");
        var blocks = new List<BlockEntry>(count);
        byte[] before = [];
        var offset = 0L;
        for (var i = 0; i < count; i++)
        {
            var (rows, stored, plain) = (reader.Varint(), reader.Varint(), reader.Varint());
            if (plain > ContainerFormat.LargestBlock || stored > ContainerFormat.LargestStored(plain)) throw new FormatException("a block is too large");
            var fingerprint = reader.Take(ContainerFormat.FingerprintBytes).ToArray();
            var first = segment ? ReadId(ref reader, before) : [];
            var last = segment ? ReadId(ref reader, first) : [];
            blocks.Add(new BlockEntry(rows, stored, plain, fingerprint, first, last) { Offset = offset });
            before = last;
            offset += stored;
        }
        if (offset != blockBytes) throw new FormatException("the blocks do not fill the file");
        IReadOnlyList<string>? columns = null;
        if (segment && reader.Varint() is var columnCount and > 0)
        {
            if (columnCount > reader.Remaining) throw new FormatException("more columns than fit");
            var names = new string[columnCount];
            for (var i = 0; i < columnCount; i++) names[i] = Encoding.UTF8.GetString(reader.Take(reader.Varint()));
            columns = names;
        }
        if (reader.Remaining != 0) throw new FormatException("bytes are left over");
        return new ContainerIndex(blocks, columns);
    }

    private static void WriteId(ArrayBufferWriter<byte> body, ReadOnlySpan<byte> before, ReadOnlySpan<byte> id)
    {
        var shared = before.CommonPrefixLength(id);
        Varint.Write(body, shared);
        Varint.WriteBytes(body, id[shared..]);
    }

    private static byte[] ReadId(ref ByteReader reader, ReadOnlySpan<byte> before)
    {
        var shared = reader.Varint();
        if (shared > before.Length) throw new FormatException("an Id shares more than there is");
        var rest = reader.Take(reader.Varint());
        return [.. before[..shared], .. rest];
    }
}
