using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace Provisioner.Tests.Rollout;

/// <summary>
/// templates/host/rollout on the machine's own Docker engine: appliance/compose.yaml with the real proxy and the real database. The app is a stand-in, so that it can be broken
/// in a chosen way: a web server with the image's contract (/probe, /health, Server__Role=migrate). The agent of certificates is the real one, for a certificate that was bought.
/// </summary>
internal sealed class RealEngine : IAsyncDisposable
{
    private readonly int _plainPort = FreePort();

    public string Root { get; } = Directory.CreateTempSubdirectory("real-engine-").FullName;
    public int Port { get; } = FreePort();

    public string[] Journal => File.ReadAllLines($"{Root}/var/lib/appliance/rollout/journal");

    public async Task PrepareAsync(params (string Version, string Mode)[] images)
    {
        await AgentImage.BuildAsync();
        var context = Directory.CreateDirectory($"{Root}/image").FullName;
        File.Copy(Path.Combine(RepositoryFolder.Root, "appliance/probe"), $"{context}/probe");
        await File.WriteAllTextAsync($"{context}/start", """
            #!/bin/bash
            if [[ ${Server__Role:-} == migrate ]]; then exit 0; fi
            case $MODE in
                crash) exit 1 ;;
                sick) touch /tmp/sick ;;
                late) { sleep 30; touch /tmp/sick; } & ;;
            esac
            exec nginx -c /app.conf -g 'daemon off;'
            """);
        await File.WriteAllTextAsync($"{context}/app.conf", """
            pid /tmp/pid; error_log stderr; events { }
            http {
                access_log off; client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c; uwsgi_temp_path /tmp/d; scgi_temp_path /tmp/e;
                server { listen 8080; if (-f /tmp/sick) { return 500; } location / { return 200 "VERSION\n"; } }
            }
            """);
        await File.WriteAllTextAsync($"{context}/Dockerfile", """
            FROM local/nginx
            ARG VERSION
            ARG MODE
            COPY --chmod=755 probe start /
            COPY app.conf /app.conf.in
            RUN sed "s/VERSION/$VERSION/" /app.conf.in > /app.conf && chmod 755 /probe /start && mkdir -p /data /keys && chown 1654 /data /keys
            ENV MODE=$MODE
            USER 1654:1654
            HEALTHCHECK --interval=1s --timeout=5s --start-period=20s --retries=3 CMD ["/probe", "/health"]
            ENTRYPOINT ["/start"]
            """.Replace("--chmod=755 ", "", StringComparison.Ordinal));
        foreach (var (version, mode) in images)
            await MustAsync("env", "DOCKER_BUILDKIT=0", "docker", "build", "-q", "-t", $"stand-in-app:{version}", "--build-arg", $"VERSION={version}", "--build-arg", $"MODE={mode}", context);
        foreach (var folder in new[] { "opt/appliance/release", "opt/appliance/nginx", "srv/appliance/vaults", "srv/appliance/keys", "srv/appliance/db", "srv/appliance/state", "opt/appliance/certificates" }) Directory.CreateDirectory($"{Root}/{folder}");
        await MustAsync("sh", "-ec", $"""
            cd {Root}/srv/appliance; chown 1654:1654 vaults keys; chmod 0711 . db; chmod 0700 state
            for f in db-password db-root-password; do od -An -N24 -tx1 /dev/urandom | tr -d ' \n' > state/$f; chmod 0644 state/$f; done
            cp {RepositoryFolder.Root}/nginx/* {Root}/opt/appliance/nginx/
            cp {RepositoryFolder.Root}/appliance/compose.yaml {Root}/opt/appliance/release/
            sh {RepositoryFolder.Root}/nginx/local-ca tls/one; s=$(openssl x509 -noout -serial -in tls/one/server.crt | cut -d= -f2 | tr A-F a-f); mv tls/one tls/$s; ln -s $s tls/current
            chmod 0755 {Root}
            """);
        await File.WriteAllTextAsync($"{Root}/opt/appliance/certificates/settings.json", """{ "store": "/srv/appliance/tls", "names": ["localhost"], "proof": "127.0.0.1:443" }""");
        await File.WriteAllTextAsync($"{Root}/opt/appliance/release/host.yaml", "volumes:\n" + string.Concat(new[] { ("data", "vaults"), ("keys", "keys"), ("db", "db") }.Select(v =>
            $"  {v.Item1}:\n    driver: local\n    driver_opts: {{ type: none, o: bind, device: {Root}/srv/appliance/{v.Item2} }}\n")));
    }

    /// <summary>What the agent last left.</summary>
    public JsonElement AgentStatus => JsonElement.Parse(File.ReadAllText($"{Root}/srv/appliance/tls/status/status.json"));

    public void Want(string version) => File.WriteAllText($"{Root}/opt/appliance/release/environment", string.Create(CultureInfo.InvariantCulture, $"""
        APPLIANCE_VERSION={version}
        APPLIANCE_URL=https://localhost:{Port}
        APPLIANCE_PORT={Port}
        HTTP_PORT={_plainPort}
        APPLIANCE_STATE={Root}/srv/appliance/state
        APPLIANCE_TLS={Root}/srv/appliance/tls
        APPLIANCE_FRONT={Root}/srv/appliance/front
        APPLIANCE_NGINX={Root}/srv/appliance/front/nginx
        TLS_FOLDER=current
        APPLIANCE_IMAGE=stand-in-app:{version}
        CERTIFICATES_IMAGE={AgentImage.Name}
        CERTIFICATES_SETTINGS={Root}/opt/appliance/certificates
        PROXY_IMAGE=local/nginx
        DB_IMAGE=local/mariadb
        DB_BUFFER=128M
        CLOUD_BRIDGE=rollout-test

        """));

    public async Task<(ProgramRun Run, TimeSpan Took)> RolloutAsync(string verb, int bake = 10)
    {
        var clock = Stopwatch.StartNew();
        var run = await ProgramRun.OfAsync("env", [$"ROLLOUT_ROOT={Root}", string.Create(CultureInfo.InvariantCulture, $"ROLLOUT_BAKE={bake}"), "ROLLOUT_HEALTHY=60", "ROLLOUT_NEED_MIB=100", "sh", Path.Combine(RepositoryFolder.Root, "templates/host/rollout"), verb]);
        return (run, clock.Elapsed);
    }

    /// <summary>Seconds from the failure to the release before, by the journal.</summary>
    public double WayBack()
    {
        DateTimeOffset At(string what) => DateTimeOffset.Parse(Journal.Last(l => l.Split('\t')[1] == what).Split('\t')[0], CultureInfo.InvariantCulture);
        return (At("went-back") - At("back")).TotalSeconds;
    }

    public HttpClient Client(bool reuse) => new(new SocketsHttpHandler
    {
        PooledConnectionLifetime = reuse ? Timeout.InfiniteTimeSpan : TimeSpan.Zero,
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.Issuer.Contains("Appliance local CA", StringComparison.Ordinal) },
    })
    { BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://localhost:{Port}")), Timeout = TimeSpan.FromSeconds(20) };

    public static async Task<string> MustAsync(string program, params string[] arguments)
    {
        var run = await ProgramRun.OfAsync(program, arguments);
        Assert.True(run.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {run.Errors}{run.Output}");
        return run.Output;
    }

    public async ValueTask DisposeAsync()
    {
        await RolloutAsync("stop");
        await ProgramRun.OfAsync("sh", ["-c", "docker ps -aq --filter label=com.docker.compose.project=appliance | xargs -r docker rm -f; docker volume rm appliance_data appliance_keys appliance_db; docker network ls -q --filter label=com.docker.compose.project=appliance | xargs -r docker network rm"]);
        await ProgramRun.OfAsync("umount", [$"{Root}/srv/appliance/state/dumps"]);
        Directory.Delete(Root, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
