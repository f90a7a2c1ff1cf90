using Appliance.Vault;
using Xunit;

namespace Engine.Tests.Metadata;

/// <summary>Death at numbered writes of the vault, before and after the deed.</summary>
public sealed class A_killed_reading_of_metadata_goes_on
{
    [Fact]
    public async Task And_ends_as_an_undisturbed_one_wherever_it_was_killed()
    {
        var writes = await WritesAsync();
        Assert.True(writes > 40);
        // Every write of the end, where list and manifest are made whole, and every fifth before.
        foreach (var dieAt in Enumerable.Range(1, writes).Where(n => n > writes - 6 || n % 5 == 0))
        {
            await using var scene = await SceneAsync();
            var snapshot = Guid.CreateVersion7();
            var store = scene.Org.Store;
            var failing = new FailingStore(store, dieAt, afterTheDeed: dieAt % 2 == 0);
            scene.Org.Store = failing;
            await Record.ExceptionAsync(() => scene.BackupAsync(snapshot));
            Assert.True(failing.Died, $"write {dieAt}");
            scene.Org.Store = store;
            var resumed = await scene.BackupAsync(snapshot);
            Assert.True(resumed.Certificate.Complete, $"write {dieAt}: {MetadataScene.Gaps(resumed.Certificate)}");
            await scene.AssertHoldsAsync(resumed.Manifest, $"write {dieAt}");
            await scene.AssertSoundAsync(resumed.Manifest);
        }
    }

    [Fact]
    public async Task And_asks_for_no_part_again_that_was_done()
    {
        await using var scene = await SceneAsync();
        var snapshot = Guid.CreateVersion7();
        var (calls, after) = (0, int.MaxValue);
        scene.Org.Simulator.Faults.Before = (call, _) => call.Path.Contains("/Soap/m/", StringComparison.Ordinal) && ++calls > after ? throw new OperationCanceledException() : Task.CompletedTask;
        await scene.BackupAsync();
        var whole = calls;
        // Killed when its last part but one was done: describe, lists and the other parts are not asked again.
        (calls, after) = (0, whole - 4);
        await Assert.ThrowsAnyAsync<Exception>(() => scene.BackupAsync(snapshot));
        (calls, after) = (0, int.MaxValue);
        var resumed = await scene.BackupAsync(snapshot);
        Assert.InRange(calls, 3, 6);
        Assert.True(whole > 30, $"{whole} calls");
        await scene.AssertHoldsAsync(resumed.Manifest);
    }

    private static async Task<MetadataScene> SceneAsync()
    {
        var scene = await MetadataScene.StartAsync();
        scene.Org.Options = scene.Org.Options with { MetadataPartFiles = 20 };
        return scene;
    }

    private static async Task<int> WritesAsync()
    {
        await using var scene = await SceneAsync();
        var counting = new CountingStore(scene.Org.Store);
        scene.Org.Store = counting;
        await scene.BackupAsync();
        return counting.Writes;
    }

    private sealed class CountingStore(IBlobStore inner) : IBlobStore
    {
        private int _writes;

        public int Writes => _writes;

        public Task<bool> PutIfAbsentAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) => Counted().PutIfAbsentAsync(name, write, cancellationToken);

        public Task<(string Name, bool Stored)> PutNamedLastAsync(Func<Stream, CancellationToken, Task<string>> writeThenName, CancellationToken cancellationToken) => Counted().PutNamedLastAsync(writeThenName, cancellationToken);

        public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) => Counted().ReplaceAsync(name, content, cancellationToken);

        public Task DeleteAsync(string name, CancellationToken cancellationToken) => Counted().DeleteAsync(name, cancellationToken);

        public Task<Stream> OpenReadAsync(string name, CancellationToken cancellationToken) => inner.OpenReadAsync(name, cancellationToken);

        public Task<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken) => inner.ReadAsync(name, offset, buffer, cancellationToken);

        public Task<long?> LengthAsync(string name, CancellationToken cancellationToken) => inner.LengthAsync(name, cancellationToken);

        public IAsyncEnumerable<string> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

        private IBlobStore Counted()
        {
            Interlocked.Increment(ref _writes);
            return inner;
        }
    }
}
