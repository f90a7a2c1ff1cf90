using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Appliance.Salesforce;

/// <summary>Sends calls: session, repeats, time-outs, usage and byte counts. Everything above it speaks of objects and jobs.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody takes holds nothing to dispose.")]
internal sealed class OrgChannel(HttpClient http, OrgSession session, ApiBudget budget, TimeProvider time, ILogger log)
{
    /// <summary>The newest version this library was written against.</summary>
    private const int NewestVersion = 66;
    private const int MostErrorBytes = 64 * 1024;

    private readonly Retry _retry = new(time, log);
    private readonly SemaphoreSlim _versionGate = new(1, 1);
    private volatile string? _version;
    private long _calls, _bytesRead, _serverTicks;
    private (long Used, long Max)? _limits;
    private readonly Lock _limitsLock = new();

    public string ApiVersion => _version ?? $"v{NewestVersion}.0";

    public long BytesRead => Interlocked.Read(ref _bytesRead);

    public DateTimeOffset ServerTime =>
        Interlocked.Read(ref _serverTicks) is > 0 and var ticks ? new(ticks, TimeSpan.Zero) : time.GetUtcNow();

    public ApiUsage Usage
    {
        get
        {
            lock (_limitsLock)
                return new(_limits?.Used, _limits?.Max, Interlocked.Read(ref _calls));
        }
    }

    /// <summary>Sends the call and reads its answer; a body that breaks off or is not what was asked for counts as a failed attempt.</summary>
    public Task<T> ReadAsync<T>(OrgCall call, Func<OrgAnswer, CancellationToken, Task<T>> read, CancellationToken cancellationToken) =>
        _retry.RunAsync(call.Repeat, call.Name, async token =>
        {
            using var answer = await OpenOnceAsync(call, token);
            try
            {
                return await read(answer, token);
            }
            catch (JsonException e)
            {
                throw new SalesforceException(FailureKind.Transient, $"{call.What} failed: the answer is not the JSON that was expected.",
                    "Nothing to do: it is tried again. If it keeps failing, check whether a proxy answers in the org's place.", statusCode: 200, inner: e)
                {
                    OutcomeUnknown = call.Repeat is Repeat.Never,
                };
            }
            catch (SalesforceException e) when (call.Repeat is Repeat.Never && e.StatusCode is null && !e.OutcomeUnknown)
            {
                throw new SalesforceException(e.Kind, e.Message, e.Remedy, e.ErrorCode, e.StatusCode, e) { OutcomeUnknown = true };
            }
        }, cancellationToken);

    public Task SendAsync(OrgCall call, CancellationToken cancellationToken) =>
        ReadAsync(call, async (answer, token) => { await answer.Body.CopyToAsync(Stream.Null, token); return true; }, cancellationToken);

    /// <summary>Sends the call and hands the open answer over; what breaks later, while it is read, is the caller's to repeat.</summary>
    public Task<OrgAnswer> OpenAsync(OrgCall call, CancellationToken cancellationToken) =>
        _retry.RunAsync(call.Repeat, call.Name, async token => await OpenOnceAsync(call, token), cancellationToken);

    /// <summary>The path and query to ask for; takes absolute addresses too, but never sends the token to the host they name.</summary>
    public static string PathOf(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var absolute) && absolute.Scheme is "http" or "https" ? absolute.PathAndQuery
        : url.StartsWith('/') ? url : "/" + url;

    private async Task<OrgAnswer> OpenOnceAsync(OrgCall call, CancellationToken cancellationToken)
    {
        var path = call.Path.StartsWith('/') ? call.Path : $"/services/data/{await VersionAsync(cancellationToken)}/{call.Path}";
        var token = session.Current;
        var (answer, failed) = await AttemptAsync(call, path, token, cancellationToken);
        if (failed is { SessionEnded: true })
        {
            await session.RenewAsync(token, cancellationToken);
            if (!call.ContentRepeats)
                throw new SalesforceException(FailureKind.Transient, $"{call.What} failed: the session ended before the upload; it is renewed now.",
                    "Nothing to do: send it again.", failed.Code, failed.Status);
            (answer, failed) = await AttemptAsync(call, path, session.Current, cancellationToken);
        }
        return answer ?? throw failed!.ToException(call.What, call.Repeat is Repeat.Never);
    }

    private async Task<(OrgAnswer? Answer, FailedAnswer? Failed)> AttemptAsync(
        OrgCall call, string path, SessionToken token, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(call.AnswerWithin, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        HttpResponseMessage? message = null;
        long? underWay = call.IsCounted ? budget.Enter(call.What, call.Look) : null;
        try
        {
            using var request = Request(call, new Uri(token.InstanceUrl, path), token.AccessToken);
            Interlocked.Increment(ref _calls);
            message = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var told = Note(message.Headers);
            if (underWay is { } ticket) budget.Answered(ticket, told);
            underWay = null;
            var body = new PayloadStream(await OrgAnswer.UnpackAsync(message.Content, either.Token), message, call.What, time, Count);
            message = null;   // the body owns it now
            if (body.Succeeded)
                return (new OrgAnswer(body), null);
            await using (body)
                return (null, FailedAnswer.Parse(body.Status, await HeadAsync(body, either.Token)));
        }
        catch (Exception e) when (Unreachable.Is(e))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw Unreachable.From(e, call.What, token.InstanceUrl.Host, call.Repeat is Repeat.Never);
        }
        finally
        {
            if (underWay is not null) budget.Lost();
            message?.Dispose();
        }
    }

    private static HttpRequestMessage Request(OrgCall call, Uri address, string accessToken)
    {
        var request = new HttpRequestMessage(call.Method, address) { Content = call.Content?.Invoke(accessToken) };
        if (call.Soap)
            request.Headers.Add("SOAPAction", "\"\"");
        else
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        request.Headers.Accept.ParseAdd(call.Accept);
        OrgAnswer.AskPacked(request.Headers);
        // A server that refuses the session says so before gigabytes are under way.
        if (call.Upload)
            request.Headers.ExpectContinue = true;
        if (call.Writes)
        {
            request.Headers.Add("Sforce-Auto-Assign", "FALSE");
            request.Headers.Add("Sforce-Duplicate-Rule-Header", "allowSave=true");
        }
        return request;
    }

    private (long Used, long Max)? Note(HttpResponseHeaders headers)
    {
        if (headers.Date is { } date)
            Interlocked.Exchange(ref _serverTicks, date.UtcTicks);
        if (!headers.TryGetValues("Sforce-Limit-Info", out var values) || ApiUsage.Parse(string.Join(';', values)) is not { } limits) return null;
        lock (_limitsLock)
            return _limits = limits;
    }

    private void Count(int bytes) => Interlocked.Add(ref _bytesRead, bytes);

    private static async Task<ReadOnlyMemory<byte>> HeadAsync(Stream body, CancellationToken cancellationToken)
    {
        var head = new byte[MostErrorBytes];
        return head.AsMemory(0, await body.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken));
    }

    /// <summary>Asked once per org object: the version we know, or the org's newest when that is older.</summary>
    public async ValueTask<string> VersionAsync(CancellationToken cancellationToken)
    {
        if (_version is { } known)
            return known;
        await _versionGate.WaitAsync(cancellationToken);
        try
        {
            if (_version is { } found)
                return found;
            var call = new OrgCall(HttpMethod.Get, "/services/data", "Asking for the org's API versions");
            var (answer, failed) = await AttemptAsync(call, call.Path, session.Current, cancellationToken);
            if (answer is null)
                throw failed!.ToException(call.What, creating: false);
            using var document = await ReadVersionsAsync(answer, call, cancellationToken);
            var newest = document.RootElement.EnumerateArray().Max(v => (int)decimal.Parse(v.GetProperty("version").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
            var version = $"v{Math.Min(newest, NewestVersion)}.0";
            if (newest < NewestVersion)
                log.ApiVersionLowered(version);
            return _version = version;
        }
        finally
        {
            _versionGate.Release();
        }
    }

    private static async Task<JsonDocument> ReadVersionsAsync(OrgAnswer answer, OrgCall call, CancellationToken cancellationToken)
    {
        using (answer)
        {
            try
            {
                var document = await answer.DocumentAsync(cancellationToken);
                if (document.RootElement.ValueKind is JsonValueKind.Array && document.RootElement.GetArrayLength() > 0)
                    return document;
                document.Dispose();
            }
            catch (JsonException)
            {
                // said below
            }
            throw new SalesforceException(FailureKind.Transient, $"{call.What} failed: the answer does not come from a Salesforce org.",
                "Check the org's address, and whether a proxy answers in its place.", statusCode: 200);
        }
    }
}
