using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Provisioner.Certificates.Dns;

/// <summary>DNS messages (RFC 1035), over TCP: as much of them as proofs by DNS need.</summary>
internal static class DnsWire
{
    public const ushort Txt = 16, In = 1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void Record(List<byte> message, string name, ushort type, ushort kind, uint ttl, byte[] data)
    {
        Name(message, name);
        Word(message, type);
        Word(message, kind);
        Long(message, ttl);
        Word(message, (ushort)data.Length);
        message.AddRange(data);
    }

    public static void Name(List<byte> message, string name)
    {
        foreach (var label in name.TrimEnd('.').Split('.'))
        {
            message.Add((byte)label.Length);
            message.AddRange(Encoding.ASCII.GetBytes(label));
        }
        message.Add(0);
    }

    public static byte[] Text(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    public static void Word(List<byte> message, ushort value) => message.AddRange([(byte)(value >> 8), (byte)value]);

    public static void Long(List<byte> message, uint value) => message.AddRange([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);

    /// <summary>One question, one answer.</summary>
    public static async Task<byte[]> ExchangeAsync(string server, int port, byte[] message, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var socket = new TcpClient();
        await socket.ConnectAsync(server, port, patience.Token);
        var stream = socket.GetStream();
        var length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)message.Length);
        await stream.WriteAsync((byte[])[.. length, .. message], patience.Token);
        await stream.ReadExactlyAsync(length, patience.Token);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(answer, patience.Token);
        return answer;
    }

    /// <summary>The TXT records of a name, as one server has them.</summary>
    /// <exception cref="IOException">It answers with something else.</exception>
    public static async Task<List<string>> TextsAsync(string server, int port, string name, CancellationToken cancellationToken)
    {
        var question = new List<byte>();
        foreach (var word in new ushort[] { (ushort)RandomNumberGenerator.GetInt32(65536), 0x0100, 1, 0, 0, 0 }) Word(question, word);
        Name(question, name);
        Word(question, Txt);
        Word(question, In);
        var answer = await ExchangeAsync(server, port, [.. question], cancellationToken);
        try
        {
            return Texts(answer);
        }
        catch (ArgumentOutOfRangeException cut)
        {
            throw new IOException($"{server} answers with something that is no DNS.", cut);
        }
    }

    private static List<string> Texts(byte[] answer)
    {
        var texts = new List<string>();
        var at = 12;
        for (int questions = Word(4); questions > 0; questions--) at = AfterName(at) + 4;
        for (int records = Word(6); records > 0; records--)
        {
            at = AfterName(at);
            var (type, length) = (Word(at), Word(at + 8));
            at += 10;
            if (type == Txt)
            {
                var text = new StringBuilder();
                for (var part = at; part < at + length; part += answer[part] + 1) text.Append(Encoding.ASCII.GetString(answer.AsSpan(part + 1, answer[part])));
                texts.Add(text.ToString());
            }
            at += length;
        }
        return texts;

        ushort Word(int offset) => BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(offset, 2));

        int AfterName(int offset)
        {
            while (answer.AsSpan(offset, 1)[0] is > 0 and < 0xC0 and var label) offset += label + 1;
            return offset + (answer[offset] == 0 ? 1 : 2);
        }
    }
}
