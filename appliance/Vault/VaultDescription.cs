using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Appliance.Vault;

/// <summary>Who a vault is.</summary>
public sealed record VaultDescription(Guid VaultId, string OrgId, bool Encrypted);

/// <summary>vault.json (FORMAT.md §2): the description and the vault key, wrapped by the master key.</summary>
internal sealed record VaultFile(VaultDescription Description, DateTimeOffset CreatedAt, string KeyId, byte[] WrappedKey)
{
    private const string Format = "appliance-vault";
    private const int Version = 1, HexDigits = 64, LongestFile = 64 * 1024;
    private const string KeyRemedy = "Give the master key that this vault was made with; its key id must equal the keyId in vault.json.";

    private static readonly byte[] s_beforeCheck = "\n  \"check\": \""u8.ToArray(), s_end = "\"\n}\n"u8.ToArray();

    public static VaultFile New(VaultDescription description, MasterKey master, byte[] vaultKey, DateTimeOffset now)
    {
        var wrapped = new byte[VaultKeys.NonceBytes + VaultKeys.KeyBytes + VaultKeys.TagBytes];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, VaultKeys.NonceBytes));
        using var aes = new AesGcm(WrappingKey(master, description), VaultKeys.TagBytes);
        aes.Encrypt(
            wrapped.AsSpan(0, VaultKeys.NonceBytes), vaultKey, wrapped.AsSpan(VaultKeys.NonceBytes, VaultKeys.KeyBytes), wrapped.AsSpan(^VaultKeys.TagBytes..), Associated(description));
        return new VaultFile(description, now, master.KeyId, wrapped);
    }

    public byte[] Write()
    {
        var target = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(target, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("version", Version);
            json.WriteString("vaultId", Description.VaultId);
            json.WriteString("orgId", Description.OrgId);
            json.WriteBoolean("encrypted", Description.Encrypted);
            json.WriteString("createdAt", CreatedAt.ToString("O"));
            json.WriteString("keyId", KeyId);
            json.WriteBase64String("wrappedKey", WrappedKey);
            json.WriteEndObject();
        }
        byte[] body = [.. target.WrittenSpan[..^"\n}"u8.Length], (byte)',', .. s_beforeCheck];
        return [.. body, .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(body))), .. s_end];
    }

    public static async Task<VaultFile> ReadAsync(IBlobStore store, CancellationToken cancellationToken)
    {
        var length = await store.LengthAsync(VaultNames.VaultFile, cancellationToken)
            ?? throw new VaultException(FailureKind.Operator, "There is no vault here: vault.json is missing.", "Give the folder of one org's vault, the one that holds vault.json.", VaultNames.VaultFile);
        if (length > LongestFile) throw VaultException.Damaged(VaultNames.VaultFile, "it is far too long");
        var bytes = new byte[length];
        await ContainerTail.FillAsync(store, VaultNames.VaultFile, 0, bytes, cancellationToken);
        return Parse(bytes);
    }

    public static VaultFile Parse(byte[] bytes)
    {
        var body = bytes.AsSpan(0, Math.Max(0, bytes.Length - HexDigits - s_end.Length));
        if (!body.EndsWith(s_beforeCheck) || !bytes.AsSpan().EndsWith(s_end)
            || Encoding.ASCII.GetString(bytes.AsSpan(body.Length, HexDigits)) != Convert.ToHexStringLower(SHA256.HashData(body)))
            throw VaultException.Damaged(VaultNames.VaultFile, "its check does not fit: the file was damaged or edited");
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var root = document.RootElement;
            if (root.GetProperty("format").GetString() != Format || root.GetProperty("version").GetInt32() != Version)
                throw new VaultException(FailureKind.Operator, "vault.json is of a format that this release does not know.", "Use a newer release of the appliance.", VaultNames.VaultFile);
            return new VaultFile(
                new VaultDescription(root.GetProperty("vaultId").GetGuid(), root.GetProperty("orgId").GetString() ?? "", root.GetProperty("encrypted").GetBoolean()),
                root.GetProperty("createdAt").GetDateTimeOffset(), root.GetProperty("keyId").GetString() ?? "", root.GetProperty("wrappedKey").GetBytesFromBase64());
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw VaultException.Damaged(VaultNames.VaultFile, $"it cannot be read ({failure.Message})", failure);
        }
    }

    public VaultKeys Unlock(MasterKey master)
    {
        if (master.KeyId != KeyId)
            throw new VaultException(FailureKind.Operator, $"The vault was made with master key {KeyId}, but the one given is {master.KeyId}.", KeyRemedy, VaultNames.VaultFile);
        var vaultKey = new byte[VaultKeys.KeyBytes];
        try
        {
            if (WrappedKey.Length != VaultKeys.NonceBytes + VaultKeys.KeyBytes + VaultKeys.TagBytes)
                throw VaultException.Damaged(VaultNames.VaultFile, "the wrapped key has the wrong length");
            using var aes = new AesGcm(WrappingKey(master, Description), VaultKeys.TagBytes);
            aes.Decrypt(
                WrappedKey.AsSpan(0, VaultKeys.NonceBytes), WrappedKey.AsSpan(VaultKeys.NonceBytes, VaultKeys.KeyBytes), WrappedKey.AsSpan(^VaultKeys.TagBytes..), vaultKey, Associated(Description));
            return new VaultKeys(vaultKey);
        }
        catch (AuthenticationTagMismatchException failure)
        {
            throw VaultException.Damaged(VaultNames.VaultFile, "the wrapped key does not open with the master key: the description or the key was changed", failure);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(vaultKey);
        }
    }

    private static byte[] WrappingKey(MasterKey master, VaultDescription description)
    {
        var key = new byte[VaultKeys.KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, master.Bytes, key, description.VaultId.ToByteArray(bigEndian: true), "appliance vault key"u8);
        return key;
    }

    private static byte[] Associated(VaultDescription d) =>
        Encoding.UTF8.GetBytes($"{Format}/{Version}\n{d.VaultId:D}\n{d.OrgId}\n{(d.Encrypted ? "encrypted" : "plain")}");
}
