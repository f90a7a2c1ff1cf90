using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Appliance.Salesforce;

/// <summary>
/// One connected org as a stream of records. Safe for use by many threads. Repeats what may be repeated, renews its session by itself,
/// and throws <see cref="SalesforceException"/> for everything else.
/// </summary>
public sealed partial class Org
{
    private readonly OrgChannel _channel;
    private readonly TimeProvider _time;
    private readonly ILogger<Org> _log;

    /// <summary>Datetime fields by object, filled by every describe: a query page does not tell types.</summary>
    private readonly ConcurrentDictionary<string, IReadOnlySet<string>> _datetimes = new(StringComparer.OrdinalIgnoreCase);

    /// <param name="http">See <see cref="NewHttpClient"/>; shared by all orgs.</param>
    /// <param name="credentials">As they were stored last.</param>
    /// <param name="onTokensChanged">Stores renewed tokens before the next call uses them; they hold the refresh token to keep.</param>
    /// <param name="time">Waits and time-outs.</param>
    /// <param name="log">Events 4000–4999.</param>
    public Org(HttpClient http, OrgCredentials credentials, Func<OAuthTokens, CancellationToken, Task> onTokensChanged, TimeProvider time, ILogger<Org> log)
    {
        _time = time;
        _log = log;
        Budget = new(time);
        _channel = new(http, new OrgSession(new OAuthSignIn(http, time), credentials, onTokensChanged, time, log), Budget, time, log);
    }

    /// <summary><c>v66.0</c>, or the org's newest when that is older (asked with the first call).</summary>
    public string ApiVersion => _channel.ApiVersion;

    public ApiUsage Usage => _channel.Usage;

    /// <summary>How much of its quotas the org has left for us.</summary>
    public ApiBudget Budget { get; }

    /// <summary>Payload bytes read so far, unpacked.</summary>
    public long BytesRead => _channel.BytesRead;

    /// <summary>The org's clock (HTTP Date) at its newest answer, whole seconds; our clock before the first one.</summary>
    public DateTimeOffset ServerTime => _channel.ServerTime;

    /// <summary>A client for all orgs of this process. Time-outs are set per call, so it has none of its own.</summary>
    public static HttpClient NewHttpClient(int connectionsPerOrg = 20) => new(new SocketsHttpHandler
    {
        AutomaticDecompression = DecompressionMethods.None,   // unpacked where the bytes are counted
        ConnectTimeout = TimeSpan.FromSeconds(30),
        MaxConnectionsPerServer = connectionsPerOrg,
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        UseCookies = false,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
