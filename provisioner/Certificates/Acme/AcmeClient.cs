using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Provisioner.Certificates.Acme;

/// <summary>
/// The authority on the wire (RFC 8555, RFC 9773): one account, one request at a time. It repeats only what the authority asks for (badNonce);
/// every other failure is the caller's, with its kind.
/// </summary>
public sealed class AcmeClient(HttpClient http, Uri directory, AccountKey key, TimeProvider time)
{
    /// <summary>An authority that refuses so many nonces in a row is broken. Pebble refuses one in twenty, or as many as it is told to.</summary>
    private const int NonceAttempts = 20;

    private AcmeDirectory? _directory;
    private string? _nonce;

    /// <summary>The account's address; null until it was registered or told.</summary>
    public Uri? Account { get; set; }

    public AccountKey Key => key;

    public async Task<AcmeDirectory> DirectoryAsync(CancellationToken cancellationToken)
    {
        if (_directory is not null) return _directory;
        using var answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, directory), cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode) throw AcmeProblem.Of(directory, answer.StatusCode, body, RetryAfter(answer));
        return _directory = AcmeDirectory.Read(directory, Parse(directory, body));
    }

    /// <summary>Makes the account, or finds the one that the key already has.</summary>
    public async Task RegisterAsync(string? email, ExternalBinding? binding, CancellationToken cancellationToken)
    {
        var known = await DirectoryAsync(cancellationToken);
        var account = new JsonObject { ["termsOfServiceAgreed"] = true };
        if (email is not null) account["contact"] = new JsonArray($"mailto:{email}");
        if (binding is not null) account["externalAccountBinding"] = Jws.Binding(key, binding, known.NewAccount);
        Account = null;
        var answer = await PostAsync(known.NewAccount, account.ToJsonString(), cancellationToken);
        Account = answer.Location ?? throw Odd(known.NewAccount, "tells no address of the account");
    }

    public async Task<AcmeOrder> OrderAsync(OrderRequest request, CancellationToken cancellationToken)
    {
        var known = await DirectoryAsync(cancellationToken);
        var order = new JsonObject { ["identifiers"] = new JsonArray([.. request.Names.Select(n => (JsonNode)new JsonObject { ["type"] = "dns", ["value"] = n })]) };
        if (request.Profile is not null) order["profile"] = request.Profile;
        if (request.Replaces is not null && known.RenewalInfo is not null) order["replaces"] = request.Replaces;
        var answer = await PostAsync(known.NewOrder, order.ToJsonString(), cancellationToken);
        return Read(known.NewOrder, () => AcmeOrder.Read(answer.Location ?? throw Odd(known.NewOrder, "tells no address of the order"), Parse(known.NewOrder, answer.Body), answer.RetryAfter));
    }

    public async Task<AcmeOrder> OrderAtAsync(Uri address, CancellationToken cancellationToken)
    {
        var answer = await PostAsync(address, "", cancellationToken);
        return Read(address, () => AcmeOrder.Read(address, Parse(address, answer.Body), answer.RetryAfter));
    }

    /// <summary>The account's orders, where the authority keeps the list (Let's Encrypt does not).</summary>
    public async Task<ImmutableArray<Uri>> OrdersAsync(CancellationToken cancellationToken)
    {
        var account = await PostAsync(Account!, "", cancellationToken);
        if (!Parse(Account!, account.Body).TryGetProperty("orders", out var list) || !Uri.TryCreate(list.ToString(), UriKind.Absolute, out var address)) return [];
        try
        {
            var orders = await PostAsync(address, "", cancellationToken);
            return Parse(address, orders.Body).TryGetProperty("orders", out var all) ? [.. all.EnumerateArray().Select(o => new Uri(o.ToString()))] : [];
        }
        catch (CertificateException refused) when (refused.Kind == FailureKind.Operator)
        {
            return [];      // named, but not served: as if there were no list
        }
    }

    public async Task<AcmeAuthorization> AuthorizationAsync(Uri address, CancellationToken cancellationToken)
    {
        var answer = await PostAsync(address, "", cancellationToken);
        return Read(address, () => AcmeAuthorization.Read(address, Parse(address, answer.Body), answer.RetryAfter));
    }

    /// <summary>Tells the authority that the answer to a challenge stands.</summary>
    public Task AcceptAsync(AcmeChallenge challenge, CancellationToken cancellationToken) => PostAsync(challenge.Address, "{}", cancellationToken);

    public async Task<AcmeOrder> FinalizeAsync(AcmeOrder order, byte[] request, CancellationToken cancellationToken)
    {
        var answer = await PostAsync(order.Finalize, new JsonObject { ["csr"] = System.Buffers.Text.Base64Url.EncodeToString(request) }.ToJsonString(), cancellationToken);
        return Read(order.Finalize, () => AcmeOrder.Read(order.Address, Parse(order.Finalize, answer.Body), answer.RetryAfter));
    }

    /// <returns>The chain, PEM.</returns>
    public async Task<string> DownloadAsync(Uri address, CancellationToken cancellationToken) => (await PostAsync(address, "", cancellationToken, accept: "application/pem-certificate-chain")).Body;

    /// <param name="id"><see cref="RenewalId"/> of the certificate.</param>
    /// <returns>Null: the authority has no ARI, or does not know the certificate.</returns>
    public async Task<RenewalWindow?> RenewalAsync(string id, CancellationToken cancellationToken)
    {
        if ((await DirectoryAsync(cancellationToken)).RenewalInfo is not { } info) return null;
        var address = new Uri($"{info.AbsoluteUri.TrimEnd('/')}/{id}");
        using var answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, address), cancellationToken);
        var body = await answer.Content.ReadAsStringAsync(cancellationToken);
        if (answer.StatusCode == HttpStatusCode.NotFound) return null;
        if (!answer.IsSuccessStatusCode) throw AcmeProblem.Of(address, answer.StatusCode, body, RetryAfter(answer));
        return Read(address, () =>
        {
            var root = Parse(address, body);
            var window = root.GetProperty("suggestedWindow");
            var (start, end) = (window.GetProperty("start").GetDateTimeOffset(), window.GetProperty("end").GetDateTimeOffset());
            if (end <= start) throw Odd(address, "suggests a window that ends before it begins");
            return new RenewalWindow(start, end, root.TryGetProperty("explanationURL", out var why) && Uri.TryCreate(why.ToString(), UriKind.Absolute, out var uri) ? uri : null, RetryAfter(answer));
        });
    }

    private async Task<Answer> PostAsync(Uri address, string payload, CancellationToken cancellationToken, string accept = "application/json")
    {
        for (var attempt = 1; ; attempt++)
        {
            var nonce = _nonce ?? await NonceAsync(cancellationToken);
            _nonce = null;
            var signed = Jws.Sign(key, Account, nonce, address, payload);
            using var answer = await SendAsync(() =>
            {
                var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new StringContent(signed, Encoding.UTF8) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/jose+json");
                request.Headers.Accept.ParseAdd(accept);
                return request;
            }, cancellationToken);
            var body = await answer.Content.ReadAsStringAsync(cancellationToken);
            _nonce = answer.Headers.TryGetValues("Replay-Nonce", out var nonces) ? nonces.First() : null;
            if (answer.IsSuccessStatusCode) return new Answer(body, answer.Headers.Location is { } location ? new Uri(address, location) : null, RetryAfter(answer));
            var problem = AcmeProblem.Of(address, answer.StatusCode, body, RetryAfter(answer));
            if (problem.Problem != "badNonce" || attempt == NonceAttempts) throw problem;
        }
    }

    private async Task<string> NonceAsync(CancellationToken cancellationToken)
    {
        var address = (await DirectoryAsync(cancellationToken)).NewNonce;
        using var answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Head, address), cancellationToken);
        return answer.Headers.TryGetValues("Replay-Nonce", out var nonces) ? nonces.First() : throw Odd(address, "gives no nonce");
    }

    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        using var message = request();
        message.Headers.UserAgent.ParseAdd("appliance-certificates/0.1");
        message.Headers.AcceptLanguage.ParseAdd("en");
        try
        {
            return await http.SendAsync(message, cancellationToken);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CertificateException(FailureKind.Transient, $"{message.RequestUri!.Host} could not be asked: {failed.GetBaseException().Message.TrimEnd('.')}.", "It is tried again. If it stays so, look at this machine's way there, and at acmeRoot for a private authority.", failed);
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage answer)
    {
        var wait = answer.Headers.RetryAfter is not { } header ? null : header.Delta ?? header.Date - time.GetUtcNow();
        return wait is { } given && given < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }

    private static JsonElement Parse(Uri address, string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException broken)
        {
            throw Odd(address, "answers with something that is no JSON", broken);
        }
    }

    private static T Read<T>(Uri address, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception broken) when (broken is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw Odd(address, $"answers without what belongs there ({broken.Message.TrimEnd('.')})", broken);
        }
    }

    private static CertificateException Odd(Uri address, string what, Exception? inner = null) =>
        new(FailureKind.Transient, string.Create(CultureInfo.InvariantCulture, $"{address.Host} {what}."), "It is tried again. If it stays so, the authority is broken, or acmeDirectory leads elsewhere.", inner);

    private sealed record Answer(string Body, Uri? Location, TimeSpan? RetryAfter);
}
