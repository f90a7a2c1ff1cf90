using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Renci.SshNet;
using Renci.SshNet.Security;

namespace Provisioner.Delivery.Deploying;

/// <summary>The keys of an SSH agent: they sign there and never come here (draft-ietf-sshm-ssh-agent).</summary>
internal sealed class SshAgent(string socket)
{
    private const byte RequestIdentities = 11, Identities = 12, SignRequest = 13, Signature = 14;
    private const int LargestAnswer = 256 * 1024;

    /// <summary>The agent that SSH_AUTH_SOCK names; null when there is none.</summary>
    public static SshAgent? OfEnvironment() => Environment.GetEnvironmentVariable("SSH_AUTH_SOCK") is { Length: > 0 } socket && File.Exists(socket) ? new SshAgent(socket) : null;

    /// <exception cref="IOException">The agent does not answer, or not as an agent does.</exception>
    public IReadOnlyList<IPrivateKeySource> Keys()
    {
        var answer = Ask(RequestIdentities, [], Identities);
        var count = (int)Math.Min(Number(ref answer), 100);
        var keys = new List<IPrivateKeySource>();
        for (var i = 0; i < count; i++)
        {
            var blob = Text(ref answer).ToArray();
            Text(ref answer);       // its comment
            var rest = (ReadOnlySpan<byte>)blob;
            var type = Encoding.ASCII.GetString(Text(ref rest));
            if (type.EndsWith("-cert-v01@openssh.com", StringComparison.Ordinal)) continue;     // a certificate's key stands there by itself, too
            keys.Add(new AgentKey(type == "ssh-rsa" ? [new AgentAlgorithm(this, "rsa-sha2-512", blob, 4), new AgentAlgorithm(this, "rsa-sha2-256", blob, 2)] : [new AgentAlgorithm(this, type, blob, 0)]));
        }
        return keys;
    }

    private byte[] Sign(byte[] blob, byte[] data, uint flags)
    {
        var request = new byte[12 + blob.Length + data.Length];
        BinaryPrimitives.WriteUInt32BigEndian(request, (uint)blob.Length);
        blob.CopyTo(request, 4);
        BinaryPrimitives.WriteUInt32BigEndian(request.AsSpan(4 + blob.Length), (uint)data.Length);
        data.CopyTo(request, 8 + blob.Length);
        BinaryPrimitives.WriteUInt32BigEndian(request.AsSpan(8 + blob.Length + data.Length), flags);
        var answer = Ask(SignRequest, request, Signature);
        return Text(ref answer).ToArray();
    }

    private ReadOnlySpan<byte> Ask(byte kind, ReadOnlySpan<byte> content, byte expected)
    {
        try
        {
            using var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 60_000, SendTimeout = 10_000 };     // a person may have to confirm
            connection.Connect(new UnixDomainSocketEndPoint(socket));
            using var stream = new NetworkStream(connection);
            var head = new byte[5];
            BinaryPrimitives.WriteUInt32BigEndian(head, (uint)content.Length + 1);
            head[4] = kind;
            stream.Write(head);
            stream.Write(content);
            stream.ReadExactly(head);
            var length = BinaryPrimitives.ReadUInt32BigEndian(head);
            if (length is 0 or > LargestAnswer || head[4] != expected) throw new IOException($"The SSH agent refused (it answered {head[4]}).");
            var answer = new byte[length - 1];
            stream.ReadExactly(answer);
            return answer;
        }
        catch (SocketException silent)
        {
            throw new IOException($"The SSH agent at {socket} does not answer: {silent.Message}", silent);
        }
    }

    private static uint Number(ref ReadOnlySpan<byte> from)
    {
        if (from.Length < 4) throw new IOException("The SSH agent's answer is cut off.");
        var number = BinaryPrimitives.ReadUInt32BigEndian(from);
        from = from[4..];
        return number;
    }

    private static ReadOnlySpan<byte> Text(ref ReadOnlySpan<byte> from)
    {
        var length = Number(ref from);
        if (length > from.Length) throw new IOException("The SSH agent's answer is cut off.");
        var text = from[..(int)length];
        from = from[(int)length..];
        return text;
    }

    private sealed class AgentKey(IReadOnlyCollection<HostAlgorithm> algorithms) : IPrivateKeySource
    {
        public IReadOnlyCollection<HostAlgorithm> HostKeyAlgorithms => algorithms;
    }

    /// <param name="flags">2: sign with SHA-256, 4: with SHA-512 (RSA only).</param>
    private sealed class AgentAlgorithm(SshAgent agent, string name, byte[] blob, uint flags) : HostAlgorithm(name)
    {
        public override byte[] Data => blob;

        public override byte[] Sign(byte[] data) => agent.Sign(blob, data, flags);

        public override bool VerifySignature(byte[] data, byte[] signature) => throw new NotSupportedException("An agent's key signs only.");
    }
}
