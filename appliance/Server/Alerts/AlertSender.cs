using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Appliance.Catalog;

namespace Appliance.Server.Alerts;

/// <summary>What became of one attempt.</summary>
/// <param name="Again">Whether another attempt can make it better.</param>
public sealed record Sent(bool Delivered, string Answer, bool Again = true);

/// <summary>Sends one alert over one channel, once (docs/alerts.md).</summary>
public sealed class AlertSender(AlertOptions options, ServerSettings settings, TimeProvider time) : IDisposable
{
    private readonly MailSender _mail = new(options);

    // No redirects: the address that was checked is the one that is called. No proxy: it would resolve names on our behalf.
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false, UseProxy = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(1),
        ConnectCallback = options.PrivateAddresses ? null : PublicAddresses.ConnectAsync,
    })
    {
        Timeout = options.AnswerWithin,
    };

    public async Task<Sent> SendAsync(AlertRow alert, string? orgName, AlertChannelRow channel, long deliveryId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(alert);
        ArgumentNullException.ThrowIfNull(channel);
        try
        {
            return channel.Kind switch
            {
                AlertChannelKind.Mail => await _mail.SendAsync(alert, Where(alert), channel, cancellationToken),
                AlertChannelKind.Webhook => await PostAsync(ChannelSecret.Of(channel), Document(alert, orgName), deliveryId, alert.Kind, cancellationToken),
                AlertChannelKind.Slack => await PostAsync(
                    ChannelSecret.Of(channel) with { Key = null }, JsonSerializer.SerializeToUtf8Bytes(new { text = $"*{alert.Title}*\n{alert.Text}{(alert.Remedy is null ? "" : "\n" + alert.Remedy)}\n{Where(alert)}" }),
                    deliveryId, alert.Kind, cancellationToken),
            };
        }
        catch (Exception e) when (e is HttpRequestException { InnerException: PrivateAddressException } or PrivateAddressException)
        {
            return new Sent(false, (e.InnerException ?? e).Message, Again: false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new Sent(false, e is OperationCanceledException ? $"no answer within {options.AnswerWithin.TotalSeconds:0} s" : e.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>What is signed: the time and the body, so that an old message cannot be sent again as a new one.</summary>
    public static string Sign(string key, long timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(key));
        hmac.AppendData(Encoding.ASCII.GetBytes(timestamp.ToString(CultureInfo.InvariantCulture) + "."));
        hmac.AppendData(body);
        return "sha256=" + Convert.ToHexStringLower(hmac.GetHashAndReset());
    }

    private string Where(AlertRow alert) => new Uri(settings.PublicUrl, alert switch
    {
        { JobId: { } job } => $"/jobs/{job}",
        { OrgId: { } org } => $"/orgs/{org}",
        { Kind: AlertKind.SelfBackup or AlertKind.CertificateEnding or AlertKind.CertificateFailed } => "/settings/appliance",
        _ => "/",
    }).ToString();

    private byte[] Document(AlertRow alert, string? orgName) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        id = alert.Id, kind = JsonNamingPolicy.CamelCase.ConvertName(alert.Kind.ToString()), title = alert.Title, text = alert.Text, remedy = alert.Remedy,
        orgId = alert.OrgId, org = orgName, jobId = alert.JobId, raisedAt = alert.RaisedAt, url = Where(alert),
    });

    private async Task<Sent> PostAsync(ChannelSecret secret, byte[] body, long deliveryId, AlertKind kind, CancellationToken cancellationToken)
    {
        if (secret.Url is not { } url) return new Sent(false, "the channel has no address", Again: false);
        if (url.Scheme != Uri.UriSchemeHttps && !options.PrivateAddresses) return new Sent(false, "webhooks go over https only", Again: false);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json") { CharSet = "utf-8" };
        request.Headers.UserAgent.ParseAdd("Backup-Archive-Appliance");
        request.Headers.Add("X-Appliance-Event", JsonNamingPolicy.CamelCase.ConvertName(kind.ToString()));
        request.Headers.Add("X-Appliance-Delivery", deliveryId.ToString(CultureInfo.InvariantCulture));
        if (secret.Key is { } key)
        {
            var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
            request.Headers.Add("X-Appliance-Timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
            request.Headers.Add("X-Appliance-Signature", Sign(key, timestamp, body));
        }
        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return new Sent(answer.IsSuccessStatusCode, $"HTTP {(int)answer.StatusCode}");
    }
}
