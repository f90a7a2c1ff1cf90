using System.Globalization;

namespace Provisioner.Certificates.Store;

/// <summary>
/// Only one at a time orders and places. The kernel's lock on the file `lease`: it holds across processes and containers of the machine, ends with its holder however that ends,
/// and needs no clock. (A lease with a time in it would be taken from an order that only takes long, or hold up everybody after a crash.)
/// </summary>
public sealed class StoreLock : IDisposable
{
    private const int WouldBlock = 11;      // EWOULDBLOCK, as the runtime passes it on from flock

    private readonly FileStream _file;

    private StoreLock(FileStream file) => _file = file;

    /// <returns>Null: somebody else has it.</returns>
    public static StoreLock? Take(string root)
    {
        DurableFiles.Folder(root);
        FileStream file;
        try
        {
            file = new FileStream(PathOf(root), new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = DurableFiles.Private });
        }
        catch (IOException held) when (held.HResult == WouldBlock)       // any other failure is no holder: it must be told
        {
            return null;
        }
        try
        {
            file.SetLength(0);
            file.Write(System.Text.Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName} process {Environment.ProcessId}\n")));
            file.Flush();
            return new StoreLock(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private static string PathOf(string root) => Path.Combine(root, "lease");
}
