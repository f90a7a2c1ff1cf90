using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Appliance.Catalog;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Appliance.Server.Alerts;

/// <summary>Sends one alert as a mail of plain text, over a connection of its own.</summary>
internal sealed class MailSender(AlertOptions options)
{
    public async Task<Sent> SendAsync(AlertRow alert, string where, AlertChannelRow channel, CancellationToken cancellationToken)
    {
        var settings = System.Text.Json.JsonSerializer.Deserialize<MailSettings>(channel.Settings, System.Text.Json.JsonSerializerOptions.Web)!;
        using var client = new SmtpClient { Timeout = (int)options.AnswerWithin.TotalMilliseconds, CheckCertificateRevocation = false };   // private authorities seldom publish lists
        client.ServerCertificateValidationCallback = IsTrusted;
        try
        {
            await client.ConnectAsync(settings.Host, settings.Port, settings.Security switch
            {
                "tls" => SecureSocketOptions.SslOnConnect,
                "startTls" => SecureSocketOptions.StartTls,
                _ => SecureSocketOptions.None,
            }, cancellationToken);
            if (settings.User is { Length: > 0 } user) await client.AuthenticateAsync(user, ChannelSecret.Of(channel).Password ?? "", cancellationToken);
            var answer = await client.SendAsync(Message(alert, where, settings), cancellationToken);
            await client.DisconnectAsync(quit: true, cancellationToken);
            return new Sent(true, answer.Length == 0 ? "taken" : answer);
        }
        catch (AuthenticationException e)
        {
            return new Sent(false, $"the mail server refuses user and password: {e.Message}");
        }
        catch (SslHandshakeException)
        {
            return new Sent(false, "the mail server's certificate is not trusted, or it speaks no TLS on this port; Alerts:MailAuthorities names further authorities");
        }
        catch (SmtpCommandException e)
        {
            return new Sent(false, $"the mail server refuses: {(int)e.StatusCode} {e.Message}", Again: (int)e.StatusCode < 500);
        }
        catch (Exception e) when (e is ProtocolException or NotSupportedException or ServiceNotConnectedException or ServiceNotAuthenticatedException or IOException or SocketException or TimeoutException)
        {
            return new Sent(false, e.Message);
        }
    }

    private static MimeMessage Message(AlertRow alert, string where, MailSettings settings)
    {
        var message = new MimeMessage { Subject = alert.Title, Date = alert.RaisedAt, MessageId = $"{alert.Id:N}@appliance" };      // one alert, one message id: repeats can be seen as such
        message.From.Add(MailboxAddress.Parse(settings.From));
        foreach (var to in settings.To) message.To.Add(MailboxAddress.Parse(to));
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Body = new TextPart("plain") { Text = $"{alert.Text}\r\n{(alert.Remedy is null ? "" : $"\r\n{alert.Remedy}\r\n")}\r\n{where}\r\n" };
        return message;
    }

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None) return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || options.MailAuthorities is not { } file || certificate is null) return false;
        using var own = new X509Chain { ChainPolicy = { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck } };
        own.ChainPolicy.CustomTrustStore.ImportFromPemFile(file);
        using var presented = X509CertificateLoader.LoadCertificate(certificate.GetRawCertData());
        return own.Build(presented);
    }
}
