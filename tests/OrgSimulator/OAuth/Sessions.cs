using System.Collections.Concurrent;
using System.Security.Cryptography;
using OrgSimulator.Store;

namespace OrgSimulator.OAuth;

/// <summary>Tokens that the org has given out. Access tokens live until they are revoked, a test expires them, or the session life of the options has passed unused.</summary>
public sealed class Sessions(OrgStore store, SimulatorOptions options)
{
    /// <summary>Approvals of one app by one user; another one ends the oldest.</summary>
    public const int MostApprovals = 5;

    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
    private readonly ConcurrentDictionary<string, Session> _access = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Approval> _refresh = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Grant> _codes = new(StringComparer.Ordinal);
    private long _approvals;

    /// <param name="ClientId">App that asked.</param>
    /// <param name="RedirectUri">Where the code was sent.</param>
    /// <param name="Challenge">PKCE challenge, or null.</param>
    /// <param name="Plain">Whether the challenge is the verifier itself.</param>
    /// <param name="Issued">Seconds since 1970.</param>
    /// <param name="Scope">What was asked for.</param>
    public sealed record Grant(string ClientId, string RedirectUri, string? Challenge, bool Plain, uint Issued, string Scope);

    /// <param name="ClientId">App that holds it.</param>
    /// <param name="Scope">What it may.</param>
    /// <param name="Number">Order of the approvals.</param>
    public sealed record Approval(string ClientId, string Scope, long Number);

    /// <summary>A session in use.</summary>
    public sealed class Session(string? refreshToken, string clientId, string scope, uint now)
    {
        public string? RefreshToken { get; } = refreshToken;
        public string ClientId { get; } = clientId;
        public string Scope { get; } = scope;
        public uint Issued { get; } = now;
        public uint LastUsed { get; set; } = now;
    }

    /// <summary>What every sign-in is refused with while it is set: error and description, such as invalid_grant and "ip restricted".</summary>
    public (string Error, string Description)? RefuseSignIns { get; set; }

    /// <summary>Every token that is good now: of sessions and of approvals.</summary>
    public IReadOnlyCollection<string> Tokens => [.. _access.Keys, .. _refresh.Keys];

    /// <summary>Shaped <c>00D…!…</c>: clients check that.</summary>
    public string NewAccessToken(string? refreshToken, string clientId = "test", string scope = "refresh_token web api")
    {
        var token = $"{store.OrganizationId[..15]}!AQ{RandomNumberGenerator.GetString(Letters, 80)}";
        _access[token] = new Session(refreshToken, clientId, scope, store.Now);
        return token;
    }

    public string NewRefreshToken(string clientId, string scope = "refresh_token web api")
    {
        var token = "5Aep861" + RandomNumberGenerator.GetString(Letters, 80);
        _refresh[token] = new Approval(clientId, scope, Interlocked.Increment(ref _approvals));
        return token;
    }

    /// <summary>A refresh token for an app that a person has just approved; the sixth approval ends the first.</summary>
    public string Approve(string clientId, string scope)
    {
        var token = NewRefreshToken(clientId, scope);
        foreach (var (oldest, _) in _refresh.Where(pair => pair.Value.ClientId == clientId).OrderByDescending(pair => pair.Value.Number).Skip(MostApprovals)) Revoke(oldest);
        return token;
    }

    /// <summary>A new refresh token in the place of the old one, which is worth nothing any more.</summary>
    public string Rotate(string token)
    {
        var approval = _refresh[token];
        _refresh.TryRemove(token, out _);
        return NewRefreshToken(approval.ClientId, approval.Scope);
    }

    /// <summary>The real codes end with an escaped "=="; ours do, too, so that nobody forgets to decode.</summary>
    public string NewCode(Grant grant)
    {
        var code = "aPrx" + RandomNumberGenerator.GetString(Letters, 60) + "==";
        _codes[code] = grant;
        return code;
    }

    /// <summary>Codes are used once and live 15 minutes.</summary>
    public Grant? TakeCode(string code, out bool expired)
    {
        expired = _codes.TryRemove(code, out var grant) && store.Now - grant.Issued > 15 * 60;
        return expired ? null : grant;
    }

    public bool IsLive(string? accessToken) => Find(accessToken) is not null;

    /// <summary>The session of a token, used once more by that; null when there is none.</summary>
    public Session? Find(string? accessToken)
    {
        if (accessToken is null || !_access.TryGetValue(accessToken, out var session)) return null;
        var now = store.Now;
        if (options.SessionLife is { } life && now - session.LastUsed > life.TotalSeconds)
        {
            _access.TryRemove(accessToken, out _);
            return null;
        }
        session.LastUsed = now;
        return session;
    }

    public bool IsRefreshToken(string token) => _refresh.ContainsKey(token);

    public Approval? FindApproval(string token) => _refresh.GetValueOrDefault(token);

    /// <returns>How many there were.</returns>
    public int ExpireAccessTokens()
    {
        var count = _access.Count;
        _access.Clear();
        return count;
    }

    /// <summary>Ends every approval: refreshing fails from now on.</summary>
    public void RevokeAll()
    {
        _access.Clear();
        _refresh.Clear();
    }

    public bool Revoke(string token)
    {
        if (_access.TryRemove(token, out _)) return true;
        if (!_refresh.TryRemove(token, out _)) return false;
        foreach (var (access, session) in _access)
            if (session.RefreshToken == token) _access.TryRemove(access, out _);
        return true;
    }
}
