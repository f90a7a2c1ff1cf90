using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;

namespace Appliance.Salesforce;

/// <summary>May a call be sent again when its outcome is unknown?</summary>
internal enum Repeat
{
    /// <summary>Reading, or setting something to what it would be anyway.</summary>
    Safe,

    /// <summary>It creates records: again only when the first request surely never left.</summary>
    Never,
}

/// <summary>The one place where calls are repeated. The last failure is thrown as it is.</summary>
internal sealed class Retry(TimeProvider time, ILogger log)
{
    private const int Repeats = 6;                                              // 0.5 + 1 + 2 + 4 + 8 + 16 s: about half a minute
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(500);

    private readonly ResiliencePipeline _safe = Pipeline(time, log, static e => e.Kind is FailureKind.Transient);
    private readonly ResiliencePipeline _unsent = Pipeline(time, log, static e => e.Kind is FailureKind.Transient && e.NeverSent);

    public async Task<T> RunAsync<T>(Repeat repeat, string call, Func<CancellationToken, ValueTask<T>> attempt, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(call, cancellationToken);
        try
        {
            return await (repeat is Repeat.Safe ? _safe : _unsent)
                .ExecuteAsync(static (context, attempt) => attempt(context.CancellationToken), context, attempt);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static ResiliencePipeline Pipeline(TimeProvider time, ILogger log, Func<SalesforceException, bool> repeats) =>
        new ResiliencePipelineBuilder { TimeProvider = time }.AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is SalesforceException e && repeats(e)),
            MaxRetryAttempts = Repeats,
            BackoffType = DelayBackoffType.Exponential,
            Delay = FirstDelay,
            UseJitter = true,
            OnRetry = args =>
            {
                log.CallRepeated(args.Context.OperationKey ?? "call", args.AttemptNumber + 1,
                    (long)args.RetryDelay.TotalMilliseconds, args.Outcome.Exception?.Message ?? "");
                return ValueTask.CompletedTask;
            },
        }).Build();
}
