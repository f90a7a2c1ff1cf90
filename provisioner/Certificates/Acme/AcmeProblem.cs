using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Provisioner.Certificates.Acme;

/// <summary>Problem documents (RFC 8555 §6.7, RFC 7807) as failures in plain words.</summary>
internal static class AcmeProblem
{
    private const string Prefix = "urn:ietf:params:acme:error:";

    /// <summary>Type → whom it concerns, and what to do.</summary>
    private static readonly Dictionary<string, (FailureKind Kind, string Remedy)> Table = new(StringComparer.Ordinal)
    {
        ["accountDoesNotExist"] = (FailureKind.Transient, "The authority has forgotten the account; the next try registers the same key again."),
        ["alreadyReplaced"] = (FailureKind.Transient, "The certificate was renewed already; the next try orders without naming it."),
        ["badCSR"] = (FailureKind.Operator, "Set another certificateKey in the agent's settings: the authority does not take this kind."),
        ["badNonce"] = (FailureKind.Transient, "The authority refused several numbers in a row; it is tried again later."),
        ["badPublicKey"] = (FailureKind.Operator, "Set accountKey to the other kind (ES256, RS256)."),
        ["badRevocationReason"] = (FailureKind.Operator, "Revoke without a reason."),
        ["badSignatureAlgorithm"] = (FailureKind.Operator, "Set accountKey to the other kind (ES256, RS256)."),
        ["caa"] = (FailureKind.Operator, "Let the name's CAA records name this authority, or remove them."),
        ["compound"] = (FailureKind.Operator, "Cure each of the named problems."),
        ["connection"] = (FailureKind.Operator, "Let port 80 of the name reach this machine from the internet (firewall, security group, address record), or take dns-01."),
        ["dns"] = (FailureKind.Operator, "Look at the name's records and at its name servers: the authority could not resolve it."),
        ["externalAccountRequired"] = (FailureKind.Operator, "Set acmeEabKeyId and acmeEabKey to what the authority gave you."),
        ["incorrectResponse"] = (FailureKind.Operator, "Something else answers for the name: look at its address record and at what listens on port 80, or at the TXT record of _acme-challenge."),
        ["invalidContact"] = (FailureKind.Operator, "Set acmeEmail to an address that exists."),
        ["invalidProfile"] = (FailureKind.Operator, "Set acmeProfile to one that the authority offers, or remove it."),
        ["malformed"] = (FailureKind.Operator, "The authority did not understand the request. Look at acmeDirectory; if it is right, report this."),
        ["orderNotReady"] = (FailureKind.Transient, "It is tried again."),
        ["rateLimited"] = (FailureKind.RateLimited, "Nothing needs to be done: it is tried again when the authority allows it."),
        ["rejectedIdentifier"] = (FailureKind.Operator, "The authority issues nothing for this name. Take another name or another authority."),
        ["serverInternal"] = (FailureKind.Transient, "The authority has a trouble of its own; it is tried again."),
        ["tls"] = (FailureKind.Operator, "The authority could not speak TLS with the name: look at what answers on port 443."),
        ["unauthorized"] = (FailureKind.Operator, "The proof of control failed: look at where the name points to, and at what answers there on port 80 (http-01) or at the TXT record of _acme-challenge (dns-01)."),
        ["unsupportedContact"] = (FailureKind.Operator, "Set acmeEmail to a plain e-mail address."),
        ["unsupportedIdentifier"] = (FailureKind.Operator, "The authority issues nothing for such names."),
        ["userActionRequired"] = (FailureKind.Operator, "Visit the address in the message and agree to the authority's new terms."),
    };

    /// <summary>Of an HTTP answer that is no success.</summary>
    public static CertificateException Of(Uri address, HttpStatusCode status, string body, TimeSpan? retryAfter)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("type", out _)) return Of(address.Host, document.RootElement, retryAfter, (int)status);
        }
        catch (JsonException)
        {
            // No problem document: a proxy or a broken server spoke.
        }
        var (kind, remedy) = (int)status is 429 ? (FailureKind.RateLimited, "Nothing needs to be done: it is tried again when the authority allows it.")
            : (int)status >= 500 ? (FailureKind.Transient, "The authority has a trouble of its own; it is tried again.")
            : (FailureKind.Operator, "Look at acmeDirectory and at any proxy between.");
        return new CertificateException(kind, string.Create(CultureInfo.InvariantCulture, $"{address.Host} answers {(int)status} to {address.AbsolutePath}."), remedy) { RetryAfter = retryAfter };
    }

    /// <summary>Of a problem document, in an answer or within an order or a challenge.</summary>
    public static CertificateException Of(string authority, JsonElement problem, TimeSpan? retryAfter, int status = 0)
    {
        var type = problem.TryGetProperty("type", out var t) ? t.ToString() : "";
        var name = type.StartsWith(Prefix, StringComparison.Ordinal) ? type[Prefix.Length..] : type;
        var (kind, remedy) = Table.GetValueOrDefault(name, status >= 500 ? (FailureKind.Transient, "It is tried again.") : status == 429 ? (FailureKind.RateLimited, "It is tried again when the authority allows it.") : (FailureKind.Operator, "Do what the authority says."));
        var said = new StringBuilder(Printable(Detail(problem)));
        if (problem.TryGetProperty("subproblems", out var parts) && parts.ValueKind == JsonValueKind.Array)
            foreach (var part in parts.EnumerateArray().Take(10))
                said.Append(CultureInfo.InvariantCulture, $"; {(part.TryGetProperty("identifier", out var i) && i.TryGetProperty("value", out var v) ? Printable(v.ToString()) : "?")}: {Printable(Detail(part))}");
        return new CertificateException(kind, $"{authority} says {name}: {said.ToString().TrimEnd('.')}.", remedy) { Problem = name, RetryAfter = retryAfter };
    }

    private static string Detail(JsonElement problem) => problem.TryGetProperty("detail", out var detail) ? detail.ToString() : "no reason given";

    /// <summary>What strangers say goes into logs: one line, bounded.</summary>
    public static string Printable(string text)
    {
        var clean = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(400)) clean.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        return clean.ToString();
    }
}
