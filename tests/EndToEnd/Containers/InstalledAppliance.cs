using System.Diagnostics;
using System.Globalization;
using Appliance.Vault;
using EndToEnd.Kills;
using EndToEnd.Up;
using Xunit;

namespace EndToEnd.Containers;

/// <summary>
/// A folder that templates/host/rollout takes for a host, as the deployer leaves one, with a data disk of its own that a test can fill; the products run on a <see cref="PrivateEngine"/>.
/// The app is the real one (tests/EndToEnd/Docker/releases), the vaults open with a passphrase.
/// </summary>
internal sealed class InstalledAppliance(PrivateEngine engine) : IAsyncDisposable
{
    public const string First = "1.0.0", Next = "1.1.0";
    private const int DiskMib = 1_200;

    public string Root { get; } = Directory.CreateTempSubdirectory("installed-").FullName;
    public string Data => $"{Root}/srv/appliance";
    public Uri Address => new($"https://{engine.Inside}");
    public string[] Journal => File.ReadAllLines($"{Root}/var/lib/appliance/rollout/journal");
    private string Ballast => $"{Data}/ballast";

    /// <param name="authority">PEM of the authority that the org's certificate comes from.</param>
    /// <param name="passphrase">What the vaults open with; null where a restore brings it.</param>
    public async Task PrepareAsync(string authority, string? passphrase)
    {
        foreach (var folder in new[] { "opt/appliance/release", "opt/appliance/nginx", "opt/appliance/certificates", "srv/appliance", "trust" }) Directory.CreateDirectory($"{Root}/{folder}");
        await File.WriteAllTextAsync($"{Root}/trust/ca.pem", authority);
        await engine.MustAsync("sh", "-ec", $"""
            chmod 0755 {Root} {Root}/trust; chmod 0644 {Root}/trust/ca.pem
            truncate -s {DiskMib}M {Root}/disk; chmod 0600 {Root}/disk; mkfs.ext4 -q -m 0 -F {Root}/disk; mount -o loop {Root}/disk {Data}
            sed 's|/srv/appliance|{Data}|g' {Repository.Root}/templates/host/folders | sh -eu
            cp {Repository.Root}/nginx/* {Root}/opt/appliance/nginx/
            cp {Repository.Root}/appliance/compose.yaml {Root}/opt/appliance/release/
            cd {Data}/tls; sh {Repository.Root}/nginx/local-ca one {engine.Inside}
            serial=$(openssl x509 -noout -serial -in one/server.crt | cut -d= -f2 | tr A-F a-f); mv one $serial; ln -s $serial current
            """);
        await File.WriteAllTextAsync($"{Root}/opt/appliance/certificates/settings.json", """{ "store": "/srv/appliance/tls", "names": ["localhost"] }""");
        if (passphrase is not null)
        {
            await File.WriteAllTextAsync($"{Data}/keys/master.passphrase", passphrase + "\n");
            await engine.MustAsync("sh", "-ec", $"chown 1654:1654 {Data}/keys/master.passphrase; chmod 0600 {Data}/keys/master.passphrase");
        }
        // What a provisioned host says of its volumes; and small pieces, so that a small org has as many moments as a large one.
        var services = string.Concat(new[] { "app-a", "app-b", "worker" }.Select(s => $$"""
              {{s}}:
                environment: { SSL_CERT_FILE: /trust/ca.pem, Keys__Master: "passphrase:/keys/master.passphrase", Engine__RestRows: "100", Engine__SegmentFlushBytes: "65536", Engine__DiskReserveBytes: "52428800", Engine__DiskLookAgain: "00:00:02", Engine__DiskLookEvery: "00:00:00.2", Alerts__PrivateAddresses: "true" }
                volumes: ["{{Root}}/trust:/trust:ro"]

            """));
        await File.WriteAllTextAsync($"{Root}/opt/appliance/release/host.yaml",
            (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "templates/host/host.yaml"))).Replace("/srv/appliance", Data, StringComparison.Ordinal) + "services:\n" + services);
    }

    /// <summary>What the deployer would put there for this release.</summary>
    public async Task WantAsync(string version)
    {
        await engine.MustAsync("docker", "tag", $"kept:{version}", $"appliance:{version}");
        await File.WriteAllTextAsync($"{Root}/opt/appliance/release/environment", $"""
            APPLIANCE_VERSION={version}
            APPLIANCE_URL={Address.AbsoluteUri.TrimEnd('/')}
            APPLIANCE_STATE={Data}/state
            APPLIANCE_TLS={Data}/tls
            APPLIANCE_FRONT={Data}/front
            APPLIANCE_NGINX={Data}/front/nginx
            TLS_FOLDER=current
            APPLIANCE_IMAGE=appliance:{version}
            CERTIFICATES_IMAGE=certificates:kept
            CERTIFICATES_SETTINGS={Root}/opt/appliance/certificates
            PROXY_IMAGE=local/nginx
            DB_IMAGE=local/mariadb
            DB_BUFFER=128M

            """);
        await engine.MustAsync("chmod", "0600", $"{Root}/opt/appliance/release/environment");
    }

    public async Task<(ProcessResult Run, TimeSpan Took)> RolloutAsync(string verb, int bake = 15, string? input = null, params string[] more)
    {
        var clock = Stopwatch.StartNew();
        string[] walk = [$"ROLLOUT_ROOT={Root}", string.Create(CultureInfo.InvariantCulture, $"ROLLOUT_BAKE={bake}"), "ROLLOUT_NEED_MIB=0", "sh", Path.Combine(Repository.Root, "templates/host/rollout"), verb, .. more];
        var run = input is null ? await engine.RunAsync("env", walk) : await engine.RunAsync("sh", ["-c", "file=$1; shift; exec env \"$@\" < \"$file\"", "sh", input, .. walk]);
        return (run, clock.Elapsed);
    }

    /// <summary>Goes to this release; the test fails when it does not get there.</summary>
    public async Task<TimeSpan> GoToAsync(string version, int bake = 15)
    {
        await WantAsync(version);
        var (run, took) = await RolloutAsync("up", bake);
        Assert.True(run.ExitCode == 0, $"{version}: {run.ExitCode} {run.Errors}{run.Output}\n{await LogsAsync()}");
        return took;
    }

    /// <summary>Seconds from the failure to the release before, by the journal.</summary>
    public double WayBack
    {
        get
        {
            DateTimeOffset At(string what) => DateTimeOffset.Parse(Journal.Last(l => l.Split('\t')[1] == what).Split('\t')[0], CultureInfo.InvariantCulture);
            return (At("went-back") - At("back")).TotalSeconds;
        }
    }

    /// <summary>Why the last walk went back.</summary>
    public string Reason => Journal.Last(l => l.Contains("\tback\t", StringComparison.Ordinal)).Split('\t')[2];

    public Task FillDiskAsync() => engine.RunAsync("sh", "-c", $"dd if=/dev/zero of={Ballast} bs=1M; dd if=/dev/zero of={Ballast} bs=1k oflag=append conv=notrunc; sync {Data}");

    public void FreeDisk() => File.Delete(Ballast);

    public async Task<OrgVault> OpenVaultAsync()
    {
        var folder = Directory.GetDirectories($"{Data}/vaults").Single(d => File.Exists(Path.Combine(d, "vault.json")));
        return await OrgVault.OpenAsync(new SsdBlobStore(folder), MasterKey.FromPassphraseFile($"{Data}/keys/master.passphrase"), TimeProvider.System, CancellationToken.None);
    }

    /// <summary>Everything damaged or missing in the vault; empty is as it should be.</summary>
    public async Task<List<string>> DamageAsync()
    {
        await using var vault = await OpenVaultAsync();
        return await SnapshotDigest.DamageAsync(vault);
    }

    public async Task<string> LogsAsync() =>
        (await engine.RunAsync("sh", "-c", "for id in $(docker ps -aq); do docker inspect -f '{{.Name}} {{.State.Status}} {{.Config.Image}}' $id; docker logs --tail 40 $id 2>&1; done")).Output;

    public async ValueTask DisposeAsync()
    {
        await engine.ClearAsync();
        await engine.RunAsync("umount", Data);
        Directory.Delete(Root, recursive: true);
    }
}
