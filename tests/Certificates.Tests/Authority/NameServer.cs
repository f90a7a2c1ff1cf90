using System.Diagnostics;

namespace Certificates.Tests.Authority;

/// <summary>A real bind9 with the zone example.org: every name is this machine, and signed updates are taken.</summary>
public sealed class NameServer : IAsyncDisposable
{
    public const string Zone = "example.org", KeyName = "appliance.example.org", Key = "dGVzdC1rZXktb2YtdGhlLW5hbWUtc2VydmVyLTMyYnl0ZQ==";

    private readonly string _folder = Directory.CreateTempSubdirectory("named-").FullName;
    private Process? _named;

    public int Port { get; private set; }

    public async Task StartAsync(string named)
    {
        await File.WriteAllTextAsync(_folder + "/zone", "$TTL 60\n@ SOA ns.invalid. host.invalid. 1 60 60 60 60\n@ NS ns\nns A 127.0.0.1\nbackup A 127.0.0.1\nother A 127.0.0.1\nforbidden CAA 0 issue \";\"\n");
        for (var attempt = 0; attempt < 5; attempt++)
        {
            Port = Tool.FreePort();
            await File.WriteAllTextAsync(_folder + "/named.conf", $$"""
                key "{{KeyName}}" { algorithm hmac-sha256; secret "{{Key}}"; };
                options { directory "{{_folder}}"; pid-file none; session-keyfile "{{_folder}}/session.key"; listen-on port {{Port}} { 127.0.0.1; }; listen-on-v6 { none; }; dnssec-validation no; recursion no; notify no; };
                controls { };
                zone "{{Zone}}" { type primary; file "zone"; allow-update { key "{{KeyName}}"; }; };
                """);
            _named = Process.Start(new ProcessStartInfo(named, ["-g", "-n", "1", "-c", _folder + "/named.conf"]) { RedirectStandardError = true, WorkingDirectory = _folder })!;
            while (await _named.StandardError.ReadLineAsync() is { } line)
            {
                if (!line.EndsWith(" running", StringComparison.Ordinal)) continue;
                _ = _named.StandardError.ReadToEndAsync();      // so that it never blocks
                return;
            }
        }
        throw new InvalidOperationException("named did not start.");
    }

    public async ValueTask DisposeAsync()
    {
        await Tool.EndAsync(_named);
        Directory.Delete(_folder, recursive: true);
    }
}
