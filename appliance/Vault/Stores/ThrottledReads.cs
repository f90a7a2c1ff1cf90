namespace Appliance.Vault;

/// <summary>A store that is read no faster than so many bytes a second, so that a sweep leaves the disk, or the bill, to others. Writes pass.</summary>
internal sealed class ThrottledReads(IBlobStore store, long bytesPerSecond, TimeProvider time) : IBlobStore
{
    private readonly long _start = time.GetTimestamp();
    private long _read;

    public async Task<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var read = await store.ReadAsync(name, offset, buffer, cancellationToken);
        var due = TimeSpan.FromSeconds(Interlocked.Add(ref _read, read) / (double)bytesPerSecond);
        if (due - time.GetElapsedTime(_start) is { } ahead && ahead > TimeSpan.FromMilliseconds(5)) await Task.Delay(ahead, time, cancellationToken);
        return read;
    }

    public Task<bool> PutIfAbsentAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) => store.PutIfAbsentAsync(name, write, cancellationToken);

    public Task<(string Name, bool Stored)> PutNamedLastAsync(Func<Stream, CancellationToken, Task<string>> writeThenName, CancellationToken cancellationToken) =>
        store.PutNamedLastAsync(writeThenName, cancellationToken);

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => store.ReplaceAsync(name, content, cancellationToken);

    public Task<Stream> OpenReadAsync(string name, CancellationToken cancellationToken) => store.OpenReadAsync(name, cancellationToken);

    public Task<long?> LengthAsync(string name, CancellationToken cancellationToken) => store.LengthAsync(name, cancellationToken);

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) => store.ListAsync(prefix, cancellationToken);

    public Task DeleteAsync(string name, CancellationToken cancellationToken) => store.DeleteAsync(name, cancellationToken);
}
