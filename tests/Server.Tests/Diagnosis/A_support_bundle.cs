using System.IO.Compression;
using Appliance.Engine.Diagnosis;
using Xunit;

namespace Appliance.Server.Tests.Diagnosis;

public sealed class A_support_bundle(ServerFixture server)
{
    private static readonly string[] Log =
    [
        "info: Appliance.Engine.Jobs.JobRunner[1000]", "      Job 0199c0de-0000-7000-8000-000000000001 (Backup) started, attempt 1",
        "fail: Appliance.Engine.Jobs.JobRunner[1100]", "      Job 0199c0de-0000-7000-8000-000000000001 failed: duplicate value planted-field-value found",
        "      Appliance.Salesforce.SalesforceException: DUPLICATE_VALUE: planted-field-value", "       ---> System.Net.Http.HttpRequestException: to https://acme.my.salesforce.com/?access_token=planted-access-token",
        "         at Appliance.Engine.Jobs.JobRunner.RunAsync(LeasedJob job) in /src/planted-folder/JobRunner.cs:line 41",
        "warn: Appliance.Server.Access.SetupLink[6000]", "      No user exists yet. Open this link once to create the administrator: https://appliance.example/setup?token=planted-setup-token",
        "2026-03-01T08:00:00.123Z info: Appliance.Server.Jobs.SelfBackupClock[5040]", "      Self-backup 20260301T080000Z.enc taken: 12 rows, 3456 bytes",
        "info: System.Net.Http.HttpClient[100]", "      Sending Authorization: Bearer planted-access-token", "planted-line of somebody's own", "{\"Authorization\":\"planted-json\"}",
    ];

    /// <summary>Whatever is not known to be harmless stays out, so the words planted in every place must be nowhere.</summary>
    [Fact]
    public async Task Holds_no_secret_wherever_one_was_planted()
    {
        await using var appliance = await LookedAtAppliance.WellAsync(server);
        await File.AppendAllTextAsync(appliance.EnvFile, "Some__Password=planted-password\nEngine__Secret=planted-engine\nAWS_SECRET_ACCESS_KEY=planted-aws\nHOME_GROWN=planted-plain\n");
        await LookedAtAppliance.ChangeAsync(appliance, "CREATE OR REPLACE USER support IDENTIFIED BY 'planted-db-password'");
        await LookedAtAppliance.ChangeAsync(appliance, "GRANT ALL ON *.* TO support");
        var connection = $"{appliance.Place.ConnectionString.Replace("User ID=root", "User ID=support", StringComparison.Ordinal)};Password=planted-db-password";
        await File.AppendAllTextAsync(appliance.EnvFile, $"Catalog__ConnectionString={connection}\n");
        await File.WriteAllLinesAsync(appliance.In("app.log"), Log);
        await LookedAtAppliance.ChangeAsync(appliance, "INSERT INTO job_log (job_id, at, level, text) SELECT id, UTC_TIMESTAMP(6), 'error', 'planted-log-text' FROM jobs");
        await LookedAtAppliance.ChangeAsync(appliance, "UPDATE jobs SET state = 'Failed', cause = 'planted-cause', remedy = 'planted-remedy'");
        var zip = appliance.In("bundle.zip");
        var (code, output, error) = await appliance.RunAsync("support-bundle", "--output", zip, "--log", appliance.In("app.log"));
        Assert.True(code == 0, output + error);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(zip).UnixFileMode);

        var entries = Read(zip);
        Assert.Equal(["jobs.csv", "log-1.txt", "report.json", "report.txt", "settings.txt", "versions.txt"], entries.Keys.Order(StringComparer.Ordinal));
        var everything = string.Join('\n', entries.Values);
        Assert.DoesNotContain("planted", everything, StringComparison.OrdinalIgnoreCase);
        foreach (var key in new[] { "master.key", "secrets.key" })
            Assert.DoesNotContain((await File.ReadAllTextAsync(Path.Combine(appliance.Place.KeysDirectory, key))).Trim(), everything, StringComparison.Ordinal);
        Assert.DoesNotContain((await File.ReadAllTextAsync(appliance.RecoveryKey)).Trim(), everything, StringComparison.Ordinal);

        // What support needs is there.
        Assert.Contains("1 jobs of kind Backup failed", entries["report.txt"], StringComparison.Ordinal);
        Assert.Contains("Storage:Root = ", entries["settings.txt"], StringComparison.Ordinal);
        Assert.Contains(",Backup,Failed,", entries["jobs.csv"], StringComparison.Ordinal);
        Assert.Contains("Job 0199c0de-0000-7000-8000-000000000001 (Backup) started, attempt 1", entries["log-1.txt"], StringComparison.Ordinal);
        Assert.Contains("Job 0199c0de-0000-7000-8000-000000000001 failed: (Cause left out)", entries["log-1.txt"], StringComparison.Ordinal);
        Assert.Contains("Appliance.Salesforce.SalesforceException: (text left out)", entries["log-1.txt"], StringComparison.Ordinal);
        Assert.Contains("at Appliance.Engine.Jobs.JobRunner.RunAsync", entries["log-1.txt"], StringComparison.Ordinal);
        Assert.Contains("12 rows, 3456 bytes", entries["log-1.txt"], StringComparison.Ordinal);
    }

    [Fact]
    public void Keeps_no_text_of_a_log_that_only_looks_like_an_event()
    {
        var through = string.Join('\n', new LogSieve().Through(
            ["info: Appliance.Engine.Jobs.JobRunner[1002]", "      Job planted words that are no id ended: Completed", "info: Appliance.Engine[1]", "      planted", "      planted again"]));
        Assert.Equal("info: Appliance.Engine.Jobs.JobRunner[1002]\n      (1 lines left out)\ninfo: Appliance.Engine[1]\n      (2 lines left out)", through);
    }

    private static Dictionary<string, string> Read(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        return zip.Entries.ToDictionary(e => e.FullName, e =>
        {
            using var reader = new StreamReader(e.Open());
            return reader.ReadToEnd();
        });
    }
}
