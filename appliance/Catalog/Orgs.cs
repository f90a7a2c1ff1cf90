namespace Appliance.Catalog;

public enum TokenState { Valid, Broken }

/// <summary>One connected Salesforce org with its secrets in the clear: keep it in memory only, never log it.</summary>
public sealed record OrgRow
{
    public required Guid Id { get; init; }
    /// <summary>What the administrator calls it.</summary>
    public required string Name { get; init; }
    /// <summary>18 characters, case-sensitive (00D…).</summary>
    public required string SalesforceOrgId { get; init; }
    public required Uri LoginUrl { get; init; }
    public required string ClientId { get; init; }
    public string? ClientSecret { get; init; }
    public required Uri InstanceUrl { get; init; }
    public required string AccessToken { get; init; }
    public string? RefreshToken { get; init; }
    public required TokenState TokenState { get; init; }
    public required DateTimeOffset ConnectedAt { get; init; }
    /// <summary>Folder of its vault below the storage root.</summary>
    public required string VaultName { get; init; }
    public OrgCeilings Ceilings { get; init; } = OrgCeilings.Default;

    public override string ToString() => $"{Name} ({SalesforceOrgId})";
}

/// <summary>What a sign-in at Salesforce gave: everything of an org that is not ours to choose.</summary>
public sealed record OrgConnection(
    string Name, string SalesforceOrgId, Uri LoginUrl, string ClientId, string? ClientSecret, Uri InstanceUrl, string AccessToken, string? RefreshToken);

/// <summary>The connected orgs. Tokens and client secrets are boxed by <see cref="SecretBox"/> before they reach MySQL.</summary>
public sealed class Orgs(CatalogDatabase db, SecretBox secrets, TimeProvider time)
{
    private const string Columns =
        "id, name, salesforce_org_id, login_url, client_id, client_secret, instance_url, access_token, refresh_token, token_state, connected_at, vault_name, "
        + "(SELECT b.rest_percent FROM org_budgets b WHERE b.org_id = orgs.id) AS rest_percent, (SELECT b.bulk_percent FROM org_budgets b WHERE b.org_id = orgs.id) AS bulk_percent";

    /// <summary>Adds the org; when the same Salesforce org is connected already, its row takes the new name, client and tokens and keeps id and vault, and its jobs that wait for a token go on.</summary>
    public async Task<OrgRow> AddAsync(OrgConnection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return await db.InTransactionAsync(async (c, t) =>
        {
            var now = time.GetUtcNow();
            var fresh = Guid.CreateVersion7(now);
            // IGNORE: with two sign-ins of one org at once the second finds the first one's row and goes on with it.
            await Dapper.SqlMapper.ExecuteAsync(c,
                """
                INSERT IGNORE INTO orgs (id, name, salesforce_org_id, login_url, client_id, instance_url, access_token, token_state, connected_at, vault_name)
                VALUES (@fresh, @Name, @SalesforceOrgId, '', '', '', '', 'Broken', @now, @vault)
                """, new { fresh, connection.Name, connection.SalesforceOrgId, now, vault = fresh.ToString("N") }, t);
            var id = await Dapper.SqlMapper.ExecuteScalarAsync<Guid>(c,
                "SELECT id FROM orgs WHERE salesforce_org_id = @SalesforceOrgId FOR UPDATE", new { connection.SalesforceOrgId }, t);
            await Dapper.SqlMapper.ExecuteAsync(c,
                """
                UPDATE orgs SET name = @Name, login_url = @loginUrl, client_id = @ClientId, client_secret = @clientSecret, instance_url = @instanceUrl,
                    access_token = @accessToken, refresh_token = @refreshToken, token_state = 'Valid', connected_at = @now
                WHERE id = @id
                """,
                new
                {
                    id, connection.Name, loginUrl = connection.LoginUrl.ToString(), connection.ClientId, clientSecret = Seal(connection.ClientSecret, "client_secret", id),
                    instanceUrl = connection.InstanceUrl.ToString(), accessToken = Seal(connection.AccessToken, "access_token", id),
                    refreshToken = Seal(connection.RefreshToken, "refresh_token", id), now,
                }, t);
            await Jobs.ResumeAllAsync(c, t, id, PauseReason.Token, cancellationToken);
            return Open(await Dapper.SqlMapper.QuerySingleAsync<Stored>(c, $"SELECT {Columns} FROM orgs WHERE id = @id", new { id }, t));
        }, cancellationToken);
    }

    /// <summary>
    /// Adds an org whose vault was found in the storage, without tokens: it is connected again later and keeps its vault. An org that is connected
    /// already and has no snapshot takes the vault over. Null when it has snapshots in another vault, or jobs that have not ended.
    /// </summary>
    public Task<OrgRow?> AdoptAsync(OrgConnection connection, string vaultName, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return db.InTransactionAsync<OrgRow?>(async (c, t) =>
        {
            var now = time.GetUtcNow();
            var fresh = Guid.CreateVersion7(now);
            await Dapper.SqlMapper.ExecuteAsync(c,
                """
                INSERT IGNORE INTO orgs (id, name, salesforce_org_id, login_url, client_id, instance_url, access_token, token_state, connected_at, vault_name)
                VALUES (@fresh, @Name, @SalesforceOrgId, @loginUrl, @ClientId, @instanceUrl, @accessToken, 'Broken', @now, @vaultName)
                """,
                new
                {
                    fresh, connection.Name, connection.SalesforceOrgId, loginUrl = connection.LoginUrl.ToString(), connection.ClientId, instanceUrl = connection.InstanceUrl.ToString(),
                    accessToken = Seal("", "access_token", fresh), now, vaultName,
                }, t);
            var id = await Dapper.SqlMapper.ExecuteScalarAsync<Guid>(c,
                "SELECT id FROM orgs WHERE salesforce_org_id = @SalesforceOrgId FOR UPDATE", new { connection.SalesforceOrgId }, t);
            var taken = await Dapper.SqlMapper.ExecuteScalarAsync<int>(c,
                """
                SELECT EXISTS (SELECT 1 FROM jobs WHERE org_id = @id AND state IN ('Queued', 'InProgress', 'Paused'))
                    OR EXISTS (SELECT 1 FROM snapshots s JOIN orgs o ON o.id = s.org_id WHERE o.id = @id AND o.vault_name <> @vaultName)
                """, new { id, vaultName }, t);
            if (taken > 0) return null;
            await Dapper.SqlMapper.ExecuteAsync(c, "UPDATE orgs SET vault_name = @vaultName WHERE id = @id", new { id, vaultName }, t);
            return Open(await Dapper.SqlMapper.QuerySingleAsync<Stored>(c, $"SELECT {Columns} FROM orgs WHERE id = @id", new { id }, t));
        }, cancellationToken);
    }

    public async Task<OrgRow?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        var row = await db.FindAsync<Stored>($"SELECT {Columns} FROM orgs WHERE id = @id", new { id }, cancellationToken);
        return row is null ? null : Open(row);
    }

    /// <summary>All orgs by name.</summary>
    public async Task<IReadOnlyList<OrgRow>> ListAsync(CancellationToken cancellationToken) =>
        [.. (await db.ListAsync<Stored>($"SELECT {Columns} FROM orgs ORDER BY name, id", null, cancellationToken)).Select(Open)];

    /// <summary>Keeps what a refresh gave. A null refresh token leaves the old one (Salesforce sends one only when it rotates them).</summary>
    public Task UpdateTokensAsync(Guid id, string accessToken, string? refreshToken, Uri instanceUrl, CancellationToken cancellationToken) =>
        db.ExecuteAsync(
            """
            UPDATE orgs SET access_token = @access, refresh_token = COALESCE(@refresh, refresh_token), instance_url = @instance, token_state = 'Valid' WHERE id = @id
            """,
            new { id, access = Seal(accessToken, "access_token", id), refresh = Seal(refreshToken, "refresh_token", id), instance = instanceUrl.ToString() }, cancellationToken);

    /// <summary>Salesforce refused the refresh token: an administrator has to connect the org again. Nothing happens when that was done meanwhile.</summary>
    public Task MarkTokenBrokenAsync(OrgRow org, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(org);
        return db.ExecuteAsync("UPDATE orgs SET token_state = 'Broken' WHERE id = @Id AND connected_at = @ConnectedAt", new { org.Id, org.ConnectedAt }, cancellationToken);
    }

    /// <summary>Removes the org with its jobs, logs and snapshot rows; the vault's files are the caller's. False when it was not there.</summary>
    public async Task<bool> RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        await db.ExecuteAsync("DELETE FROM orgs WHERE id = @id", new { id }, cancellationToken) == 1;

    private byte[]? Seal(string? secret, string column, Guid id) => secret is null ? null : secrets.Seal(secret, "orgs", column, id);

    private string? Open(byte[]? box, string column, Guid id) => box is null ? null : secrets.Open(box, "orgs", column, id);

    private OrgRow Open(Stored row) => new()
    {
        Id = row.Id,
        Name = row.Name,
        SalesforceOrgId = row.SalesforceOrgId,
        LoginUrl = new Uri(row.LoginUrl),
        ClientId = row.ClientId,
        ClientSecret = Open(row.ClientSecret, "client_secret", row.Id),
        InstanceUrl = new Uri(row.InstanceUrl),
        AccessToken = Open(row.AccessToken, "access_token", row.Id)!,
        RefreshToken = Open(row.RefreshToken, "refresh_token", row.Id),
        TokenState = row.TokenState,
        ConnectedAt = row.ConnectedAt,
        VaultName = row.VaultName,
        Ceilings = row is { RestPercent: { } rest, BulkPercent: { } bulk } ? new(rest, bulk) : OrgCeilings.Default,
    };

    private sealed class Stored
    {
        public Guid Id { get; init; }
        public string Name { get; init; } = "";
        public string SalesforceOrgId { get; init; } = "";
        public string LoginUrl { get; init; } = "";
        public string ClientId { get; init; } = "";
        public byte[]? ClientSecret { get; init; }
        public string InstanceUrl { get; init; } = "";
        public byte[]? AccessToken { get; init; }
        public byte[]? RefreshToken { get; init; }
        public TokenState TokenState { get; init; }
        public DateTimeOffset ConnectedAt { get; init; }
        public string VaultName { get; init; } = "";
        public int? RestPercent { get; init; }
        public int? BulkPercent { get; init; }
    }
}
