using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace OrgSimulator.OAuth;

/// <summary>An app that the org's admin has set up.</summary>
/// <param name="ClientId">Consumer key.</param>
/// <param name="Secret">Consumer secret; null for a public app, which needs none.</param>
public sealed record ConnectedApp(string ClientId, string? Secret = null)
{
    /// <summary>Callback addresses; empty takes any.</summary>
    public IReadOnlyList<string> RedirectUris { get; init; } = [];

    /// <summary>Certificate or public key (PEM) with which assertions of the JWT bearer flow are checked; without one the flow is refused.</summary>
    public string? PublicKeyPem { get; init; }

    /// <summary>Whether each refresh gives a new refresh token and ends the old one.</summary>
    public bool RotatesRefreshTokens { get; init; }

    /// <summary>Whether the admin has approved the app for the user beforehand, which JWT needs.</summary>
    public bool Preauthorized { get; init; } = true;

    public bool Verifies(ReadOnlySpan<byte> signed, ReadOnlySpan<byte> signature)
    {
        if (PublicKeyPem is null) return false;
        using var certificate = PublicKeyPem.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal) ? X509Certificate2.CreateFromPem(PublicKeyPem) : null;
        using var key = certificate?.GetRSAPublicKey() ?? RSA.Create();
        if (certificate is null) key.ImportFromPem(PublicKeyPem);
        return key.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }
}

/// <summary>Apps by consumer key. Unless the org is strict, an unknown key stands for a public app that may do everything but JWT.</summary>
public sealed class ConnectedApps
{
    private readonly ConcurrentDictionary<string, ConnectedApp> _apps = new(StringComparer.Ordinal);
    private readonly bool _strict;

    public ConnectedApps(SimulatorOptions options)
    {
        _strict = options.KnownAppsOnly;
        // The app of the Salesforce CLI is there in every org.
        Register(new ConnectedApp("PlatformCLI") { RedirectUris = ["http://localhost:1717/OauthRedirect"] });
        foreach (var app in options.Apps) Register(app);
    }

    public void Register(ConnectedApp app) => _apps[app.ClientId] = app;

    public ConnectedApp? Find(string clientId) => _apps.TryGetValue(clientId, out var app) ? app : _strict || clientId.Length == 0 ? null : new ConnectedApp(clientId);
}
