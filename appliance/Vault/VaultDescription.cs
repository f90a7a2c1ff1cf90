using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Appliance.Vault;

/// <summary>Who a vault is.</summary>
public sealed record VaultDescription(Guid VaultId, string OrgId, bool Encrypted);

/// <summary>vault.json (FORMAT.md §2): the description and the vault key, wrapped by the master key.</summary>
internal sealed record VaultFile(VaultDescription Description, DateTimeOffset CreatedAt, KeyOrigin Origin, string KeyId, byte[] WrappedKey)
{
    private const string Format = "appliance-vault";
    private const int Version = 1, HexDigits = 64, LongestFile = 64 * 1024;
    private const string KeyRemedy = "Give the master key that this vault was made with; its key id must equal the keyId in vault.json.";

    private static readonly byte[] s_beforeCheck = "\n  \"check\": \""u8.ToArray(), s_end = "\"\n}\n"u8.ToArray();

    public static async Task<VaultFile> NewAsync(
        VaultDescription description, MasterKey master, byte[] vaultKey, DateTimeOffset createdAt, CancellationToken cancellationToken)
    {
        var (key, origin) = await master.NewAsync(description.VaultId, cancellationToken);
        try
        {
            return new VaultFile(description, createdAt, origin, MasterKey.IdOf(key), Wrap(description, key, vaultKey));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static byte[] Wrap(VaultDescription description, byte[] key, byte[] vaultKey)
    {
        var wrapped = new byte[VaultKeys.NonceBytes + VaultKeys.KeyBytes + VaultKeys.TagBytes];
        RandomNumberGenerator.Fill(wrapped.AsSpan(0, VaultKeys.NonceBytes));
        using var aes = new AesGcm(WrappingKey(key, description), VaultKeys.TagBytes);
        aes.Encrypt(
            wrapped.AsSpan(0, VaultKeys.NonceBytes), vaultKey, wrapped.AsSpan(VaultKeys.NonceBytes, VaultKeys.KeyBytes), wrapped.AsSpan(^VaultKeys.TagBytes..), Associated(description));
        return wrapped;
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
            WriteOrigin(json);
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
                root.GetProperty("createdAt").GetDateTimeOffset(), ReadOrigin(root), root.GetProperty("keyId").GetString() ?? "", root.GetProperty("wrappedKey").GetBytesFromBase64());
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or FormatException or InvalidOperationException)
        {
            throw VaultException.Damaged(VaultNames.VaultFile, $"it cannot be read ({failure.Message})", failure);
        }
    }

    /// <summary>Opens the vault's keys. Throws <see cref="VaultException"/>: Operator for another key, Permanent for a damaged file.</summary>
    public async Task<VaultKeys> UnlockAsync(MasterKey master, CancellationToken cancellationToken)
    {
        var vaultKey = await VaultKeyAsync(master, cancellationToken);
        try
        {
            return new VaultKeys(vaultKey);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(vaultKey);
        }
    }

    /// <summary>The same vault key, wrapped by another master key.</summary>
    public async Task<VaultFile> RewrapAsync(MasterKey from, MasterKey to, CancellationToken cancellationToken)
    {
        var vaultKey = await VaultKeyAsync(from, cancellationToken);
        try
        {
            return await NewAsync(Description, to, vaultKey, CreatedAt, cancellationToken);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(vaultKey);
        }
    }

    private async Task<byte[]> VaultKeyAsync(MasterKey master, CancellationToken cancellationToken)
    {
        var key = await master.OpenAsync(Origin, Description.VaultId, cancellationToken);
        try
        {
            if (MasterKey.IdOf(key) != KeyId)
                throw new VaultException(FailureKind.Operator, Origin is KeyOrigin.Passphrase
                    ? "The passphrase is not the one that this vault opens with."
                    : $"The vault was made with master key {KeyId}, but the one given is {MasterKey.IdOf(key)}.", KeyRemedy, VaultNames.VaultFile);
            if (WrappedKey.Length != VaultKeys.NonceBytes + VaultKeys.KeyBytes + VaultKeys.TagBytes)
                throw VaultException.Damaged(VaultNames.VaultFile, "the wrapped key has the wrong length");
            var vaultKey = new byte[VaultKeys.KeyBytes];
            using var aes = new AesGcm(WrappingKey(key, Description), VaultKeys.TagBytes);
            aes.Decrypt(
                WrappedKey.AsSpan(0, VaultKeys.NonceBytes), WrappedKey.AsSpan(VaultKeys.NonceBytes, VaultKeys.KeyBytes), WrappedKey.AsSpan(^VaultKeys.TagBytes..), vaultKey, Associated(Description));
            return vaultKey;
        }
        catch (AuthenticationTagMismatchException failure)
        {
            throw VaultException.Damaged(VaultNames.VaultFile, "the wrapped key does not open with the master key: the description or the key was changed", failure);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private void WriteOrigin(Utf8JsonWriter json)
    {
        switch (Origin)
        {
            case KeyOrigin.Passphrase passphrase:
                json.WriteStartObject("passphrase");
                json.WriteBase64String("salt", passphrase.Salt);
                json.WriteNumber("iterations", passphrase.Iterations);
                json.WriteEndObject();
                break;
            case KeyOrigin.Kms kms:
                json.WriteStartObject("kms");
                json.WriteString("keyArn", kms.KeyArn);
                json.WriteBase64String("wrappedMasterKey", kms.Wrapped);
                json.WriteEndObject();
                break;
        }
    }

    private static KeyOrigin ReadOrigin(JsonElement root)
    {
        if (root.TryGetProperty("passphrase", out var passphrase))
            return new KeyOrigin.Passphrase(passphrase.GetProperty("salt").GetBytesFromBase64(), passphrase.GetProperty("iterations").GetInt32());
        if (root.TryGetProperty("kms", out var kms))
            return new KeyOrigin.Kms(kms.GetProperty("keyArn").GetString() ?? "", kms.GetProperty("wrappedMasterKey").GetBytesFromBase64());
        return new KeyOrigin.File();
    }

    private static byte[] WrappingKey(byte[] masterKey, VaultDescription description)
    {
        var key = new byte[VaultKeys.KeyBytes];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, masterKey, key, description.VaultId.ToByteArray(bigEndian: true), "appliance vault key"u8);
        return key;
    }

    private static byte[] Associated(VaultDescription d) =>
        Encoding.UTF8.GetBytes($"{Format}/{Version}\n{d.VaultId:D}\n{d.OrgId}\n{(d.Encrypted ? "encrypted" : "plain")}");
}
