using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Preflight;

/// <summary>DNS updates (RFC 2136) signed with TSIG (RFC 8945), over TCP.</summary>
internal static class DynamicUpdate
{
    private const ushort Soa = 6, Txt = 16, Tsig = 250, In = 1, Any = 255;

    /// <returns>Null when the server took it, else why not.</returns>
    public static Task<string?> AddAsync(DynamicDns server, string zone, string name, string text, TimeProvider time, CancellationToken cancellationToken) =>
        SendAsync(server, zone, update => Record(update, name, Txt, In, ttl: 60, [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)]), time, cancellationToken);

    /// <summary>Deletes all TXT records of the name.</summary>
    public static Task<string?> DeleteAsync(DynamicDns server, string zone, string name, TimeProvider time, CancellationToken cancellationToken) =>
        SendAsync(server, zone, update => Record(update, name, Txt, Any, ttl: 0, []), time, cancellationToken);

    private static async Task<string?> SendAsync(DynamicDns server, string zone, Action<List<byte>> change, TimeProvider time, CancellationToken cancellationToken)
    {
        var id = (ushort)RandomNumberGenerator.GetInt32(65536);
        var message = new List<byte>();
        foreach (var word in new ushort[] { id, 5 << 11, 1, 0, 1, 0 }) Word(message, word);      // opcode 5; one zone, one update
        Name(message, zone);
        Word(message, Soa);
        Word(message, In);
        change(message);
        Sign(message, server, id, time.GetUtcNow());
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(TimeSpan.FromSeconds(10));
            using var socket = new TcpClient();
            await socket.ConnectAsync(server.Server, server.Port, patience.Token);
            var stream = socket.GetStream();
            var length = new byte[2];
            BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)message.Count);
            await stream.WriteAsync((byte[])[.. length, .. message], patience.Token);
            await stream.ReadExactlyAsync(length, patience.Token);
            var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await stream.ReadExactlyAsync(answer, patience.Token);
            return answer.Length < 12 || BinaryPrimitives.ReadUInt16BigEndian(answer) != id ? $"{server.Server} answers with something that is no DNS." : Meaning(answer[3] & 15, server, zone);
        }
        catch (Exception failed) when (failed is SocketException or IOException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"{server.Server} port {server.Port} did not answer: {failed.GetBaseException().Message.TrimEnd('.')}.";
        }
    }

    private static string? Meaning(int code, DynamicDns server, string zone) => code switch
    {
        0 => null,
        1 => $"{server.Server} did not understand the update.",
        5 => $"{server.Server} refuses updates of {zone} by the key {server.KeyName}.",
        9 => $"{server.Server} does not take the signature of {server.KeyName}, or is not authoritative for {zone}.",
        10 => $"the name is not in {zone}, says {server.Server}.",
        _ => $"{server.Server} refuses the update (code {code}).",
    };

    private static void Sign(List<byte> message, DynamicDns server, ushort id, DateTimeOffset now)
    {
        var variables = new List<byte>();
        Name(variables, server.KeyName);
        Word(variables, Any);
        Long(variables, 0);
        var algorithm = new List<byte>();
        Name(algorithm, server.Algorithm);
        var when = new List<byte>();
        var seconds = now.ToUnixTimeSeconds();
        Word(when, (ushort)(seconds >> 32));
        Long(when, (uint)seconds);
        Word(when, 300);        // seconds that the clocks may differ
        variables.AddRange(algorithm);
        variables.AddRange(when);
        Word(variables, 0);
        Word(variables, 0);
        var key = Convert.FromBase64String(server.Key.Reveal());
        byte[] signed = [.. message, .. variables];
        var mac = server.Algorithm == "hmac-sha512" ? HMACSHA512.HashData(key, signed) : HMACSHA256.HashData(key, signed);
        List<byte> data = [.. algorithm, .. when];
        Word(data, (ushort)mac.Length);
        data.AddRange(mac);
        foreach (var word in new ushort[] { id, 0, 0 }) Word(data, word);
        Record(message, server.KeyName, Tsig, Any, ttl: 0, [.. data]);
        message[11]++;          // one additional record
    }

    private static void Record(List<byte> message, string name, ushort type, ushort kind, uint ttl, byte[] data)
    {
        Name(message, name);
        Word(message, type);
        Word(message, kind);
        Long(message, ttl);
        Word(message, (ushort)data.Length);
        message.AddRange(data);
    }

    private static void Name(List<byte> message, string name)
    {
        foreach (var label in name.Split('.'))
        {
            message.Add((byte)label.Length);
            message.AddRange(Encoding.ASCII.GetBytes(label));
        }
        message.Add(0);
    }

    private static void Word(List<byte> message, ushort value) => message.AddRange([(byte)(value >> 8), (byte)value]);

    private static void Long(List<byte> message, uint value) => message.AddRange([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);
}
