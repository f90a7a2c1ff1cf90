using System.Runtime.CompilerServices;
using Appliance.Vault;

namespace Vault.Tests;

/// <summary>The second store that meets the contract: quick, and its bytes can be copied and spoiled at will.</summary>
public sealed class MemoryBlobStore : IBlobStore
{
    private readonly Lock _lock = new();

    public SortedDictionary<string, byte[]> Blobs { get; } = new(StringComparer.Ordinal);

    public MemoryBlobStore Copy()
    {
        var copy = new MemoryBlobStore();
        foreach (var (name, bytes) in Blobs) copy.Blobs[name] = (byte[])bytes.Clone();
        return copy;
    }

    public async Task<bool> PutIfAbsentAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        CheckName(name);
        lock (_lock)
            if (Blobs.ContainsKey(name)) return false;
        using var content = new MemoryStream();
        await write(content, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return Blobs.TryAdd(name, content.ToArray());
    }

    public async Task<(string Name, bool Stored)> PutNamedLastAsync(Func<Stream, CancellationToken, Task<string>> writeThenName, CancellationToken cancellationToken)
    {
        using var content = new MemoryStream();
        var name = await writeThenName(content, cancellationToken);
        CheckName(name);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock) return (name, Blobs.TryAdd(name, content.ToArray()));
    }

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        CheckName(name);
        lock (_lock) Blobs[name] = content.ToArray();
        return Task.CompletedTask;
    }

    public Task<Stream> OpenReadAsync(string name, CancellationToken cancellationToken) => Task.FromResult<Stream>(new MemoryStream(Get(name), writable: false));

    public Task<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var bytes = Get(name);
        var part = offset >= bytes.Length ? Memory<byte>.Empty : bytes.AsMemory((int)offset, (int)Math.Min(buffer.Length, bytes.Length - offset));
        part.CopyTo(buffer);
        return Task.FromResult(part.Length);
    }

    public Task<long?> LengthAsync(string name, CancellationToken cancellationToken)
    {
        CheckName(name);
        lock (_lock) return Task.FromResult(Blobs.TryGetValue(name, out var bytes) ? bytes.Length : (long?)null);
    }

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        string[] names;
        lock (_lock) names = [.. Blobs.Keys];
        foreach (var name in names)
            if (name.StartsWith(prefix, StringComparison.Ordinal)) yield return name;
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        CheckName(name);
        lock (_lock) Blobs.Remove(name);
        return Task.CompletedTask;
    }

    private byte[] Get(string name)
    {
        CheckName(name);
        lock (_lock)
            return Blobs.TryGetValue(name, out var bytes) ? bytes : throw new VaultException(FailureKind.Permanent, $"{name}: missing", "", name);
    }

    private static void CheckName(string name)
    {
        if (name.Length == 0 || name.Split('/').Any(part => part.Length == 0 || part[0] == '.' || part.Any(c => !char.IsAsciiLetterOrDigit(c) && !"._-".Contains(c))))
            throw new ArgumentException(name);
    }
}
