using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using static Provisioner.Certificates.Dns.DnsWire;

namespace Provisioner.Certificates.Dns;

/// <summary>DNS updates (RFC 2136) signed with TSIG (RFC 8945), over TCP.</summary>
public static class DynamicUpdate
{
    private const ushort Soa = 6, Tsig = 250, None = 254, Any = 255;

    /// <returns>Null when the server took it, else why not.</returns>
    public static Task<string?> AddAsync(DynamicServer server, string zone, string name, string text, TimeProvider time, CancellationToken cancellationToken) =>
        SendAsync(server, zone, update => Record(update, name, Txt, In, ttl: 60, Text(text)), time, cancellationToken);

    /// <summary>Deletes the TXT record of the name with this text; others of the name stay.</summary>
    public static Task<string?> DeleteAsync(DynamicServer server, string zone, string name, string text, TimeProvider time, CancellationToken cancellationToken) =>
        SendAsync(server, zone, update => Record(update, name, Txt, None, ttl: 0, Text(text)), time, cancellationToken);

    /// <summary>Deletes all TXT records of the name.</summary>
    public static Task<string?> DeleteAsync(DynamicServer server, string zone, string name, TimeProvider time, CancellationToken cancellationToken) =>
        SendAsync(server, zone, update => Record(update, name, Txt, Any, ttl: 0, []), time, cancellationToken);

    private static async Task<string?> SendAsync(DynamicServer server, string zone, Action<List<byte>> change, TimeProvider time, CancellationToken cancellationToken)
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
            var answer = await ExchangeAsync(server.Address, server.Port, [.. message], cancellationToken);
            return answer.Length < 12 || BinaryPrimitives.ReadUInt16BigEndian(answer) != id ? $"{server.Address} answers with something that is no DNS." : Meaning(answer[3] & 15, server, zone);
        }
        catch (Exception failed) when (failed is SocketException or IOException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return $"{server.Address} port {server.Port} did not answer: {failed.GetBaseException().Message.TrimEnd('.')}.";
        }
    }

    private static string? Meaning(int code, DynamicServer server, string zone) => code switch
    {
        0 => null,
        1 => $"{server.Address} did not understand the update.",
        5 => $"{server.Address} refuses updates of {zone} by the key {server.KeyName}.",
        9 => $"{server.Address} does not take the signature of {server.KeyName}, or is not authoritative for {zone}.",
        10 => $"the name is not in {zone}, says {server.Address}.",
        _ => $"{server.Address} refuses the update (code {code}).",
    };

    private static void Sign(List<byte> message, DynamicServer server, ushort id, DateTimeOffset now)
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
        var key = Convert.FromBase64String(server.Key);
        byte[] signed = [.. message, .. variables];
        var mac = server.Algorithm == "hmac-sha512" ? HMACSHA512.HashData(key, signed) : HMACSHA256.HashData(key, signed);
        List<byte> data = [.. algorithm, .. when];
        Word(data, (ushort)mac.Length);
        data.AddRange(mac);
        foreach (var word in new ushort[] { id, 0, 0 }) Word(data, word);
        Record(message, server.KeyName, Tsig, Any, ttl: 0, [.. data]);
        message[11]++;          // one additional record
    }
}

/// <summary>A name server that takes signed updates.</summary>
/// <param name="Address">Address or name.</param>
/// <param name="Algorithm">hmac-sha256 or hmac-sha512.</param>
/// <param name="Key">Base64.</param>
public sealed record DynamicServer(string Address, int Port, string KeyName, string Algorithm, string Key)
{
    public override string ToString() => $"{Address}:{Port} with the key {KeyName}";
}
