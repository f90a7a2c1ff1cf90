using Microsoft.Extensions.Logging;

namespace Provisioner.Certificates.Commands;

/// <summary>One line an event on standard error: time, level, number, text. Docker, systemd and SSH keep it.</summary>
internal sealed class ConsoleLog(TimeProvider time, TextWriter writer) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) writer.WriteLine($"{time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss'Z'} {logLevel.ToString().ToLowerInvariant()} {eventId.Id} {formatter(state, exception).ReplaceLineEndings(" ")}");
    }
}
