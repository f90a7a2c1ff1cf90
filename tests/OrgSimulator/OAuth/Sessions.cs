using System.Collections.Concurrent;
using System.Security.Cryptography;
using OrgSimulator.Store;

namespace OrgSimulator.OAuth;

/// <summary>Tokens that the org has given out. Access tokens live until they are revoked or a test expires them.</summary>
public sealed class Sessions(OrgStore store)
{
    private readonly ConcurrentDictionary<string, string?> _access = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _refresh = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Grant> _codes = new(StringComparer.Ordinal);

    /// <param name="ClientId">App that asked.</param>
    /// <param name="RedirectUri">Where the code was sent.</param>
    /// <param name="Challenge">PKCE challenge, or null.</param>
    /// <param name="Plain">Whether the challenge is the verifier itself.</param>
    /// <param name="Issued">Seconds since 1970.</param>
    public sealed record Grant(string ClientId, string RedirectUri, string? Challenge, bool Plain, uint Issued);

    /// <summary>Shaped <c>00D…!…</c>: clients check that.</summary>
    public string NewAccessToken(string? refreshToken)
    {
        var token = $"{store.OrganizationId[..15]}!AQ{RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._", 80)}";
        _access[token] = refreshToken;
        return token;
    }

    public string NewRefreshToken(string clientId)
    {
        var token = "5Aep861" + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._", 80);
        _refresh[token] = clientId;
        return token;
    }

    /// <summary>The real codes end with an escaped "=="; ours do, too, so that nobody forgets to decode.</summary>
    public string NewCode(Grant grant)
    {
        var code = "aPrx" + RandomNumberGenerator.GetString("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._", 60) + "==";
        _codes[code] = grant;
        return code;
    }

    /// <summary>Codes are used once and live 15 minutes.</summary>
    public Grant? TakeCode(string code, out bool expired)
    {
        expired = _codes.TryRemove(code, out var grant) && store.Now - grant.Issued > 15 * 60;
        return expired ? null : grant;
    }

    public bool IsLive(string? accessToken) => accessToken is not null && _access.ContainsKey(accessToken);

    public bool IsRefreshToken(string token) => _refresh.ContainsKey(token);

    public void ExpireAccessTokens() => _access.Clear();

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
        foreach (var (access, refresh) in _access)
            if (refresh == token) _access.TryRemove(access, out _);
        return true;
    }
}
