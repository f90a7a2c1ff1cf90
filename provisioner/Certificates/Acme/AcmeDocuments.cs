using System.Collections.Immutable;
using System.Text.Json;

namespace Provisioner.Certificates.Acme;

/// <summary>The authority's directory.</summary>
/// <param name="RenewalInfo">Null: the authority has no ARI (RFC 9773).</param>
/// <param name="Profiles">Null: it knows no profiles.</param>
public sealed record AcmeDirectory(Uri NewNonce, Uri NewAccount, Uri NewOrder, Uri? RenewalInfo, ImmutableArray<string>? Profiles, bool WantsExternalAccount)
{
    internal static AcmeDirectory Read(Uri address, JsonElement root)
    {
        Uri Need(string name) => Optional(name) ?? throw new CertificateException(FailureKind.Operator, $"What stands at {address} is no ACME directory: it names no {name}.", "Set acmeDirectory to the address that the authority documents.");
        Uri? Optional(string name) => root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value) && Uri.TryCreate(value.ToString(), UriKind.Absolute, out var uri) ? uri : null;
        var meta = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("meta", out var m) && m.ValueKind == JsonValueKind.Object ? m : default;
        var has = meta.ValueKind == JsonValueKind.Object;
        return new AcmeDirectory(Need("newNonce"), Need("newAccount"), Need("newOrder"), Optional("renewalInfo"),
            has && meta.TryGetProperty("profiles", out var profiles) && profiles.ValueKind == JsonValueKind.Object ? [.. profiles.EnumerateObject().Select(p => p.Name)] : null,
            has && meta.TryGetProperty("externalAccountRequired", out var wants) && wants.ValueKind == JsonValueKind.True);
    }
}

/// <summary>Where an order stands (RFC 8555 §7.1.3).</summary>
/// <param name="Status">pending, ready, processing, valid or invalid.</param>
/// <param name="RetryAfter">How long to wait before asking again, where the authority said so.</param>
public sealed record AcmeOrder(Uri Address, string Status, ImmutableArray<string> Names, ImmutableArray<Uri> Authorizations, Uri Finalize, Uri? Certificate, CertificateException? Error, TimeSpan? RetryAfter)
{
    internal static AcmeOrder Read(Uri address, JsonElement root, TimeSpan? retryAfter) => new(address, root.GetProperty("status").ToString(),
        [.. root.GetProperty("identifiers").EnumerateArray().Select(i => i.GetProperty("value").ToString())],
        [.. root.GetProperty("authorizations").EnumerateArray().Select(a => new Uri(a.ToString()))],
        new Uri(root.GetProperty("finalize").ToString()),
        root.TryGetProperty("certificate", out var certificate) ? new Uri(certificate.ToString()) : null,
        root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? AcmeProblem.Of(address.Host, error, null) : null, retryAfter);
}

/// <param name="Name">Without the "*." of a wildcard.</param>
public sealed record AcmeAuthorization(Uri Address, string Status, string Name, ImmutableArray<AcmeChallenge> Challenges, TimeSpan? RetryAfter)
{
    internal static AcmeAuthorization Read(Uri address, JsonElement root, TimeSpan? retryAfter) => new(address, root.GetProperty("status").ToString(),
        root.GetProperty("identifier").GetProperty("value").ToString(),
        [.. root.GetProperty("challenges").EnumerateArray().Select(c => new AcmeChallenge(c.GetProperty("type").ToString(), new Uri(c.GetProperty("url").ToString()), c.GetProperty("status").ToString(),
            c.TryGetProperty("token", out var token) ? token.ToString() : "", c.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? AcmeProblem.Of(address.Host, error, null) : null))],
        retryAfter);
}

/// <param name="Type">http-01, dns-01 and others.</param>
public sealed record AcmeChallenge(string Type, Uri Address, string Status, string Token, CertificateException? Error);

/// <summary>When the authority would like a certificate to be renewed (RFC 9773).</summary>
/// <param name="AskAgain">How long this answer holds.</param>
public sealed record RenewalWindow(DateTimeOffset Start, DateTimeOffset End, Uri? Explanation, TimeSpan? AskAgain);

/// <param name="Profile">Null: the authority's default.</param>
/// <param name="Replaces">The ARI id of the certificate that this one follows; null: none, or the authority has no ARI.</param>
public sealed record OrderRequest(ImmutableArray<string> Names, string? Profile, string? Replaces);
