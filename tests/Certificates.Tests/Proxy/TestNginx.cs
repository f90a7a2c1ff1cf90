using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Certificates.Tests.Authority;

namespace Certificates.Tests.Proxy;

/// <summary>A small real Nginx that serves what tls/current leads to, and beside it a watcher as the product has one: the link changed, `nginx -t`, reload.</summary>
internal sealed class TestNginx(string tls) : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("nginx-").FullName;
    private Process? _nginx, _watcher;

    public int Port { get; private set; }
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Stops it from taking up anything new, as a broken watcher would.</summary>
    public bool Watches { get; init; } = true;

    public async Task StartAsync()
    {
        for (var attempt = 0; attempt < 5; attempt++)
        {
            Port = Tool.FreePort();
            await File.WriteAllTextAsync(_folder + "/nginx.conf", $$"""
                daemon off; pid {{_folder}}/pid; error_log {{_folder}}/error.log; worker_processes 2;
                events { worker_connections 512; }
                http {
                    access_log off; keepalive_timeout 300s; keepalive_requests 1000000; client_body_temp_path {{_folder}}/b; proxy_temp_path {{_folder}}/p; fastcgi_temp_path {{_folder}}/f; uwsgi_temp_path {{_folder}}/u; scgi_temp_path {{_folder}}/s;
                    server { listen 127.0.0.1:{{Port}} ssl; ssl_certificate {{tls}}/current/server.crt; ssl_certificate_key {{tls}}/current/server.key; location / { return 200 "well"; } }
                }
                """);
            _nginx = Process.Start(new ProcessStartInfo(Tool.Find("nginx")!, ["-c", _folder + "/nginx.conf", "-e", _folder + "/error.log", "-g", "user root;"]) { RedirectStandardError = true })!;
            _ = _nginx.StandardError.ReadToEndAsync();
            while (!_nginx.HasExited)
            {
                if (await ListensAsync())
                {
                    if (Watches) Watch();
                    return;
                }
                await Task.Delay(20);
            }
        }
        throw new InvalidOperationException("nginx did not start: " + await File.ReadAllTextAsync(_folder + "/error.log"));
    }

    public async ValueTask DisposeAsync()
    {
        await Tool.EndAsync(_watcher);
        await Tool.EndAsync(_nginx);
        (_watcher, _nginx) = (null, null);
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private void Watch()
    {
        var nginx = $"'{Tool.Find("nginx")}' -c '{_folder}/nginx.conf' -e '{_folder}/error.log' -g 'user root;'";
        _watcher = Process.Start(new ProcessStartInfo("sh", ["-c", $"old=$(readlink '{tls}/current'); while sleep 0.1; do new=$(readlink '{tls}/current'); if [ \"$new\" != \"$old\" ] && {nginx} -t -q 2>/dev/null; then {nginx} -s reload; old=$new; fi; done"]))!;
    }

    private async Task<bool> ListensAsync()
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
