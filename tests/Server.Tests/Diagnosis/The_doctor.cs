using System.Text.Json;
using Appliance.Vault;
using Xunit;

namespace Appliance.Server.Tests.Diagnosis;

public sealed class The_doctor(ServerFixture server)
{
    [Fact]
    public async Task Finds_nothing_wrong_with_an_appliance_that_is_well()
    {
        await using var appliance = await LookedAtAppliance.WellAsync(server);
        var (code, output, error) = await appliance.RunAsync("doctor", "--certificate", LookedAtAppliance.Certificate(appliance, 10, 80));
        Assert.True(code == 0, output + error);
        foreach (var check in new[] { "catalog", "clock", "storage", "disk", "keys", "vault", "org", "jobs", "certificate", "self-backup" }) Assert.Matches($@"(?m)^well     {check} ", output);
        Assert.Contains("All is well", output, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Path.Combine(appliance.Storage, "self"), "probe*"));

        var status = await appliance.RunAsync("status");
        Assert.Equal(0, status.Code);
        Assert.Contains("Acme: restorable to ", status.Output, StringComparison.Ordinal);
        var json = JsonElement.Parse((await appliance.RunAsync("doctor", "--json")).Output);
        Assert.Equal("well", json.GetProperty("grade").GetString());
    }

    /// <summary>A bucket is no folder and has no end: nothing is said of a disk, or of a mount that is missing.</summary>
    [Fact]
    public async Task Finds_nothing_wrong_where_the_vaults_lie_in_S3()
    {
        await using var appliance = await LookedAtAppliance.WellAsync(server);
        await using var s3 = await Storage.S3OnTheWire.StartAsync();
        var bucket = BlobStores.Open(s3.Root, below: null, TimeProvider.System);
        using var client = (IDisposable)bucket;
        foreach (var file in Directory.GetFiles(appliance.Storage, "*", SearchOption.AllDirectories))
            await bucket.ReplaceAsync(Path.GetRelativePath(appliance.Storage, file).Replace('\\', '/'), await File.ReadAllBytesAsync(file), default);
        await File.AppendAllTextAsync(appliance.EnvFile, $"Storage__Root={s3.Root}\n");
        var (code, output, error) = await appliance.RunAsync("doctor");
        Assert.True(code == 0, output + error);
        foreach (var check in new[] { "catalog", "storage", "keys", "vault", "org", "jobs", "self-backup" }) Assert.Matches($@"(?m)^well     {check} ", output);
        Assert.DoesNotMatch("(?m)^[A-Za-z]+ +disk ", output);
    }

    [Theory]
    [InlineData("UPDATE orgs SET token_state = 'Broken'", 2, "its token has ended", "Connect the org again")]
    [InlineData("UPDATE schedules SET next_due = TIMESTAMPADD(HOUR, -2, UTC_TIMESTAMP(6))", 2, "a backup has been due since", "Start the server")]
    [InlineData("INSERT INTO schedules_off (org_id, since, by_whom) SELECT id, UTC_TIMESTAMP(6), 'ann' FROM orgs", 1, "schedules are switched off", "Switch them on")]
    [InlineData("UPDATE snapshots SET completed_at = TIMESTAMPADD(DAY, -9, UTC_TIMESTAMP(6))", 1, "the last backup is 9 days old", "why its backups do not complete")]
    [InlineData("UPDATE jobs SET state = 'Failed'", 1, "1 jobs of kind Backup failed within 24 hours", "Its page says why")]
    [InlineData("UPDATE jobs SET state = 'InProgress', ended_at = NULL, lease_until = TIMESTAMPADD(MINUTE, -9, UTC_TIMESTAMP(6))", 2, "lost its worker", "Start the server or a worker")]
    [InlineData("UPDATE jobs SET state = 'Queued', ended_at = NULL, created_at = TIMESTAMPADD(HOUR, -1, UTC_TIMESTAMP(6))", 2, "Jobs have been waiting since", "Start the server or a worker")]
    [InlineData("INSERT INTO migrations VALUES (9999, 'from the future', UTC_TIMESTAMP())", 2, "a newer version has run here", "Use the newer version")]
    [InlineData("DELETE FROM migrations WHERE number >= 5", 1, "at migration 4 of", "brings the tables up to date")]
    [InlineData("UPDATE orgs SET vault_name = 'elsewhere'", 2, "its vault elsewhere is not in the storage", "Mount the right disk")]
    [InlineData("UPDATE orgs SET access_token = 'nonsense'", 2, "does not open with this appliance's secrets key", "Put back the secrets.key")]
    public async Task Names_what_is_wrong_in_the_catalog_and_what_to_do(string harm, int code, string cause, string remedy)
    {
        await using var appliance = await LookedAtAppliance.WellAsync(server);
        await LookedAtAppliance.ChangeAsync(appliance, harm);
        await ExpectAsync(appliance, code, cause, remedy);
    }

    [Fact]
    public async Task Names_what_is_wrong_with_keys_storage_disk_and_self_backup()
    {
        if (OperatingSystem.IsWindows()) return;
        await using var appliance = await LookedAtAppliance.WellAsync(server);
        var master = Path.Combine(appliance.Place.KeysDirectory, "master.key");
        new FileInfo(master).UnixFileMode |= UnixFileMode.OtherRead;
        await ExpectAsync(appliance, 1, "master.key is open to others", $"chmod 0600 {master}");
        new FileInfo(master).UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        File.Move(master, master + ".away");
        await ExpectAsync(appliance, 2, "master.key is missing", "restore the appliance from its self-backup");
        using (Vault.MasterKey.CreateFile(master)) await ExpectAsync(appliance, 2, "Acme:", "the master key that this vault was made with");
        File.Move(master + ".away", master, overwrite: true);

        await File.AppendAllTextAsync(appliance.EnvFile, $"Engine__DiskReserveBytes={long.MaxValue}\n");
        await ExpectAsync(appliance, 2, "so they are paused", "Enlarge the data volume");
        await File.AppendAllTextAsync(appliance.EnvFile, "Engine__DiskReserveBytes=1\n");

        File.Delete(Path.Combine(appliance.Place.KeysDirectory, "recovery.pub"));
        await ExpectAsync(appliance, 1, "There is no recovery key", "appliance recovery-key --new FILE");
        await File.AppendAllTextAsync(appliance.EnvFile, $"Storage__Root={appliance.In("unmounted")}\n");
        await ExpectAsync(appliance, 2, "is not there", "Mount the data disk");
        Assert.False(Directory.Exists(appliance.In("unmounted")));
    }

    [Theory]
    [InlineData(80, 15, 1, "less than a quarter of its life")]
    [InlineData(80, 5, 2, "less than a tenth of its life")]
    [InlineData(5.5, 0.5, 2, "less than a tenth of its life")]
    [InlineData(80, -1, 2, "browsers refuse the appliance")]
    public async Task Warns_of_a_certificate_by_the_share_of_its_life(double age, double left, int code, string cause)
    {
        await using var appliance = await LookedAtAppliance.WellAsync(server);
        await ExpectAsync(appliance, code, cause, "ow", "--certificate", LookedAtAppliance.Certificate(appliance, age, left));
    }

    [Theory]
    [InlineData(10, 80, 0, "Served", 0, 0, "valid until", "days")]
    [InlineData(10, 80, 2, "Served", 0, 1, "its renewal fails: The authority cannot reach port 80.", "Free port 80.")]
    [InlineData(80, 5, 2, "Served", 0, 2, "less than a tenth of its life. Since", "Free port 80.")]
    [InlineData(10, 80, 0, "Differs", 0, 1, "the front door serves another one", "nginx -t")]
    [InlineData(10, 80, 0, "Served", 5, 1, "its agent has not looked at it", "docker compose logs certificates")]
    public async Task Goes_by_what_the_agent_of_certificates_tells(double age, double left, int failures, string proof, double silentHours, int code, string cause, string remedy)
    {
        await using var appliance = await LookedAtAppliance.WellAsync(server);
        var now = DateTimeOffset.UtcNow;
        var failure = failures == 0 ? "" : $$""","failingSince":"{{now.AddDays(-2):O}}","failure":{"at":"{{now:O}}","kind":"Transient","cause":"The authority cannot reach port 80.","remedy":"Free port 80."}""";
        await File.WriteAllTextAsync(appliance.In("status.json"), $$"""{"looked":"{{now.AddHours(-silentHours):O}}","source":"acme","serial":"0a","notBefore":"{{now.AddDays(-age):O}}","notAfter":"{{now.AddDays(left):O}}","proof":"{{proof}}","failures":{{failures}}{{failure}}}""");
        await ExpectAsync(appliance, code, cause, remedy, "--certificate", appliance.In("status.json"));
    }

    [Fact]
    public async Task Says_how_to_go_on_when_the_database_is_away()
    {
        await using var appliance = new SelfBackups.SmallAppliance("Server=/nowhere/db.sock;User ID=root;Database=x");
        await ExpectAsync(appliance, 2, "The catalog database cannot be used", "Check that the database server runs");
    }

    private static async Task ExpectAsync(SelfBackups.SmallAppliance appliance, int code, string cause, string remedy, params string[] more)
    {
        var (given, output, error) = await appliance.RunAsync(["doctor", .. more]);
        Assert.True(code == given, output + error);
        Assert.Contains(cause, output, StringComparison.Ordinal);
        Assert.Contains(remedy, output, StringComparison.Ordinal);
    }
}
