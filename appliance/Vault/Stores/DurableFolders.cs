using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Appliance.Vault;

/// <summary>Makes folders and the names in them survive a power cut.</summary>
/// <remarks>
/// Flushing a file makes its bytes durable, not its name: the name lives in the folder, which must be flushed too.
/// .NET refuses to open a folder, so open(2) is called here; fsync is then RandomAccess.FlushToDisk as for any handle.
/// On Windows a folder cannot be flushed (NTFS journals names); the appliance runs on Linux, developers may not.
/// </remarks>
internal static partial class DurableFolders
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Creates the folder and those above it, flushing every parent that got a new name.</summary>
    public static void Ensure(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(folder);
        if (parent is not null) Ensure(parent);
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(folder);
        else Directory.CreateDirectory(folder, OwnerOnly);
        if (parent is not null) Flush(parent);
    }

    public static void Flush(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        const int readOnly = 0;
        var descriptor = Open(folder, readOnly);
        if (descriptor < 0) throw new IOException($"The folder {folder} cannot be opened (error {Marshal.GetLastPInvokeError()}).", Marshal.GetLastPInvokeError());
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Gives a file a second name, in one step, unless that name is taken; false when it is.</summary>
    /// <remarks>
    /// File.Move without overwrite is no such step: it looks, and then renames over what another writer put there between the two. It only stands in where
    /// there are no hard links (Windows, FAT).
    /// </remarks>
    public static bool Link(string file, string name)
    {
        const int exists = 17, notPermitted = 1, notSupported = 95;     // errno of Linux
        if (!OperatingSystem.IsWindows())
        {
            if (HardLink(file, name) == 0) return true;
            var error = Marshal.GetLastPInvokeError();
            if (error == exists) return false;
            if (error is not (notPermitted or notSupported)) throw new IOException($"{name} cannot be made (error {error}).", error);
        }
        try
        {
            File.Move(file, name, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(name))
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int HardLink(string existing, string name);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);
}
