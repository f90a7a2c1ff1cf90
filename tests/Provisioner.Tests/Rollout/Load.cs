using System.Collections.Concurrent;
using System.Diagnostics;

namespace Provisioner.Tests.Rollout;

/// <summary>So many requests a second, each second one over a connection of its own; counts what was answered by which version, and what was not.</summary>
/// <param name="client">Makes a client; false: every request over a connection of its own.</param>
/// <param name="who">Finds in an answer who gave it; the whole text when null.</param>
internal sealed class Load(Func<bool, HttpClient> client, string path = "/", Func<string, string>? who = null) : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentBag<Task> _underWay = [];
    private readonly HttpClient _kept = client(true), _fresh = client(false);
    private Task _sending = Task.CompletedTask;
    private readonly Lock _record = new();
    private (TimeSpan Took, DateTimeOffset SentAt) _slowest;

    public Load Begin(int perSecond)
    {
        _sending = SendAsync(perSecond);
        return this;
    }

    public IReadOnlyDictionary<string, int> Answers => _answers;
    public IReadOnlyCollection<string> Failures => _failures;

    public override string ToString() => $"{_answers.Values.Sum()} answered ({string.Join(", ", _answers.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Value} by {a.Key}"))}), {_failures.Count} failed, the slowest took {_slowest.Took.TotalSeconds:0.0} s, sent at {_slowest.SentAt:HH:mm:ss}";

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _sending;
        await Task.WhenAll(_underWay);
        _kept.Dispose();
        _fresh.Dispose();
    }

    private async Task SendAsync(int perSecond)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1) / perSecond);
        for (var number = 0; !_over.IsCancellationRequested && await timer.WaitForNextTickAsync(); number++) _underWay.Add(AskAsync(number % 2 == 0 ? _kept : _fresh));
    }

    private async Task AskAsync(HttpClient by)
    {
        var (began, sentAt) = (Stopwatch.GetTimestamp(), DateTimeOffset.UtcNow);
        try
        {
            using var answer = await by.GetAsync(path);
            var text = (await answer.Content.ReadAsStringAsync()).Trim();
            if (answer.IsSuccessStatusCode) _answers.AddOrUpdate(who?.Invoke(text) ?? text, 1, (_, count) => count + 1);
            else Failed($"{(int)answer.StatusCode}");
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            Failed(failure.GetBaseException().Message);
        }
        var took = Stopwatch.GetElapsedTime(began);
        lock (_record)
            if (took > _slowest.Took) _slowest = (took, sentAt);

        void Failed(string how) => _failures.Enqueue($"{how}, over a connection {(by == _kept ? "that was kept" : "of its own")}, sent at {sentAt:HH:mm:ss}");
    }
}
