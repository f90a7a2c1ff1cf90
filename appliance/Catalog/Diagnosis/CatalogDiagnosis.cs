using System.Collections.Immutable;
using Dapper;

namespace Appliance.Catalog;

/// <summary>An org without its secrets.</summary>
/// <param name="LatestDue">The schedule that has been due longest, or is due next.</param>
/// <param name="BytesPerDay">What its backups of the last 14 days added to the vault, a day.</param>
public sealed record OrgDiagnosis(Guid Id, string Name, string SalesforceOrgId, string VaultName, TokenState TokenState, byte[] AccessToken, int Snapshots, DateTimeOffset? LastSnapshotAt,
    int Schedules, DateTimeOffset? LatestDue, bool SchedulesOff, long BytesPerDay);

/// <summary>A job without anything that a person or an org wrote.</summary>
public sealed record JobDiagnosis(Guid Id, Guid OrgId, string Kind, string State, string? PauseReason, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? EndedAt,
    DateTimeOffset? LeaseUntil, int Attempts, bool AbortAsked, long Fencing);

/// <summary>What the catalog can say about itself and the appliance. Reads only, also of a catalog that an older version made.</summary>
/// <param name="Migration">0 while there are no tables.</param>
/// <param name="Now">The database's clock.</param>
public sealed record CatalogDiagnosis(string ServerVersion, int Migration, int NewestMigration, DateTimeOffset Now, int Users, ImmutableArray<OrgDiagnosis> Orgs, ImmutableArray<JobDiagnosis> Jobs)
{
    public const int MostJobs = 500;

    /// <summary>How the looks for a newer release went; null: nobody has looked, or an older version made the catalog.</summary>
    public UpdateLook? Update { get; init; }

    /// <exception cref="CatalogException">The catalog cannot be read.</exception>
    public static async Task<CatalogDiagnosis> ReadAsync(CatalogDatabase db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        try
        {
            return await db.AsOfOneMomentAsync(async (c, t) =>
            {
                var tables = await CatalogCopy.TablesAsync(c, t, cancellationToken);
                var now = await c.ExecuteScalarAsync<DateTime>("SELECT UTC_TIMESTAMP(6)", transaction: t);
                var empty = new CatalogDiagnosis(c.ServerVersion, 0, Migrations.All[^1].Number, new DateTimeOffset(now, TimeSpan.Zero), 0, [], []);
                if (!tables.Contains("migrations")) return empty;
                var migration = await c.ExecuteScalarAsync<int?>("SELECT MAX(number) FROM migrations", transaction: t) ?? 0;
                if (!tables.Contains("job_pauses") || !tables.Contains("schedules_off")) return empty with { Migration = migration };
                return empty with
                {
                    Migration = migration,
                    Users = await c.ExecuteScalarAsync<int>("SELECT COUNT(*) FROM users", transaction: t),
                    Orgs = [.. (await c.QueryAsync<OrgLine>(OrgsSql, transaction: t)).Select(o => o.Row)],
                    Update = tables.Contains("update_look") ? await c.QueryFirstOrDefaultAsync<UpdateLook>($"SELECT {UpdateLooks.Columns} FROM update_look", transaction: t) : null,
                    Jobs = [.. (await c.QueryAsync<JobLine>(JobsSql, new { MostJobs }, t)).Select(j => j.Row)],
                };
            }, cancellationToken);
        }
        catch (MySqlConnector.MySqlException e)
        {
            throw new CatalogException($"The catalog database cannot be read: {e.Message}", "Check Catalog:ConnectionString: address, user, password, name of the database.", e);
        }
        catch (CatalogUnreachableException e)
        {
            throw new CatalogException($"The catalog database does not answer: {e.InnerException?.Message}", "Start the database server, or correct its address in Catalog:ConnectionString.", e);
        }
    }

    private const string OrgsSql =
        """
        SELECT o.id, o.name, o.salesforce_org_id, o.vault_name, o.token_state, o.access_token,
            (SELECT COUNT(*) FROM snapshots s WHERE s.org_id = o.id) AS snapshots, (SELECT MAX(s.completed_at) FROM snapshots s WHERE s.org_id = o.id) AS last_snapshot_at,
            (SELECT COUNT(*) FROM schedules d WHERE d.org_id = o.id AND d.next_due IS NOT NULL) AS schedules, (SELECT MIN(d.next_due) FROM schedules d WHERE d.org_id = o.id) AS latest_due,
            EXISTS (SELECT 1 FROM schedules_off f WHERE f.org_id = o.id) AS schedules_off,
            (SELECT COALESCE(SUM(s.bytes_stored), 0) FROM snapshots s WHERE s.org_id = o.id AND s.completed_at > TIMESTAMPADD(DAY, -14, UTC_TIMESTAMP(6))
                AND s.id <> (SELECT MIN(f.id) FROM snapshots f WHERE f.org_id = o.id)) AS bytes_stored
        FROM orgs o ORDER BY o.name, o.id
        """;

    // All that have not ended, and the newest that have.
    private const string JobsSql =
        """
        SELECT j.id, j.org_id, j.kind, j.state, p.reason AS pause_reason, j.created_at, j.started_at, j.ended_at, j.lease_until, j.attempts, j.abort_asked, j.fencing
        FROM jobs j LEFT JOIN job_pauses p ON p.job_id = j.id ORDER BY j.ended_at IS NOT NULL, j.position DESC LIMIT @MostJobs
        """;

    private sealed class OrgLine
    {
        public Guid Id { get; init; }
        public string Name { get; init; } = "";
        public string SalesforceOrgId { get; init; } = "";
        public string VaultName { get; init; } = "";
        public TokenState TokenState { get; init; }
        public byte[] AccessToken { get; init; } = [];
        public int Snapshots { get; init; }
        public DateTimeOffset? LastSnapshotAt { get; init; }
        public int Schedules { get; init; }
        public DateTimeOffset? LatestDue { get; init; }
        public bool SchedulesOff { get; init; }
        public decimal BytesStored { get; init; }

        public OrgDiagnosis Row => new(Id, Name, SalesforceOrgId, VaultName, TokenState, AccessToken, Snapshots, LastSnapshotAt, Schedules, LatestDue, SchedulesOff, (long)BytesStored / 14);
    }

    private sealed class JobLine
    {
        public Guid Id { get; init; }
        public Guid OrgId { get; init; }
        public string Kind { get; init; } = "";
        public string State { get; init; } = "";
        public string? PauseReason { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset? StartedAt { get; init; }
        public DateTimeOffset? EndedAt { get; init; }
        public DateTimeOffset? LeaseUntil { get; init; }
        public int Attempts { get; init; }
        public bool AbortAsked { get; init; }
        public long Fencing { get; init; }

        public JobDiagnosis Row => new(Id, OrgId, Kind, State, State == "Paused" ? PauseReason : null, CreatedAt, StartedAt, EndedAt, LeaseUntil, Attempts, AbortAsked, Fencing);
    }
}
