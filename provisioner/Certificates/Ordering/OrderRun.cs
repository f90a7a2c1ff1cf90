using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Provisioner.Certificates.Acme;
using Provisioner.Certificates.Challenges;

namespace Provisioner.Certificates.Ordering;

/// <summary>What a certificate is ordered for.</summary>
/// <param name="Key">"ECDSA P-256" or "RSA 2048".</param>
public sealed record OrderSubject(ImmutableArray<string> Names, string? Profile, string Key);

/// <summary>What came of an order.</summary>
public sealed record IssuedCertificate(string ChainPem, string KeyPem)
{
    public override string ToString() => "a certificate and its key";
}

/// <summary>
/// One order from nothing, or from wherever an earlier run was cut off, to a certificate. The journal is cleared by the caller, once the certificate
/// stands in the store: until then the same order is taken up again, and the authority sees no second one.
/// </summary>
public sealed class OrderRun(AcmeClient client, OrderJournal journal, IChallengeSolver solver, TimeProvider time, ILogger log)
{
    /// <summary>How long an authority may check or issue.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10), Usual = TimeSpan.FromSeconds(2), Longest = TimeSpan.FromSeconds(60);

    /// <param name="replaces">ARI id of the certificate that is renewed.</param>
    public async Task<IssuedCertificate> RunAsync(OrderSubject subject, string? replaces, CancellationToken cancellationToken)
    {
        var entry = journal.Read();
        if (entry is not null && !entry.IsFor(subject)) entry = null;       // other names or another profile: what was begun is of no use
        var order = entry is null ? null : await FindAsync(entry, cancellationToken);
        if (entry is null || order is null)
        {
            entry = new JournalEntry(subject.Names, subject.Profile, replaces, NewKey(subject.Key), time.GetUtcNow(), null);
            journal.Write(entry);
            order = await PlaceAsync(entry, cancellationToken);
        }
        else log.OrderResumed(order.Address, order.Status);
        if (entry.Order != order.Address) journal.Write(entry = entry with { Order = order.Address });
        try
        {
            return new IssuedCertificate(await CarryAsync(order, entry, cancellationToken), entry.KeyPem);
        }
        catch (CertificateException) when (_invalid)
        {
            journal.Clear();        // the authority has ended the order: the next try begins a new one
            throw;
        }
    }

    private bool _invalid;

    /// <summary>The order of an earlier run, if it can still become a certificate.</summary>
    private async Task<AcmeOrder?> FindAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            if (entry.Order is { } address) return await client.OrderAtAsync(address, cancellationToken) is { Status: not "invalid" } known ? known : null;
            // Cut off between the order and its note. Such an order was never finalized, for that takes the note; the newest open one for the names is it.
            foreach (var one in (await client.OrdersAsync(cancellationToken)).Reverse().Take(20))
                if (await client.OrderAtAsync(one, cancellationToken) is { Status: "pending" or "ready" } open && open.Names.Order(StringComparer.Ordinal).SequenceEqual(entry.Names.Order(StringComparer.Ordinal))) return open;
            return null;
        }
        catch (CertificateException gone) when (gone.Kind == FailureKind.Operator)
        {
            return null;        // the authority no longer knows it
        }
    }

    private async Task<AcmeOrder> PlaceAsync(JournalEntry entry, CancellationToken cancellationToken)
    {
        var request = new OrderRequest(entry.Names, entry.Profile, entry.Replaces);
        try
        {
            return await client.OrderAsync(request, cancellationToken);
        }
        catch (CertificateException refused) when (request.Replaces is not null && refused.Problem is "alreadyReplaced" or "malformed" or "unauthorized")
        {
            // Renewed already by somebody, or unknown to the authority: a certificate is needed all the same.
            return await client.OrderAsync(request with { Replaces = null }, cancellationToken);
        }
    }

    private async Task<string> CarryAsync(AcmeOrder order, JournalEntry entry, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            switch (order.Status)
            {
                case "pending":
                    foreach (var address in order.Authorizations) await AuthorizeAsync(address, cancellationToken);
                    order = await client.OrderAtAsync(order.Address, cancellationToken);
                    if (order.Status == "pending") await WaitAsync(order.RetryAfter, began, "still waits for proofs", cancellationToken);
                    break;
                case "ready":
                    order = await client.FinalizeAsync(order, SigningRequest(entry), cancellationToken);
                    break;
                case "processing":
                    await WaitAsync(order.RetryAfter, began, "is still being processed", cancellationToken);
                    order = await client.OrderAtAsync(order.Address, cancellationToken);
                    break;
                case "valid" when order.Certificate is { } certificate:
                    return await client.DownloadAsync(certificate, cancellationToken);
                case "invalid":
                    _invalid = true;
                    throw order.Error ?? new CertificateException(FailureKind.Operator, $"{order.Address.Host} has ended the order without a reason.", "The next try begins a new one.");
                default:
                    throw new CertificateException(FailureKind.Transient, $"{order.Address.Host} says that the order is '{order.Status}'.", "It is tried again.");
            }
        }
    }

    private async Task AuthorizeAsync(Uri address, CancellationToken cancellationToken)
    {
        var authorization = await client.AuthorizationAsync(address, cancellationToken);
        if (authorization.Status == "valid") return;
        var challenge = authorization.Challenges.FirstOrDefault(c => c.Type == solver.Type)
            ?? throw new CertificateException(FailureKind.Operator, $"{address.Host} offers no {solver.Type} for {authorization.Name}, only {string.Join(", ", authorization.Challenges.Select(c => c.Type))}.", "Set acmeChallenge to one of these; a wildcard needs dns-01.");
        var proof = new ChallengeProof(authorization.Name, challenge.Token, $"{challenge.Token}.{client.Key.Thumbprint()}");
        try
        {
            await solver.PresentAsync(proof, cancellationToken);
            if (authorization.Status == "pending" && challenge.Status == "pending") await client.AcceptAsync(challenge, cancellationToken);
            var began = time.GetTimestamp();
            while ((authorization = await client.AuthorizationAsync(address, cancellationToken)).Status == "pending") await WaitAsync(authorization.RetryAfter, began, $"still checks {authorization.Name}", cancellationToken);
            if (authorization.Status == "valid") return;
            _invalid = true;
            throw authorization.Challenges.FirstOrDefault(c => c.Error is not null)?.Error
                ?? new CertificateException(FailureKind.Operator, $"{address.Host} ended the check of {authorization.Name}: {authorization.Status}.", "The next try begins a new one.");
        }
        finally
        {
            await solver.RemoveAsync(proof, CancellationToken.None);
        }
    }

    private async Task WaitAsync(TimeSpan? asked, long began, string what, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(began) > Patience) throw new CertificateException(FailureKind.Transient, string.Create(CultureInfo.InvariantCulture, $"The authority {what} after {Patience.TotalMinutes:0} minutes."), "The order goes on at the next try.");
        var wait = asked ?? Usual;
        await Task.Delay(wait > Longest ? Longest : wait < TimeSpan.FromMilliseconds(100) ? TimeSpan.FromMilliseconds(100) : wait, time, cancellationToken);
    }

    private static string NewKey(string kind)
    {
        using AsymmetricAlgorithm key = kind == "RSA 2048" ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    private static byte[] SigningRequest(JournalEntry entry)
    {
        using var ec = ECDsa.Create();
        using var rsa = RSA.Create();
        var isEc = true;
        try
        {
            ec.ImportFromPem(entry.KeyPem);
        }
        catch (Exception other) when (other is CryptographicException or ArgumentException)
        {
            isEc = false;
            rsa.ImportFromPem(entry.KeyPem);
        }
        // No common name: authorities drop it, and it may not be longer than 64 characters.
        var subject = new X500DistinguishedName([0x30, 0x00]);
        var request = isEc ? new CertificateRequest(subject, ec, HashAlgorithmName.SHA256) : new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in entry.Names) names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSigningRequest();
    }
}
