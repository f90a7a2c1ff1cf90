using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace OrgSimulator.Rest;

/// <summary>
/// Images inside rich text. A field names them by <c>refid=0EM…</c>; their bytes are a small PNG whose colour follows from that Id,
/// so that whoever copies them can tell one from another.
/// </summary>
public static class RichTextImages
{
    public static byte[] Png(string referenceId)
    {
        var seed = System.Security.Cryptography.SHA256.HashData(Encoding.ASCII.GetBytes(referenceId[..Math.Min(15, referenceId.Length)]));
        using var image = new MemoryStream();
        image.Write([0x89, .. "PNG\r\n"u8, 0x1a, (byte)'\n']);
        Chunk(image, "IHDR"u8, [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]);
        using var pixels = new MemoryStream();
        using (var zlib = new ZLibStream(pixels, CompressionLevel.Fastest, leaveOpen: true)) zlib.Write([0, seed[0], seed[1], seed[2]]);
        Chunk(image, "IDAT"u8, pixels.ToArray());
        Chunk(image, "tEXt"u8, Encoding.ASCII.GetBytes("refid\0" + referenceId));
        Chunk(image, "IEND"u8, []);
        return image.ToArray();
    }

    private static void Chunk(MemoryStream image, ReadOnlySpan<byte> kind, ReadOnlySpan<byte> data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        image.Write(number);
        image.Write(kind);
        image.Write(data);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc([.. kind, .. data]));
        image.Write(number);
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xffffffffu;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
        }
        return ~crc;
    }
}
