using Appliance.Vault;

namespace Engine.Tests;

/// <summary>Thrown where a process would have died.</summary>
internal sealed class Killed() : Exception("killed here");

/// <summary>A store that dies at its n-th write, before or after the deed; from then on every call dies, as in a process that is gone.</summary>
internal sealed class FailingStore(IBlobStore inner, int dieAt, bool afterTheDeed) : IBlobStore
{
    private int _writes;
    private volatile bool _dead;

    /// <summary>False when the run ended before the planned death: then the test proved nothing.</summary>
    public bool Died => _dead;

    public Task<bool> PutIfAbsentAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        WriteAsync(() => inner.PutIfAbsentAsync(name, write, cancellationToken));

    public Task<(string Name, bool Stored)> PutNamedLastAsync(Func<Stream, CancellationToken, Task<string>> writeThenName, CancellationToken cancellationToken) =>
        WriteAsync(() => inner.PutNamedLastAsync(writeThenName, cancellationToken));

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        WriteAsync(async () =>
        {
            await inner.ReplaceAsync(name, content, cancellationToken);
            return true;
        });

    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        WriteAsync(async () =>
        {
            await inner.DeleteAsync(name, cancellationToken);
            return true;
        });

    public Task<Stream> OpenReadAsync(string name, CancellationToken cancellationToken) => Alive().OpenReadAsync(name, cancellationToken);

    public Task<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        Alive().ReadAsync(name, offset, buffer, cancellationToken);

    public Task<long?> LengthAsync(string name, CancellationToken cancellationToken) => Alive().LengthAsync(name, cancellationToken);

    public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) => Alive().ListAsync(prefix, cancellationToken);

    private IBlobStore Alive() => _dead ? throw new Killed() : inner;

    private async Task<T> WriteAsync<T>(Func<Task<T>> write)
    {
        if (_dead) throw new Killed();
        var mine = Interlocked.Increment(ref _writes) == dieAt;
        if (mine && !afterTheDeed) _dead = true;
        if (_dead) throw new Killed();
        var result = await write();
        if (mine) _dead = true;
        return _dead ? throw new Killed() : result;
    }
}
