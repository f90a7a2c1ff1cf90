using Appliance.Catalog;
using Appliance.Engine.SelfBackups;
using Appliance.Server.Jobs;
using Appliance.Vault;
using Microsoft.Extensions.Logging.Abstractions;
using MySqlConnector;
using Xunit;

namespace Appliance.Server.Tests.SelfBackups;

public sealed class The_appliances_own_backup(ServerFixture server)
{
    [Fact]
    public async Task Makes_an_empty_appliance_the_same_again()
    {
        await using var lost = await TakenAsync();
        var rows = await lost.RowsAsync();
        await using var fresh = new SmallAppliance(server.NewConnectionString());
        var (code, output, error) = await fresh.RestoreAsync(lost);
        Assert.True(code == 0, output + error);
        Assert.Contains("1 users, 1 orgs", output, StringComparison.Ordinal);
        Assert.Contains("Acme (00D000000000001EAA): 0 snapshots, 0 in its vault", output, StringComparison.Ordinal);

        // Everything but what ended with the lost machine: its running and waiting jobs, and the line that says so.
        var back = await fresh.RowsAsync();
        Assert.Equal(TablesBut(rows, "jobs", "audit_log"), TablesBut(back, "jobs", "audit_log"));
        Assert.Contains(back, l => l.Contains("\"restore-self\"", StringComparison.Ordinal));
        await using var db = await fresh.OpenAsync();
        var jobs = await new Catalog.Jobs(db, TimeProvider.System).ListAsync(null, 10, default);
        Assert.All(jobs, j => Assert.Equal(JobState.Aborted, j.State));
        Assert.Equal([true, true, false], jobs.Select(j => j.Cause?.Contains("restored from its own backup", StringComparison.Ordinal) ?? false));
        Assert.Equal("refresh-token-text", Assert.Single(await new Orgs(db, SecretBox.FromFile(fresh.Place.SecretsKeyFile), TimeProvider.System).ListAsync(default)).RefreshToken);
        foreach (var name in new[] { "master.key", "secrets.key", "recovery.pub" })
        {
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(lost.Place.KeysDirectory, name)), await File.ReadAllBytesAsync(Path.Combine(fresh.Place.KeysDirectory, name)));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, new FileInfo(Path.Combine(fresh.Place.KeysDirectory, name)).UnixFileMode);
        }
    }

    [Fact]
    public async Task Is_restored_over_a_catalog_that_a_first_start_has_made_and_never_over_a_used_one()
    {
        await using var lost = await TakenAsync();
        await using var started = new SmallAppliance(server.NewConnectionString());
        await using (await started.OpenAsync()) SecretBox.FromFile(Directory.CreateDirectory(started.Place.KeysDirectory).FullName + "/secrets.key");
        var refused = await started.RestoreAsync(lost);
        Assert.Equal(2, refused.Code);
        Assert.Contains("holds other keys already (secrets.key)", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await started.RestoreAsync(lost, "--replace-keys")).Code);
        Assert.Single(Directory.GetFiles(started.Place.KeysDirectory, "secrets.key.before-*"));

        var rows = await started.RowsAsync();
        refused = await started.RestoreAsync(lost);
        Assert.Equal(2, refused.Code);
        Assert.Contains("The catalog is not empty: it has 1 users.", refused.Error, StringComparison.Ordinal);
        Assert.Equal(rows, await started.RowsAsync());
    }

    [Fact]
    public async Task Is_restored_by_the_release_that_took_it_also_when_a_newer_one_had_been_there()
    {
        await using var lost = new SmallAppliance(server.NewConnectionString());
        await lost.FillAsync();
        var rows = await lost.RowsAsync();
        // A newer release added to the catalog and was gone back from; what it added stays.
        await using (var connection = new MySqlConnection(lost.Place.ConnectionString))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var further = new MySqlCommand("""
                ALTER TABLE orgs ADD COLUMN further VARCHAR(20) NULL AFTER id; CREATE TABLE further_rows (id INT NOT NULL PRIMARY KEY); INSERT INTO further_rows VALUES (1), (2);
                INSERT INTO migrations (number, name, applied_at) VALUES (9000, 'further', UTC_TIMESTAMP(6))
                """, connection);
            await further.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }
        Assert.Equal(0, (await lost.RunAsync("recovery-key", "--new", lost.RecoveryKey)).Code);
        Assert.Equal(0, (await lost.RunAsync("backup-self")).Code);

        await using var fresh = new SmallAppliance(server.NewConnectionString());
        var (code, output, error) = await fresh.RestoreAsync(lost);
        Assert.True(code == 0, output + error);
        Assert.Contains("gone back from before this self-backup was taken: further_rows, orgs.further.", output, StringComparison.Ordinal);
        Assert.Equal(TablesBut(rows, "jobs", "audit_log"), TablesBut(await fresh.RowsAsync(), "jobs", "audit_log"));
    }

    [Fact]
    public async Task Of_a_newer_release_is_refused_by_an_older_one()
    {
        await using var fresh = new SmallAppliance(server.NewConnectionString());
        var refused = await Assert.ThrowsAsync<CatalogException>(() => CatalogLoad.RunAsync(
            fresh.Place.ConnectionString, 9000, knows: null, AsyncEnumerable.Empty<System.Text.Json.JsonElement>(), ("", ""), TimeProvider.System, NullLogger.Instance, default));
        Assert.Contains("taken at migration 9000", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Opens_with_no_other_key_and_not_when_a_byte_was_changed()
    {
        await using var lost = await TakenAsync();
        await using var fresh = new SmallAppliance(server.NewConnectionString());
        using (RecoveryKey.New(out var other)) await File.WriteAllTextAsync(fresh.RecoveryKey, other);
        var refused = await fresh.RunAsync("restore-self", "--from", lost.Storage, "--recovery-key", fresh.RecoveryKey);
        Assert.Equal(2, refused.Code);
        Assert.Contains("does not open this self-backup", refused.Error, StringComparison.Ordinal);

        var file = Assert.Single(Directory.GetFiles(Path.Combine(lost.Storage, "self")));
        var bytes = await File.ReadAllBytesAsync(file);
        bytes[^20] ^= 1;
        File.Delete(file);
        await File.WriteAllBytesAsync(file, bytes);
        refused = await fresh.RestoreAsync(lost);
        Assert.NotEqual(0, refused.Code);
        Assert.Contains("is damaged", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(fresh.Place.KeysDirectory));
    }

    [Fact]
    public async Task Opens_with_a_passphrase_that_is_nowhere_in_the_storage()
    {
        await using var lost = new SmallAppliance(server.NewConnectionString());
        await lost.FillAsync();
        await File.WriteAllTextAsync(lost.In("words"), "five random words are good\n");
        Assert.Equal(0, (await lost.RunAsync("recovery-key", "--passphrase", lost.In("words"))).Code);
        Assert.Equal(0, (await lost.RunAsync("backup-self")).Code);
        await using var fresh = new SmallAppliance(server.NewConnectionString());
        Assert.Equal(0, (await fresh.RunAsync("restore-self", "--from", lost.Storage, "--recovery-key", $"passphrase:{lost.In("words")}")).Code);
        Assert.Contains("2026", (await fresh.RunAsync("restore-self", "--from", lost.Storage, "--list")).Output, StringComparison.Ordinal);
        var file = await File.ReadAllTextAsync(Assert.Single(Directory.GetFiles(Path.Combine(lost.Storage, "self"))));
        Assert.DoesNotContain("random words", file, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_taken_once_a_day_by_the_server_and_not_without_a_recovery_key()
    {
        await using var appliance = new SmallAppliance(server.NewConnectionString());
        await appliance.FillAsync();
        await using var db = await appliance.OpenAsync();
        var backups = new Engine.SelfBackups.SelfBackups(appliance.Place, appliance.Time);
        using var clock = new SelfBackupClock(backups, db, new Catalog.Alerts(db, appliance.Time), appliance.Time, NullLogger<SelfBackupClock>.Instance);
        Assert.Null(await clock.FireAsync(default));
        using var key = RecoveryKey.New(out _);
        await backups.UseAsync(key, default);
        Assert.NotNull(await clock.FireAsync(default));
        appliance.Time.Advance(TimeSpan.FromHours(23));
        Assert.Null(await clock.FireAsync(default));
        appliance.Time.Advance(TimeSpan.FromHours(2));
        Assert.NotNull(await clock.FireAsync(default));
        Assert.Equal(2, (await backups.ListAsync(default)).Count);
        // Taken under a clock that was a year ahead: it holds nothing up.
        appliance.Time.Advance(TimeSpan.FromHours(25));
        var newest = (await backups.ListAsync(default))[0].Name;
        var folder = Path.Combine(appliance.Storage, "self");
        File.Copy(Path.Combine(folder, newest), Path.Combine(folder, "29990101T000000Z.enc"));
        Assert.NotNull(await clock.FireAsync(default));
        Assert.Null(await clock.FireAsync(default));
    }

    [Fact]
    public async Task Tells_the_channels_once_a_day_while_it_fails()
    {
        await using var appliance = new SmallAppliance(server.NewConnectionString());
        await appliance.FillAsync();
        await using var db = await appliance.OpenAsync();
        var alerts = new Catalog.Alerts(db, appliance.Time);
        Guid all = Guid.CreateVersion7(), ofOneOrg = Guid.CreateVersion7();
        var channels = new AlertChannels(db, SecretBox.FromFile(appliance.Place.SecretsKeyFile), appliance.Time);
        var org = Assert.Single(await new Orgs(db, SecretBox.FromFile(appliance.Place.SecretsKeyFile), appliance.Time).ListAsync(default));
        foreach (var (id, only) in new (Guid, Guid?)[] { (all, null), (ofOneOrg, org.Id) })
            await channels.PutAsync(new AlertChannelRow { Id = id, OrgId = only, Name = $"{id}", Kind = AlertChannelKind.Webhook, Enabled = true, Settings = "{}" }, default);
        using var clock = new SelfBackupClock(new Engine.SelfBackups.SelfBackups(appliance.Place, appliance.Time), db, alerts, appliance.Time, NullLogger<SelfBackupClock>.Instance);
        using var key = RecoveryKey.New(out _);
        await new Engine.SelfBackups.SelfBackups(appliance.Place, appliance.Time).UseAsync(key, default);

        var folder = Path.Combine(appliance.Storage, "self");
        await File.WriteAllTextAsync(folder, "no folder can be made here");
        await clock.LookAsync(default);
        appliance.Time.Advance(TimeSpan.FromHours(1));
        await clock.LookAsync(default);
        var (alert, deliveries) = Assert.Single(await alerts.ListAsync(null, 10, default));
        Assert.Equal((AlertKind.SelfBackup, (Guid?)null), (alert.Kind, alert.OrgId));
        Assert.Contains("storage", alert.Text, StringComparison.Ordinal);
        Assert.Contains("tried again every hour", alert.Remedy, StringComparison.Ordinal);
        Assert.Equal(all, Assert.Single(deliveries).ChannelId);

        appliance.Time.Advance(TimeSpan.FromHours(24));
        await clock.LookAsync(default);
        Assert.Equal(2, (await alerts.ListAsync(null, 10, default)).Count);
        // Cured: it is taken, and nobody is told any more.
        File.Delete(folder);
        appliance.Time.Advance(TimeSpan.FromHours(24));
        await clock.LookAsync(default);
        Assert.Single(Directory.GetFiles(folder));
        Assert.Equal(2, (await alerts.ListAsync(null, 10, default)).Count);
    }

    [Fact]
    public void Is_kept_for_fourteen_days_and_eight_weeks_that_have_one()
    {
        var sunday = new DateTimeOffset(2026, 3, 1, 3, 0, 0, TimeSpan.Zero);
        var all = Enumerable.Range(0, 200).Select(day => sunday.AddDays(-day)).Append(sunday.AddHours(-1)).ToList();
        var kept = SelfBackupRetention.Keep(all);
        Assert.Equal([.. Enumerable.Range(0, 14).Select(day => sunday.AddDays(-day)), .. Enumerable.Range(2, 6).Select(week => sunday.AddDays(-7 * week))], kept.OrderDescending());
        Assert.Equal(kept, SelfBackupRetention.Keep(kept));                      // a machine that stood still loses nothing
    }

    [Theory]
    [InlineData("self-v1")]
    [InlineData("self-v2")]
    public async Task Of_every_release_restores_today(string format)
    {
        var folder = Path.Combine(ServerFixture.Root(), "tests", "Formats", format);
        if (Environment.GetEnvironmentVariable("WRITE_GOLDEN_SELF_BACKUP") is not null && !Directory.Exists(folder)) await WriteGoldenAsync(folder);
        await using var fresh = new SmallAppliance(server.NewConnectionString());
        string[] command = ["restore-self", "--from", folder, "--recovery-key", Path.Combine(folder, "recovery.key")];
        if (format == "self-v1")
        {
            var refused = await fresh.RunAsync(command);
            Assert.Equal(2, refused.Code);
            Assert.Contains("nothing proves", refused.Error, StringComparison.Ordinal);
            command = [.. command, "--unsigned"];
        }
        var (code, output, error) = await fresh.RunAsync(command);
        Assert.True(code == 0, output + error);
        Assert.Contains("1 users, 1 orgs", output, StringComparison.Ordinal);
        await using var db = await fresh.OpenAsync();
        Assert.Equal("Ann", (await new Users(db, TimeProvider.System).FindByNameAsync("ann", default))!.Name);
        var org = Assert.Single(await new Orgs(db, SecretBox.FromFile(fresh.Place.SecretsKeyFile), TimeProvider.System).ListAsync(default));
        Assert.Equal(("Acme", "access-token-text"), (org.Name, org.AccessToken));
        Assert.Equal("daily 02:30", Assert.Single(await new Schedules(db, TimeProvider.System).ListAsync(org.Id, default)).Cadence);
        Assert.Equal(3, (await new Catalog.Jobs(db, TimeProvider.System).ListAsync(org.Id, 10, default)).Count);
    }

    private async Task<SmallAppliance> TakenAsync()
    {
        var appliance = new SmallAppliance(server.NewConnectionString());
        await appliance.FillAsync();
        Assert.Equal(0, (await appliance.RunAsync("recovery-key", "--new", appliance.RecoveryKey)).Code);
        var (code, output, error) = await appliance.RunAsync("backup-self");
        Assert.True(code == 0, output + error);
        return appliance;
    }

    private async Task WriteGoldenAsync(string folder)
    {
        await using var appliance = await TakenAsync();
        Directory.CreateDirectory(Path.Combine(folder, "self"));
        foreach (var file in Directory.GetFiles(Path.Combine(appliance.Storage, "self"))) File.Copy(file, Path.Combine(folder, "self", Path.GetFileName(file)));
        File.Copy(appliance.RecoveryKey, Path.Combine(folder, "recovery.key"));
    }

    private static List<string> TablesBut(List<string> lines, params string[] names)
    {
        var kept = new List<string>();
        var (inside, left) = ("", false);
        foreach (var line in lines)
        {
            if (line.StartsWith("{\"table\":", StringComparison.Ordinal)) (inside, left) = (line, names.Any(n => line.StartsWith($"{{\"table\":\"{n}\"", StringComparison.Ordinal)));
            if (!left) kept.Add(line);
        }
        Assert.NotEmpty(inside);
        return kept;
    }
}
