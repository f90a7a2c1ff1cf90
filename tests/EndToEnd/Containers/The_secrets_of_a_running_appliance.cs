using Provisioner.Tests;
using Xunit;

namespace EndToEnd.Containers;

/// <summary>
/// Secrets of every kind are planted, everything runs over them (an upgrade, a backup, an alert, a self-backup, a support bundle, a failed sign-in), and then everything that somebody
/// might look at is searched: what Docker tells, process lists, logs, files, the support bundle, the database to its last byte.
/// </summary>
[Collection(InContainers.Name)]
public sealed class The_secrets_of_a_running_appliance(RunningAppliance appliance) : IDisposable
{
    private const string SmtpPassword = "Recognisable-password-of-the-mail-server-1", WebhookToken = "recognisable-token-in-a-webhook-address", WebhookKey = "Recognisable-key-of-a-webhook-12345";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("secrets-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Stand_nowhere()
    {
        appliance.Ready();
        var (data, user) = (appliance.Installed.Data, appliance.User);
        // MySQL writes down every statement from here on: also there the tokens come encrypted.
        await SqlAsync("SET GLOBAL general_log_file = 'hunted.log'; SET GLOBAL general_log = 1; SET GLOBAL slow_query_log_file = 'hunted-slow.log'; SET GLOBAL slow_query_log = 1; SET GLOBAL long_query_time = 0");
        await user.SignInAsync();
        await user.ConnectAsync(appliance.Org, RunningAppliance.ClientSecret);
        var token = (await user.SendAsync(HttpMethod.Post, "tokens", new { name = "hunted", expiresInDays = 1 })).GetProperty("token").GetString()!;
        var secrets = new List<(string Name, string Value)>
        {
            ("the database's password", Text("state/db-password")), ("the database's root password", Text("state/db-root-password")), ("the secrets key", Text("keys/secrets.key")),
            ("the vaults' passphrase", RunningAppliance.Passphrase), ("the recovery key", appliance.RecoveryKey.Trim()), ("the user's password", SignedIn.Password), ("the user's session", user.Session),
            ("an API token", token), ("the org's client secret", RunningAppliance.ClientSecret), ("the mail server's password", SmtpPassword), ("the webhook's token", WebhookToken), ("the webhook's key", WebhookKey),
            ("the certificate's key", Middle(Text("tls/current/server.key"))),
        };
        secrets.AddRange(appliance.Org.Sessions.Tokens.Select((t, n) => ($"a token of the org ({n})", t)));
        Assert.True(secrets.Count >= 15, "the org gave no tokens");
        using var hunt = new SecretHunt(secrets).WatchProcesses();
        await user.SendAsync(HttpMethod.Post, "alerts/channels", new { name = "Mail", kind = "mail", mail = new { host = "127.0.0.1", port = 2525, security = "tls", user = "backup", from = "a@example.org", to = new[] { "b@example.org" } }, password = SmtpPassword });
        var hook = await user.SendAsync(HttpMethod.Post, "alerts/channels", new { name = "Webhook", kind = "webhook", url = $"https://{appliance.Engine.Outside}:1/{WebhookToken}", key = WebhookKey });
        var tried = await user.SendAsync(HttpMethod.Post, $"alerts/channels/{hook.GetProperty("id").GetString()}/tests", null);
        hunt.In("the answer to a test of a channel", tried.ToString());
        var backup = await user.StartBackupAsync();
        await user.SucceedAsync(backup);
        await appliance.Installed.GoToAsync(InstalledAppliance.Next);
        await user.SendAsync(HttpMethod.Post, "self-backups", null);
        Assert.Equal(0, (await appliance.Installed.RolloutAsync("back")).Run.ExitCode);
        await SqlAsync("SET GLOBAL general_log = 0; SET GLOBAL slow_query_log = 0");

        foreach (var id in (await appliance.Engine.MustAsync("docker", "ps", "-aq")).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = (await appliance.Engine.MustAsync("docker", "inspect", "-f", "{{.Name}}", id)).Trim();
            hunt.In($"docker inspect {name}", await appliance.Engine.MustAsync("docker", "inspect", id));
            hunt.In($"docker top {name}", await appliance.Engine.MustAsync("docker", "top", id));
            var logs = await appliance.Engine.MustAsync("sh", "-c", $"docker logs {id} 2>&1");
            Assert.True(logs.Length > 0 || name.Contains("certificates", StringComparison.Ordinal), $"{name} logs nothing");        // an agent with nothing to do says nothing
            hunt.In($"the log of {name}", logs);
        }
        foreach (var image in (await appliance.Engine.MustAsync("docker", "images", "-q")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct())
            hunt.In($"the history of image {image}", await appliance.Engine.MustAsync("docker", "history", "--no-trunc", image));
        foreach (var job in (await user.GetAsync("jobs?limit=50")).EnumerateArray().Select(j => j.GetProperty("id").GetString()!)) hunt.In($"the log of job {job}", (await user.GetAsync($"jobs/{job}/log")).ToString());
        foreach (var path in new[] { "orgs", "alerts", "alerts/channels", "system/report", "self-backups", "tokens" }) hunt.In($"GET {path}", (await user.GetAsync(path)).ToString());

        // The files of the host: what is open to others. Of the data disk, the database and its logs and dumps to the last byte, whoever may read them.
        hunt.InOpenFiles(appliance.Installed.Root);
        Assert.True(new FileInfo($"{data}/db/hunted.log").Length > 10_000, "MySQL wrote down nothing");
        hunt.InAllFiles($"{data}/db");
        foreach (var dump in Directory.GetFiles($"{data}/state/dumps"))
        {
            using var lines = new StreamReader(new System.IO.Compression.GZipStream(File.OpenRead(dump), System.IO.Compression.CompressionMode.Decompress));
            hunt.In($"the dump {Path.GetFileName(dump)}", await lines.ReadToEndAsync());
        }
        hunt.InAllFiles($"{data}/vaults");
        hunt.InAllFiles($"{appliance.Installed.Root}/var");
        await BundleAsync(hunt);
        await hunt.StopWatchingAsync();
        Assert.True(hunt.Findings.Count == 0, string.Join("\n", hunt.Findings));
        Assert.True(hunt.ProcessesSeen > 100, $"only {hunt.ProcessesSeen} processes were seen");
        RunningAppliance.Say($"{secrets.Count} secrets hunted, {hunt.ProcessesSeen} processes seen, nothing found");

        // The hunt can fail: a leak of each kind is found.
        using var leaks = new SecretHunt(("a leak", "planted-in-an-environment-1234"), ("another", "planted-in-the-database-12345"), ("a third", "planted-in-a-log-on-purpose-1"));
        await SqlAsync("CREATE TABLE leak (t TEXT); INSERT INTO leak VALUES ('planted-in-the-database-12345'); FLUSH TABLES leak FOR EXPORT; UNLOCK TABLES; DROP TABLE leak");
        var leaking = (await appliance.Engine.MustAsync("docker", "run", "-d", "-e", "LEAK=planted-in-an-environment-1234", "local/runtime-deps", "sh", "-c", "echo planted-in-a-log-on-purpose-1")).Trim();
        await appliance.Engine.MustAsync("docker", "wait", leaking);
        leaks.In("inspect", await appliance.Engine.MustAsync("docker", "inspect", leaking));
        leaks.In("log", await appliance.Engine.MustAsync("docker", "logs", leaking));
        await appliance.Engine.MustAsync("docker", "rm", leaking);
        leaks.InAllFiles($"{data}/db");
        Assert.Contains("inspect: a leak", leaks.Findings);
        Assert.Contains("log: a third", leaks.Findings);
        Assert.Contains(leaks.Findings, f => f.StartsWith($"{data}/db/", StringComparison.Ordinal) && f.EndsWith(": another", StringComparison.Ordinal));

        string Text(string path) => File.ReadAllText($"{data}/{path}").Trim();
    }

    /// <summary>With the logs of all containers, as a person would make one.</summary>
    private async Task BundleAsync(SecretHunt hunt)
    {
        var vaults = $"{appliance.Installed.Data}/vaults";
        await appliance.Engine.MustAsync("sh", "-ec", $"for id in $(docker ps -aq); do docker logs $id; done > {vaults}/all.log 2>&1");
        try
        {
            var (run, _) = await appliance.Installed.RolloutAsync("command", more: ["support-bundle", "--log", "/data/all.log", "--output", "/data/support.zip"]);
            Assert.True(run.ExitCode == 0, run.Output + run.Errors);
            hunt.InArchive($"{vaults}/support.zip");
            hunt.In("what support-bundle said", run.Output + run.Errors);
        }
        finally
        {
            File.Delete($"{vaults}/all.log");
            File.Delete($"{vaults}/support.zip");
        }
    }

    private Task<string> SqlAsync(string statements)
    {
        var file = Path.Combine(_folder.FullName, "statements.sql");
        File.WriteAllText(file, statements);
        return appliance.Engine.MustAsync("sh", "-ec", $"docker exec -i $(docker ps -q --filter label=com.docker.compose.service=db) sh -c 'MYSQL_PWD=$(cat /run/secrets/db_root_password) exec mariadb -u root appliance' < {file}");
    }

    private static string Middle(string pem) => pem.Split('\n', StringSplitOptions.TrimEntries).Where(l => !l.Contains(' ', StringComparison.Ordinal)).ElementAt(1);
}
