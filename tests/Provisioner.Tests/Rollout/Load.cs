using System.Collections.Concurrent;

namespace Provisioner.Tests.Rollout;

/// <summary>So many requests a second, each second one over a connection of its own; counts what was answered by which version, and what was not.</summary>
internal sealed class Load : IAsyncDisposable
{
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentDictionary<string, int> _answers = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentBag<Task> _underWay = [];
    private readonly HttpClient _kept, _fresh;
    private readonly Task _sending;

    public Load(Func<bool, HttpClient> client, int perSecond)
    {
        (_kept, _fresh) = (client(true), client(false));
        _sending = SendAsync(perSecond);
    }

    public IReadOnlyDictionary<string, int> Answers => _answers;
    public IReadOnlyCollection<string> Failures => _failures;

    public override string ToString() => $"{_answers.Values.Sum()} answered ({string.Join(", ", _answers.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Value} by {a.Key}"))}), {_failures.Count} failed";

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

    private async Task AskAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync("/");
            var text = (await answer.Content.ReadAsStringAsync()).Trim();
            if (answer.IsSuccessStatusCode) _answers.AddOrUpdate(text, 1, (_, count) => count + 1);
            else _failures.Enqueue($"{(int)answer.StatusCode}");
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            _failures.Enqueue(failure.GetBaseException().Message);
        }
    }
}
