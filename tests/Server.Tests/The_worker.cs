using Appliance.Catalog;
using Appliance.Server.Jobs;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Appliance.Server.Tests;

public sealed class The_worker(ServerFixture server)
{
    private static CancellationToken None => CancellationToken.None;

    [Fact]
    public async Task Takes_a_job_as_soon_as_it_is_queued_and_writes_how_it_failed()
    {
        await using var scene = await Scene.NewAsync(server, (_, _) => throw new CatalogException("The moon is full.", "Wait for the sun."));
        await scene.Host.StartAsync(None);
        var id = await scene.Starter.BackUpAsync(scene.Org.Id, "full", "admin", None);     // the clock stands still: only the wake signal can find it
        var job = await scene.UntilAsync(id, j => j.Ended);
        Assert.Equal((JobState.Failed, "The moon is full.", "Wait for the sun."), (job.State, job.Cause, job.Remedy));
    }

    [Fact]
    public async Task Gives_its_job_back_when_the_process_shuts_down()
    {
        var running = new TaskCompletionSource();
        await using var scene = await Scene.NewAsync(server, async (_, token) =>
        {
            running.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        });
        var id = await scene.Starter.BackUpAsync(scene.Org.Id, "full", "admin", None);
        await scene.Host.StartAsync(None);
        await running.Task;
        await scene.Host.StopAsync(None);
        var job = (await scene.Jobs.GetAsync(id, None))!;
        Assert.Equal((JobState.Queued, 1), (job.State, job.Attempts));
        Assert.NotNull(await scene.Jobs.TryLeaseAsync("another", TimeSpan.FromMinutes(1), None));
    }

    [Fact]
    public async Task Goes_on_with_a_job_that_found_the_catalog_away()
    {
        var attempts = 0;
        await using var scene = await Scene.NewAsync(server, async (job, token) =>
        {
            if (++attempts == 1) throw new CatalogUnreachableException(new IOException("gone"));
            await Task.Delay(Timeout.Infinite, token);
        });
        await scene.Host.StartAsync(None);
        var id = await scene.Starter.BackUpAsync(scene.Org.Id, "full", "admin", None);
        var job = await scene.UntilAsync(id, j => j is { State: JobState.InProgress, Attempts: 2 });
        Assert.Null(job.Cause);
    }

    [Fact]
    public async Task Outlives_whatever_goes_wrong_with_a_job_while_the_catalog_cannot_be_told()
    {
        var started = 0;
        Scene? scene = null;
        await using var _ = scene = await Scene.NewAsync(server, async (job, token) =>
        {
            if (Interlocked.Increment(ref started) > 1) await Task.Delay(Timeout.Infinite, token);
            await ExecuteAsync(scene!.Db, "RENAME TABLE jobs TO jobs_elsewhere");
            throw new CatalogException("The moon is full.", "Wait for the sun.");
        });
        var id = await scene.Starter.BackUpAsync(scene.Org.Id, "full", "admin", None);
        await scene.Host.StartAsync(None);
        await scene.UntilAsync(() => scene.Left.Count == 1);     // it could not write how the job ended
        for (var second = 0; second < 5; second++) await scene.PassAsync();
        Assert.False(scene.Host.ExecuteTask!.IsCompleted);
        await ExecuteAsync(scene.Db, "RENAME TABLE jobs_elsewhere TO jobs");
        await ExecuteAsync(scene.Db, "UPDATE jobs SET lease_until = TIMESTAMPADD(SECOND, -1, UTC_TIMESTAMP(6))");    // as if its lease had run out meanwhile
        await scene.UntilAsync(id, j => j.Attempts == 2);
    }

    [Fact]
    public async Task Stops_a_job_when_asked_to_abort_and_takes_the_next()
    {
        var running = new TaskCompletionSource();
        var second = new TaskCompletionSource();
        await using var scene = await Scene.NewAsync(server, async (job, token) =>
        {
            if (!running.TrySetResult()) second.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        });
        await scene.Host.StartAsync(None);
        var id = await scene.Starter.BackUpAsync(scene.Org.Id, "full", "admin", None);
        await scene.Starter.BackUpAsync(scene.Org.Id, "full", "admin", None);
        await running.Task;
        Assert.True(await scene.Starter.AbortAsync(id, "admin", None));
        Assert.Equal(JobState.Aborted, (await scene.UntilAsync(id, j => j.Ended)).State);
        await scene.UntilAsync(() => second.Task.IsCompleted);
    }

    [Fact]
    public async Task Stops_when_another_worker_has_taken_its_job_and_leaves_the_job_alone()
    {
        var running = new TaskCompletionSource<CancellationToken>();
        await using var scene = await Scene.NewAsync(server, async (_, token) =>
        {
            running.TrySetResult(token);
            await Task.Delay(Timeout.Infinite, token);
        });
        await scene.Host.StartAsync(None);
        var id = await scene.Starter.BackUpAsync(scene.Org.Id, "full", "admin", None);
        var token = await running.Task;
        // As if its lease had run out while the process slept: the database's clock decides, so the lease is ended there.
        await ExecuteAsync(scene.Db, "UPDATE jobs SET lease_until = TIMESTAMPADD(SECOND, -1, UTC_TIMESTAMP(6))");
        var other = await scene.Jobs.TryLeaseAsync("another", Catalog.Jobs.LongestLease, None);
        if (other is null) return;      // a heartbeat came between: the lease was kept, which is right as well
        await scene.UntilAsync(() => token.IsCancellationRequested);
        await scene.Host.StopAsync(None);
        Assert.Equal((JobState.InProgress, "another"), ((await scene.Jobs.GetAsync(id, None))!.State, (await scene.Jobs.GetAsync(id, None))!.Worker));
    }

    private static async Task ExecuteAsync(CatalogDatabase db, string sql)
    {
        await using var connection = await db.Source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A worker over a catalog of its own, with a clock that moves only while a test waits for something.</summary>
    private sealed class Scene : IAsyncDisposable
    {
        private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 8, 0, 0, TimeSpan.Zero));

        private Scene(CatalogDatabase db, RunJob run)
        {
            Db = db;
            Jobs = new Catalog.Jobs(db, _time);
            var wake = new JobWake();
            Starter = new JobStarter(Jobs, new AuditLog(db, _time), wake);
            Host = new JobHost(Jobs, run, wake, TimeSpan.FromSeconds(15), _time, Left);
        }

        public JobsLeft Left { get; } = new();
        public CatalogDatabase Db { get; }
        public Catalog.Jobs Jobs { get; }
        public JobStarter Starter { get; }
        public JobHost Host { get; }
        public OrgRow Org { get; private set; } = default!;

        public static async Task<Scene> NewAsync(ServerFixture server, RunJob run)
        {
            var scene = new Scene(await CatalogDatabase.OpenAsync(server.NewConnectionString(), NullLogger.Instance, None), run);
            scene.Org = await new Orgs(scene.Db, new SecretBox(new byte[32]), scene._time).AddAsync(new OrgConnection(
                "Acme", "00D000000000001EAA", new Uri("https://login.salesforce.com"), "client", null, new Uri("https://acme.my.salesforce.com"), "access", null), None);
            return scene;
        }

        public async Task<JobRow> UntilAsync(Guid jobId, Func<JobRow, bool> holds)
        {
            JobRow? job = null;
            await UntilAsync(async () => holds(job = (await Jobs.GetAsync(jobId, None))!));
            return job!;
        }

        public async Task PassAsync()
        {
            await Task.Delay(10);
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        public Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

        private async Task UntilAsync(Func<Task<bool>> holds)
        {
            for (var look = 0; !await holds(); look++)
            {
                Assert.True(look < 2_000, "It never came.");
                await Task.Delay(10);       // real time, for the database and the thread pool
                if (look > 20) _time.Advance(TimeSpan.FromSeconds(1));
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Host.StopAsync(None);
            Host.Dispose();
            await Db.DisposeAsync();
        }
    }

    /// <summary>How many jobs the worker has left, however they went.</summary>
    private sealed class JobsLeft : ILogger<JobHost>
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (eventId.Name == "JobLeft") Interlocked.Increment(ref _count);
        }
    }
}
