using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Provisioner.Delivery.Settings;

/// <summary>The deployer's way in: never open to the world, keys that are keys.</summary>
internal static class AccessJudge
{
    public static AccessSettings Judge(SettingValues values, Cloud? cloud)
    {
        var via = values.Text("deployVia") is "ssm" ? DeployVia.Ssm : DeployVia.Ssh;
        if (via == DeployVia.Ssm && cloud is not (null or Cloud.Aws)) values.Report("deployVia", "Systems Manager is AWS's.", "Take ssh.");
        var deployer = values.Cidr("deployerAddress");
        if (deployer is { } range && range.PrefixLength < (range.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? 24 : 56))
            values.Report("deployerAddress", "port 22 would be open to far more than a deployer.", "Give the one address from which you deploy; at most a /24 (IPv6: /56).");
        else if (deployer is { BaseAddress.AddressFamily: AddressFamily.InterNetworkV6 })
            values.Report("deployerAddress", "it is an IPv6 address, and deployments go to the machine's IPv4 address.", "Give the IPv4 address from which you deploy.");
        if (values.Text("sshPublicKey") is { } key && PublicKeyMistake(key) is { } wrong)
            values.Report("sshPublicKey", wrong, "Give the one line of the .pub file; `ssh-keygen -t ed25519` makes one.");
        if (values.Text("sshPrivateKey") is { } secret && !secret.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            values.Report("sshPrivateKey", "it is no private key.", "Set the whole file, with its first and last line: `pulumi config set --secret sshPrivateKey < FILE`.");
        if (values.Text("hostAddress") is { } host && !IPAddress.TryParse(host, out _) && Names.Read(host).Reason is { } reason)
            values.Report("hostAddress", reason, "Give the address or the full name of the machine.");
        return new AccessSettings(via, deployer, values.Text("login") ?? "", values.Whole("sshPort") ?? 22, values.Text("sshPublicKey"), values.Secret("sshPrivateKey"), values.Text("hostAddress"), values.Text("hostKeyFingerprint"));
    }

    private static string? PublicKeyMistake(string line)
    {
        if (line.Contains("PRIVATE KEY", StringComparison.Ordinal)) return "it is a private key: count it as known to others and make a new pair.";
        var parts = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2 || line.Contains('\n', StringComparison.Ordinal)) return "it is no OpenSSH public key: type, key and name on one line.";
        if (parts[0] is "ssh-dss") return "DSA keys are no longer accepted by OpenSSH.";
        if (parts[0] is not ("ssh-ed25519" or "ssh-rsa" or "ecdsa-sha2-nistp256" or "ecdsa-sha2-nistp384" or "ecdsa-sha2-nistp521" or "sk-ssh-ed25519@openssh.com" or "sk-ecdsa-sha2-nistp256@openssh.com"))
            return "it is no OpenSSH public key of a kind that is known.";
        var bytes = new byte[parts[1].Length];
        if (!Convert.TryFromBase64String(parts[1], bytes, out var length)) return "its middle part is not base64.";
        var blob = bytes.AsSpan(0, length);
        var rest = blob;
        if (!TryTake(ref rest, out var type) || Encoding.ASCII.GetString(type) != parts[0]) return "its parts do not belong together: it seems to be cut.";
        if (parts[0] != "ssh-rsa") return rest.Length < 32 ? "it seems to be cut." : null;
        return !TryTake(ref rest, out _) || !TryTake(ref rest, out var modulus) ? "it seems to be cut." : modulus.Length < 256 ? $"its RSA key has {modulus.Length * 8} bits; at least 2048 are needed." : null;
    }

    /// <summary>A string of the SSH wire: four bytes of length, then so many bytes.</summary>
    private static bool TryTake(ref Span<byte> from, out Span<byte> field)
    {
        field = default;
        if (from.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(from) is var size && size > from.Length - 4) return false;
        field = from.Slice(4, (int)BinaryPrimitives.ReadUInt32BigEndian(from));
        from = from[(4 + field.Length)..];
        if (field.Length > 1 && field[0] == 0) field = field[1..];      // the sign byte of a number
        return true;
    }
}
