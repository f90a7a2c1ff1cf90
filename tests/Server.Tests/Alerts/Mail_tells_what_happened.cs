using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Appliance.Catalog;
using Appliance.Server.Alerts;
using Appliance.Server.Api;
using MimeKit;
using SmtpServer;
using SmtpServer.Authentication;
using SmtpServer.ComponentModel;
using SmtpServer.Protocol;
using SmtpServer.Storage;
using Xunit;

namespace Appliance.Server.Tests.Alerts;

/// <summary>Over a real SMTP server in this process, with TLS and a password.</summary>
public sealed class Mail_tells_what_happened(ServerFixture server)
{
    [Theory]
    [InlineData("startTls")]
    [InlineData("tls")]
    public async Task Over_an_encrypted_connection_with_a_password(string security)
    {
        await using var scene = await AlertScene.NewAsync(server);
        await using var mail = await MailServer.StartAsync(security == "tls");
        var options = AlertScene.Options with { MailAuthorities = mail.AuthorityFile };
        var (row, _, mistakes) = await scene.NewChanges(options).PutAsync(null, mail.Wish(security, "right"), "ann", default);
        Assert.Equal("", mistakes);
        var alert = await scene.RaiseAsync("Nachts um drei: Ärger ✓");
        using var delivery = scene.NewDelivery(options);
        Assert.Equal(1, await delivery.SendDueAsync(default));
        Assert.Equal(DeliveryState.Delivered, (await scene.DeliveryOfAsync(alert)).State);
        var message = Assert.Single(mail.Received);
        Assert.Equal("Nachts um drei: Ärger ✓", message.Subject);
        Assert.Equal(["ops@example.com", "boss@example.com"], message.To.Mailboxes.Select(m => m.Address));
        Assert.Contains("The cause.", message.TextBody, StringComparison.Ordinal);
        Assert.Contains("The remedy.", message.TextBody, StringComparison.Ordinal);
        Assert.Contains($"https://appliance.example/orgs/{scene.Backups.Org.Id}", message.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("right", row!.Settings, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Not_to_a_server_whose_certificate_nobody_vouches_for_nor_with_a_wrong_password()
    {
        await using var scene = await AlertScene.NewAsync(server);
        await using var mail = await MailServer.StartAsync(tls: false);
        var (row, _, _) = await scene.Changes.PutAsync(null, mail.Wish("startTls", "right"), "ann", default);
        var untrusted = await scene.Changes.TestAsync(row!, "ann", default);
        Assert.Contains("certificate is not trusted", untrusted.Answer, StringComparison.Ordinal);
        var trusting = scene.NewChanges(AlertScene.Options with { MailAuthorities = mail.AuthorityFile });
        var (again, _, _) = await trusting.PutAsync(row, mail.Wish("startTls", "wrong"), "ann", default);
        var refused = await trusting.TestAsync(again!, "ann", default);
        Assert.Contains("refuses user and password", refused.Answer, StringComparison.Ordinal);
        Assert.Empty(mail.Received);
    }

    [Fact]
    public async Task And_a_password_is_never_sent_in_the_clear()
    {
        await using var scene = await AlertScene.NewAsync(server);
        await using var mail = await MailServer.StartAsync(tls: false);
        var (row, _, mistakes) = await scene.Changes.PutAsync(null, mail.Wish("none", "right"), "ann", default);
        Assert.Null(row);
        Assert.Contains("unencrypted", mistakes, StringComparison.Ordinal);
    }

    private sealed class MailServer : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly string _folder = Directory.CreateTempSubdirectory("mail-").FullName;
        private Task _running = Task.CompletedTask;

        public ConcurrentQueue<MimeMessage> Received { get; } = new();
        public string AuthorityFile => Path.Combine(_folder, "ca.pem");
        public int Port { get; private set; }

        public static async Task<MailServer> StartAsync(bool tls)
        {
            var server = new MailServer();
            var certificate = server.Certificate();
            var services = new ServiceProvider();
            services.Add(new Store(server.Received));
            services.Add((IUserAuthenticatorFactory)new Passwords());
            for (var attempt = 0; ; attempt++)
            {
                server.Port = FreePort();
                var options = new SmtpServerOptionsBuilder().ServerName("mail.example").Endpoint(e => e
                    .Endpoint(new IPEndPoint(IPAddress.Loopback, server.Port)).IsSecure(tls).Certificate(certificate).AuthenticationRequired().AllowUnsecureAuthentication(false)).Build();
                var smtp = new SmtpServer.SmtpServer(options, services);
                server._running = smtp.StartAsync(server._stop.Token);
                if (await server.ListensAsync()) return server;
                Assert.True(attempt < 5, "the mail server does not start");
            }
        }

        public ChannelWish Wish(string security, string password) => new()
        {
            Name = "Mail", Kind = "mail", Password = password,
            Mail = new MailSettings("localhost", Port, security, "appliance", "appliance@example.com", ["ops@example.com", "boss@example.com"]),
        };

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
            Directory.Delete(_folder, recursive: true);
        }

        private async Task<bool> ListensAsync()
        {
            for (var look = 0; look < 500 && !_running.IsCompleted; look++)
            {
                try
                {
                    using var client = new System.Net.Sockets.TcpClient();
                    await client.ConnectAsync(IPAddress.Loopback, Port);
                    return true;
                }
                catch (System.Net.Sockets.SocketException)
                {
                    await Task.Delay(10);
                }
            }
            return false;
        }

        private static int FreePort()
        {
            using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        // A certificate for localhost from an authority of its own.
        private X509Certificate2 Certificate()
        {
            var now = DateTimeOffset.UtcNow;
            using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var authority = new CertificateRequest("CN=Mail authority", authorityKey, HashAlgorithmName.SHA256);
            authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            using var root = authority.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
            File.WriteAllText(AuthorityFile, root.ExportCertificatePem());
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            request.CertificateExtensions.Add(names.Build());
            using var issued = request.Create(root, now.AddDays(-1), now.AddHours(12), [1, 2, 3, 4]);
            using var whole = issued.CopyWithPrivateKey(key);
            return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
        }

        private sealed class Store(ConcurrentQueue<MimeMessage> received) : MessageStore
        {
            public override async Task<SmtpResponse> SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
            {
                received.Enqueue(await MimeMessage.LoadAsync(new MemoryStream(buffer.ToArray()), cancellationToken));
                return SmtpResponse.Ok;
            }
        }

        private sealed class Passwords : IUserAuthenticatorFactory, IUserAuthenticator
        {
            public IUserAuthenticator CreateInstance(ISessionContext context) => this;

            public Task<bool> AuthenticateAsync(ISessionContext context, string user, string password, CancellationToken cancellationToken) =>
                Task.FromResult(user == "appliance" && password == "right");
        }
    }
}
