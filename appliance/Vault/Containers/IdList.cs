using System.Buffers;

namespace Appliance.Vault;

/// <summary>What a segment says of an Id without a look at its rows.</summary>
internal enum ListedRow : byte { Absent, Live, Deleted }

/// <summary>
/// All Ids of a segment and which of them are in the recycle bin (FORMAT.md §3.4): a byte or two for each. It takes the place of the Bloom filter, at
/// about the same size, wherever the Ids are Salesforce's; so an incremental run learns what is held of a changed row without decoding a block.
/// </summary>
internal sealed class IdList
{
    /// <summary>Stands where a Bloom filter has its number of hashes.</summary>
    public const byte Mark = 0;

    private const int Prefix = 5, Digits = 10, Suffix = 3;
    private static readonly byte[] s_digits = DigitValues();

    private readonly byte[] _body;
    private readonly (int Start, int Length)[] _parts;
    private readonly IReadOnlyList<BlockEntry> _blocks;

    private IdList(byte[] body, (int Start, int Length)[] parts, IReadOnlyList<BlockEntry> blocks) => (_body, _parts, _blocks) = (body, parts, blocks);

    /// <summary>Collects the rows of a segment in order of Id; <see cref="Finish"/> gives null when their Ids are not of the kind that fits.</summary>
    public sealed class Builder
    {
        private readonly ArrayBufferWriter<byte> _body = new(4096);
        private readonly ArrayBufferWriter<byte> _block = new(4096);
        private byte[] _first = [];
        private ulong _before;
        private bool _fits = true;

        public void Add(ReadOnlySpan<byte> id, bool deleted, bool beginsBlock)
        {
            if (!_fits) return;
            if (_first.Length == 0) _first = id.ToArray();
            if (!TryNumber(id, out var number) || id.Length != _first.Length || !id[..Prefix].SequenceEqual(_first.AsSpan(0, Prefix)))
            {
                _fits = false;
                return;
            }
            if (beginsBlock) EndBlock();
            var step = beginsBlock ? 0 : number - _before;
            Write(_block, step << 1 | (deleted ? 1UL : 0));
            _before = number;
        }

        public byte[]? Finish()
        {
            if (!_fits) return null;
            EndBlock();
            return [Mark, .. _body.WrittenSpan];
        }

        private void EndBlock()
        {
            if (_block.WrittenCount == 0) return;
            Varint.WriteBytes(_body, _block.WrittenSpan);
            _block.ResetWrittenCount();
        }
    }

    /// <summary>Throws <see cref="FormatException"/> unless the body lists as many rows as the blocks have.</summary>
    public static IdList Parse(byte[] body, IReadOnlyList<BlockEntry> blocks)
    {
        var reader = new ByteReader(body);
        if (reader.Take(1)[0] != Mark) throw new FormatException("no list of Ids");
        var parts = new (int Start, int Length)[blocks.Count];
        for (var i = 0; i < blocks.Count; i++)
        {
            var part = reader.Take(reader.Varint());
            parts[i] = (body.Length - reader.Remaining - part.Length, part.Length);
            var rows = 0;
            foreach (var b in part) rows += b < 0x80 ? 1 : 0;
            if (rows != blocks[i].Rows || part.IsEmpty || part[^1] >= 0x80 || !TryNumber(blocks[i].FirstId, out _)) throw new FormatException("a block has not as many Ids as rows");
        }
        return reader.Remaining == 0 ? new IdList(body, parts, blocks) : throw new FormatException("bytes are left over");
    }

    public ListedRow Find(int block, ReadOnlySpan<byte> id) => TryOpen(block, id, out var number, out var cursor) && cursor.SeekTo(number) ? cursor.Row : ListedRow.Absent;

    /// <summary>Tells what is listed of those of the sorted Ids, from <paramref name="at"/> on, that lie in the block; returns the place of the first that does not.</summary>
    public int FindAll(int block, IReadOnlyList<byte[]> sortedIds, int at, Action<byte[], ListedRow> found)
    {
        var last = _blocks[block].LastId;
        var cursor = new Cursor(Part(block), First(block));
        for (; at < sortedIds.Count && sortedIds[at].AsSpan().SequenceCompareTo(last) <= 0; at++)
        {
            var id = sortedIds[at];
            if (TryOpen(block, id, out var number, out _) && cursor.SeekTo(number)) found(id, cursor.Row);
        }
        return at;
    }

    private bool TryOpen(int block, ReadOnlySpan<byte> id, out ulong number, out Cursor cursor)
    {
        cursor = new Cursor(Part(block), First(block));
        var first = _blocks[block].FirstId;
        return TryNumber(id, out number) && id.Length == first.Length && id[..Prefix].SequenceEqual(first.AsSpan(0, Prefix));
    }

    private ReadOnlySpan<byte> Part(int block) => _body.AsSpan(_parts[block].Start, _parts[block].Length);

    private ulong First(int block) => TryNumber(_blocks[block].FirstId, out var number) ? number : 0;

    private ref struct Cursor(ReadOnlySpan<byte> part, ulong first)
    {
        private ReadOnlySpan<byte> _rest = part;
        private ulong _number = first;
        private bool _begun, _deleted;

        public readonly ListedRow Row => _deleted ? ListedRow.Deleted : ListedRow.Live;

        public bool SeekTo(ulong wanted)
        {
            while (!_begun || _number < wanted)
            {
                if (_rest.IsEmpty) return false;
                var value = Read(ref _rest);
                _deleted = (value & 1) != 0;
                _number = _begun ? _number + (value >> 1) : _number;
                _begun = true;
            }
            return _number == wanted;
        }
    }

    private static void Write(ArrayBufferWriter<byte> target, ulong value)
    {
        var span = target.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7) span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        target.Advance(length);
    }

    private static ulong Read(ref ReadOnlySpan<byte> rest)
    {
        if (rest[0] < 0x80)
        {
            var small = rest[0];
            rest = rest[1..];
            return small;
        }
        ulong value = 0;
        for (int i = 0, shift = 0; ; i++, shift += 7)
        {
            value |= (ulong)(rest[i] & 0x7F) << shift;
            if (rest[i] >= 0x80 && shift < 63) continue;
            rest = rest[(i + 1)..];
            return value;
        }
    }

    /// <summary>The ten characters behind the object's key and the instance as a number of base 62, which is below 2⁶⁰; the three that repeat the case of the others say nothing more.</summary>
    private static bool TryNumber(ReadOnlySpan<byte> id, out ulong number)
    {
        number = 0;
        if (id.Length is not (Prefix + Digits or Prefix + Digits + Suffix)) return false;
        foreach (var c in id.Slice(Prefix, Digits))
        {
            var digit = s_digits[c];
            if (digit > 61) return false;
            number = number * 62 + digit;
        }
        return true;
    }

    private static byte[] DigitValues()
    {
        var values = new byte[256];
        Array.Fill(values, (byte)255);
        for (var i = 0; i < 10; i++) values['0' + i] = (byte)i;
        for (var i = 0; i < 26; i++) (values['A' + i], values['a' + i]) = ((byte)(10 + i), (byte)(36 + i));
        return values;
    }
}
