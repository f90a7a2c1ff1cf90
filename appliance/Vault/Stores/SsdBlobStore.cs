using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Appliance.Vault;

/// <summary>A vault's files in a folder of a disk. Folders are readable for the owner only.</summary>
public sealed class SsdBlobStore(string root) : IBlobStore
{
    // errno values of Linux; .NET puts them into IOException.HResult.
    private const int NoSpace = 28, QuotaExceeded = 122, ReadOnlyDisk = 30;
    private const int WriteBuffer = 128 * 1024;

    private readonly string _root = Path.GetFullPath(root);

    public async Task<bool> PutIfAbsentAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var target = PathOf(name);
        var folder = Path.GetDirectoryName(target)!;
        if (File.Exists(target))
        {
            DurableFolders.Flush(folder);   // it may stand by another writer's hand who has not flushed yet
            return false;
        }
        return await GuardAsync(name, async () =>
        {
            DurableFolders.Ensure(folder);
            var temporary = NewTemporary(folder);
            try
            {
                await WriteAsync(temporary, write, cancellationToken);
                return Link(temporary, target);
            }
            finally
            {
                File.Delete(temporary);
            }
        });
    }

    public async Task<(string Name, bool Stored)> PutNamedLastAsync(
        Func<Stream, CancellationToken, Task<string>> writeThenName, CancellationToken cancellationToken) =>
        await GuardAsync("a new file", async () =>
        {
            DurableFolders.Ensure(_root);
            var temporary = NewTemporary(_root);    // same disk as every target, so that the link below is one step
            try
            {
                var name = "";
                await WriteAsync(temporary, async (stream, token) => name = await writeThenName(stream, token), cancellationToken);
                var target = PathOf(name);
                DurableFolders.Ensure(Path.GetDirectoryName(target)!);
                return (name, Link(temporary, target));
            }
            finally
            {
                File.Delete(temporary);
            }
        });

    public async Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var target = PathOf(name);
        var folder = Path.GetDirectoryName(target)!;
        await GuardAsync(name, async () =>
        {
            DurableFolders.Ensure(folder);
            var temporary = NewTemporary(folder);
            try
            {
                await WriteAsync(temporary, (stream, token) => stream.WriteAsync(content, token).AsTask(), cancellationToken);
                File.Move(temporary, target, overwrite: true);
            }
            finally
            {
                File.Delete(temporary);
            }
            DurableFolders.Flush(folder);
            return true;
        });
    }

    public Task<Stream> OpenReadAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Guard(name, () => Task.FromResult<Stream>(
            new FileStream(PathOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0)));
    }

    public Task<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Guard(name, () =>
        {
            using var handle = File.OpenHandle(PathOf(name), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var filled = 0;
            while (filled < buffer.Length)
            {
                var read = RandomAccess.Read(handle, buffer.Span[filled..], offset + filled);
                if (read == 0) break;
                filled += read;
            }
            return Task.FromResult(filled);
        });
    }

    public Task<long?> LengthAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var file = new FileInfo(PathOf(name));
        return Task.FromResult(file.Exists ? file.Length : (long?)null);
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        // Only the folder that the prefix names is walked: "segments/Account/" must not read a million names of files/.
        var folder = prefix.LastIndexOf('/') is var slash and >= 0 ? Path.Combine(_root, prefix[..slash]) : _root;
        if (!Path.GetFullPath(folder).StartsWith(_root, StringComparison.Ordinal) || !Directory.Exists(folder)) yield break;
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false };
        foreach (var path in Directory.EnumerateFiles(folder, "*", options))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Path.GetFileName(path).StartsWith(BlobNames.TemporaryPrefix, StringComparison.Ordinal)) continue;
            var name = Path.GetRelativePath(_root, path).Replace(Path.DirectorySeparatorChar, '/');
            if (name.StartsWith(prefix, StringComparison.Ordinal)) yield return name;
        }
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var target = PathOf(name);
        if (!File.Exists(target)) return Task.CompletedTask;
        File.Delete(target);
        DurableFolders.Flush(Path.GetDirectoryName(target)!);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Deletes what killed writers left. Only to be called while no other process writes into this vault. Returns how many went.
    /// </summary>
    public int DeleteUnfinishedWrites()
    {
        if (!Directory.Exists(_root)) return 0;
        var left = Directory.GetFiles(_root, BlobNames.TemporaryPrefix + "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 });
        foreach (var path in left) File.Delete(path);
        return left.Length;
    }

    private string PathOf(string name) => Path.Combine(_root, BlobNames.Checked(name));

    private static string NewTemporary(string folder) =>
        Path.Combine(folder, BlobNames.TemporaryPrefix + RandomNumberGenerator.GetHexString(16, lowercase: true));

    private static async Task WriteAsync(string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = WriteBuffer };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        await using var stream = new FileStream(path, options);
        await write(stream, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();   // a cancelled write must not become visible
        stream.Flush(flushToDisk: true);
    }

    private static bool Link(string temporary, string target)
    {
        var stored = DurableFolders.Link(temporary, target);
        DurableFolders.Flush(Path.GetDirectoryName(target)!);
        return stored;
    }

    private Task<T> Guard<T>(string name, Func<Task<T>> action)
    {
        try
        {
            return action();
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw VaultException.Missing(name);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw NoAccess(name, failure);
        }
    }

    private async Task<T> GuardAsync<T>(string name, Func<Task<T>> action)
    {
        try
        {
            return await action();
        }
        catch (IOException failure) when (failure.HResult is NoSpace or QuotaExceeded)
        {
            throw new VaultException(FailureKind.Operator, $"The disk of the vault is full: {name} could not be stored.",
                $"Enlarge the disk that holds {_root} or free space on it, then let the job go on; nothing that stood is harmed.", name, failure) { DiskFull = true };
        }
        catch (IOException failure) when (failure.HResult == ReadOnlyDisk)
        {
            throw NoAccess(name, failure);
        }
        catch (UnauthorizedAccessException failure)
        {
            throw NoAccess(name, failure);
        }
    }

    private VaultException NoAccess(string name, Exception failure) =>
        new(FailureKind.Operator, $"The vault's folder refuses access to {name}: {failure.Message}",
            $"Let the appliance's user own {_root}, and mount its disk for writing.", name, failure);
}
