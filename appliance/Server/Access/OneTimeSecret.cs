using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Appliance.Server.Access;

/// <summary>Random secrets that are shown once and kept as SHA-256: 256 bits of chance need no slow hash.</summary>
public static class OneTimeSecret
{
    public static string New(string prefix = "") => prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    public static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
