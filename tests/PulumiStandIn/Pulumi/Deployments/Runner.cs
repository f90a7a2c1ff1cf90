using System.Reflection;
using Pulumirpc;

namespace Pulumi;

/// <summary>Keeps a program alive until everything that it began has ended, and tells the user of the first failure.</summary>
internal sealed class Runner(Wire.Monitor monitor)
{
    /// <summary>The exit code that tells the engine: the user knows already.</summary>
    private const int Told = 32;

    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private Task _logs = Task.CompletedTask;
    private int _running;
    private bool _errorLogged;

    /// <summary>Whatever is begun while a registered task still runs is registered before that one ends, so the count reaches zero only at the very end.</summary>
    public void Register(Task task)
    {
        Interlocked.Increment(ref _running);
        task.ContinueWith(Ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    public async Task<int> RunAsync(Action program)
    {
        Register(Begin(program));
        await Task.WhenAny(_failed.Task, _idle.Task).ConfigureAwait(false);
        // A failure of the last task completes both; which of them is seen first is chance.
        if (_failed.Task.IsCompleted) return await TellAsync(await _failed.Task.ConfigureAwait(false)).ConfigureAwait(false);
        await monitor.WaitForShutdownAsync().ConfigureAwait(false);
        await SentLogs().ConfigureAwait(false);
        return _errorLogged ? 1 : 0;
    }

    public void Log(LogSeverity severity, string message, Resource? resource = null, int? streamId = null, bool? ephemeral = null)
    {
        lock (_lock)
        {
            _errorLogged |= severity == LogSeverity.Error;
            _logs = SendAsync(_logs);
        }

        async Task SendAsync(Task before)
        {
            await before.ConfigureAwait(false);
            var urn = resource?.Urn is { } output ? (await output.Data.ConfigureAwait(false)).Value : "";
            await monitor.LogAsync(new LogRequest { Severity = severity, Message = message, Urn = urn ?? "", StreamId = streamId ?? 0, Ephemeral = ephemeral ?? false }).ConfigureAwait(false);
        }
    }

    private static async Task Begin(Action program)
    {
        await Task.Yield();
        program();
    }

    private void Ended(Task task)
    {
        if (task.IsFaulted) _failed.TrySetResult(task.Exception!.InnerException!);
        else if (task.IsCanceled) _failed.TrySetResult(new OperationCanceledException("The program was cancelled."));
        if (Interlocked.Decrement(ref _running) == 0) _idle.TrySetResult();
    }

    private async Task<int> TellAsync(Exception exception)
    {
        var program = Assembly.GetEntryAssembly()?.Location ?? "";
        switch (exception)
        {
            case RunException: Log(LogSeverity.Error, exception.Message); break;
            case ResourceException { HideStack: true } of: Log(LogSeverity.Error, of.Message, of.Resource); break;
            case ResourceException of: Log(LogSeverity.Error, of.ToString(), of.Resource); break;
            default: Log(LogSeverity.Error, $"Running program '{program}' failed with an unhandled exception:\n{exception}"); break;
        }
        await SentLogs().ConfigureAwait(false);
        return Told;
    }

    private Task SentLogs()
    {
        lock (_lock) return _logs;
    }
}
