using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Provisioner.Certificates.Store;

/// <summary>Files, links and names that survive a power cut: written beside, flushed, renamed, and the folder flushed, because a name lives in its folder.</summary>
internal static partial class DurableFiles
{
    public const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite, PrivateFolder = Private | UnixFileMode.UserExecute,
        Readable = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead, ReadableFolder = PrivateFolder | (UnixFileMode)0b101_101;

    /// <summary>A reader sees the old content or the new one, whole.</summary>
    public static void Write(string path, string content, UnixFileMode mode = Private)
    {
        var beside = path + ".new";
        File.Delete(beside);
        using (var stream = new FileStream(beside, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = mode }))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(content));
            stream.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
        Flush(Path.GetDirectoryName(path)!);
    }

    /// <summary>Lets a relative link lead elsewhere, in one step.</summary>
    public static void Link(string path, string target)
    {
        var beside = path + ".new";
        File.Delete(beside);
        File.CreateSymbolicLink(beside, target);
        // File.Move would look for a file behind the link, and find a folder.
        if (Rename(beside, path) != 0) throw new IOException($"The link {path} cannot be switched (error {Marshal.GetLastPInvokeError()}).", Marshal.GetLastPInvokeError());
        Flush(Path.GetDirectoryName(path)!);
    }

    public static void Delete(string path)
    {
        File.Delete(path);
        Flush(Path.GetDirectoryName(path)!);
    }

    public static void Folder(string path)
    {
        if (Directory.Exists(path)) return;
        var parent = Path.GetDirectoryName(path)!;
        Folder(parent);
        Directory.CreateDirectory(path, PrivateFolder);
        Flush(parent);
    }

    /// <summary>.NET refuses to open a folder, so open(2) is called here; fsync is then RandomAccess.FlushToDisk as for any handle.</summary>
    public static void Flush(string folder)
    {
        var descriptor = Open(folder, 0);
        if (descriptor < 0) throw new IOException($"The folder {folder} cannot be opened (error {Marshal.GetLastPInvokeError()}).", Marshal.GetLastPInvokeError());
        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        RandomAccess.FlushToDisk(handle);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Rename(string from, string to);
}
