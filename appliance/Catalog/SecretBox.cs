using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Appliance.Catalog;

/// <summary>
/// Encrypts the few secrets that stand in MySQL (OAuth tokens, client secrets, PKCE verifiers) with AES-256-GCM. Table, column and row id are
/// associated data: a box copied to another row or column does not open. Layout: version byte 1, nonce 12, tag 16, cipher text.
/// </summary>
public sealed partial class SecretBox
{
    private const byte Version = 1;
    private const int NonceBytes = 12, TagBytes = 16, HeaderBytes = 1 + NonceBytes + TagBytes;
    private readonly byte[] _key;

    /// <param name="key">32 bytes.</param>
    public SecretBox(byte[] key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (key.Length != 32) throw new ArgumentException("A secrets key has 32 bytes.", nameof(key));
        _key = [.. key];
    }

    /// <summary>Reads the key file (base64 of 32 bytes), or makes it with mode 0600 when it is absent. Of several processes that start at once one makes it, and all read that one.</summary>
    /// <exception cref="CatalogException">The file is there but is no key.</exception>
    public static SecretBox FromFile(string path)
    {
        if (!File.Exists(path)) Make(path);
        var text = File.ReadAllText(path).Trim();
        if (!Base64.IsValid(text, out var length) || length != 32)
            throw new CatalogException($"The secrets key {path} is damaged.", "Put back the key file from your own copy; without it every org has to be connected again.");
        return new SecretBox(Convert.FromBase64String(text));
    }

    public byte[] Seal(string secret, string table, string column, Guid rowId)
    {
        var plain = Encoding.UTF8.GetBytes(secret);
        var box = new byte[HeaderBytes + plain.Length];
        box[0] = Version;
        var nonce = box.AsSpan(1, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_key, TagBytes);
        aes.Encrypt(nonce, plain, box.AsSpan(HeaderBytes), box.AsSpan(1 + NonceBytes, TagBytes), Place(table, column, rowId));
        return box;
    }

    /// <exception cref="CatalogException">Another key sealed it, it was changed, or it was moved from another row.</exception>
    public string Open(ReadOnlySpan<byte> box, string table, string column, Guid rowId)
    {
        if (box.Length >= HeaderBytes && box[0] == Version)
        {
            var plain = new byte[box.Length - HeaderBytes];
            try
            {
                using var aes = new AesGcm(_key, TagBytes);
                aes.Decrypt(box.Slice(1, NonceBytes), box[HeaderBytes..], box.Slice(1 + NonceBytes, TagBytes), plain, Place(table, column, rowId));
                return Encoding.UTF8.GetString(plain);
            }
            catch (AuthenticationTagMismatchException)
            {
            }
        }
        throw new CatalogException($"A secret in {table}.{column} does not open with this appliance's secrets key.",
            "Put back the secrets.key that belongs to this catalog, or connect the org again.");
    }

    /// <summary>Whole or not at all, and never over one that somebody else has made meanwhile.</summary>
    private static void Make(string path)
    {
        var temporary = $"{path}.{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}.new";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            using (var file = new FileStream(temporary, options))
            {
                file.Write(Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))));
                file.Flush(flushToDisk: true);
            }
            Name(temporary, path);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>link(2): one step, which fails when the name is taken. File.Move looks first and then renames over what came between; it only stands in where there are no hard links.</summary>
    private static void Name(string temporary, string path)
    {
        const int exists = 17;      // errno of Linux
        if (!OperatingSystem.IsWindows())
        {
            if (HardLink(temporary, path) == 0 || Marshal.GetLastPInvokeError() == exists) return;
        }
        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // another process was first: its key is read
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int HardLink(string existing, string name);

    private static byte[] Place(string table, string column, Guid rowId) => Encoding.UTF8.GetBytes($"{table}/{column}/{rowId:N}");
}
