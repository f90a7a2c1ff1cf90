using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Appliance.Catalog;
using Appliance.Server.Tests.SelfBackups;
using Appliance.Vault;
using Dapper;

namespace Appliance.Server.Tests.Diagnosis;

/// <summary>An appliance that is well: an org with a fresh snapshot and a schedule, keys, a recovery key and a self-backup.</summary>
internal static class LookedAtAppliance
{
    public static async Task<SmallAppliance> WellAsync(ServerFixture server)
    {
        var appliance = new SmallAppliance(server.NewConnectionString()) { Clock = TimeProvider.System };
        var keys = Directory.CreateDirectory(appliance.Place.KeysDirectory);
        if (!OperatingSystem.IsWindows()) keys.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        using var master = MasterKey.CreateFile(Path.Combine(appliance.Place.KeysDirectory, "master.key"));
        await using (var db = await appliance.OpenAsync())
        {
            var now = TimeProvider.System.GetUtcNow();
            var org = await new Orgs(db, SecretBox.FromFile(appliance.Place.SecretsKeyFile), TimeProvider.System).AddAsync(
                new OrgConnection("Acme", "00D000000000001EAA", new Uri("https://login.salesforce.com"), "client", "planted-client-secret", new Uri("https://acme.my.salesforce.com"), "planted-access-token", "planted-refresh-token"), default);
            await using (await OrgVault.CreateAsync(new SsdBlobStore(Path.Combine(appliance.Storage, org.VaultName)), new VaultDescription(Guid.CreateVersion7(now), org.SalesforceOrgId, true), master, TimeProvider.System, default)) { }
            await new Schedules(db, TimeProvider.System).PutAsync(
                new ScheduleRow { Id = Guid.CreateVersion7(now), OrgId = org.Id, Kind = "incremental", Cadence = "daily 02:30", TimeZone = "Etc/UTC", NextDue = now.AddHours(3), CreatedBy = "ann" }, default);
            var jobs = new Catalog.Jobs(db, TimeProvider.System);
            await jobs.EnqueueAsync(org.Id, JobKind.Backup, "{\"note\":\"planted-parameter\"}", "planted-person", default);
            var job = (await jobs.TryLeaseAsync("a worker", TimeSpan.FromMinutes(5), default))!;
            await new Snapshots(db).CommitAsync(job, new SnapshotRow
            {
                Id = job.Id, OrgId = org.Id, JobId = job.Id, Kind = SnapshotRowKind.Full, StartedAt = now, CompletedAt = now, Objects = 1, Records = 1, Files = 0, BytesStored = 100, Complete = true, ManifestSha256 = new string('0', 64),
            }, default);
            await jobs.FinishAsync(job, JobState.Completed, "{\"note\":\"planted-result\"}", null, null, default);
        }
        await appliance.RunAsync("recovery-key", "--new", appliance.RecoveryKey);
        await appliance.RunAsync("backup-self");
        return appliance;
    }

    public static async Task ChangeAsync(SmallAppliance appliance, string sql)
    {
        await using var db = await appliance.OpenAsync();
        await using var connection = await db.Source.OpenConnectionAsync();
        await connection.ExecuteAsync(sql);
    }

    public static string Certificate(SmallAppliance appliance, double daysBefore, double daysLeft)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest("CN=appliance.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-daysBefore), now.AddDays(daysLeft));
        File.WriteAllText(appliance.In("server.crt"), certificate.ExportCertificatePem());
        return appliance.In("server.crt");
    }
}
