using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;

namespace Appliance.Salesforce;

/// <summary>The token in use; a new object for every renewal, so that "did somebody renew it meanwhile" is a reference comparison.</summary>
internal sealed record SessionToken(string AccessToken, Uri InstanceUrl)
{
    public override string ToString() => $"session at {InstanceUrl}";
}

/// <summary>One org's session, shared by all its calls: whoever meets the end of it first renews it, the others wait and go on.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "A SemaphoreSlim whose wait handle nobody takes holds nothing to dispose.")]
internal sealed class OrgSession(
    OAuthSignIn signIn, OrgCredentials credentials, Func<OAuthTokens, CancellationToken, Task> onTokensChanged, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan RenewWithin = TimeSpan.FromMinutes(2);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile SessionToken _current = new(credentials.AccessToken, credentials.InstanceUrl);
    private string? _refreshToken = credentials.RefreshToken;
    private SalesforceException? _refused;

    public SessionToken Current => _current;

    public async Task RenewAsync(SessionToken ended, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!ReferenceEquals(_current, ended))
                return;
            if (_refused is { } refused)   // asking again cannot help, and too many refusals lock the user out
                throw new SalesforceException(refused.Kind, refused.Message, refused.Remedy, refused.ErrorCode, refused.StatusCode, refused);
            if (_refreshToken is null)
                throw new SalesforceException(FailureKind.Operator, "The session has ended and there is no refresh token to renew it.",
                    "Reconnect the org.", "INVALID_SESSION_ID", 401);

            // Not the caller's token: with rotation the old refresh token dies with this call, so its answer must not be thrown away.
            using var limit = new CancellationTokenSource(RenewWithin, time);
            var tokens = await AskAsync(_refreshToken, limit.Token);
            _refreshToken = tokens.RefreshToken;
            await onTokensChanged(tokens, limit.Token);   // when this fails nobody goes on with a token that would be lost at the next start
            _current = new(tokens.AccessToken, tokens.InstanceUrl);
            log.SessionRenewed(tokens.InstanceUrl);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<OAuthTokens> AskAsync(string refreshToken, CancellationToken limit)
    {
        try
        {
            return await signIn.RefreshAsync(credentials.LoginUrl, credentials.ClientId, credentials.ClientSecret, refreshToken, limit);
        }
        catch (SalesforceException e) when (e.Kind is FailureKind.Operator)
        {
            _refused = e;
            log.RenewalRefused(e.ErrorCode);
            throw;
        }
    }
}
