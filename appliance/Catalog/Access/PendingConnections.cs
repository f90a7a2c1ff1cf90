using System.Security.Cryptography;
using System.Text;
using Dapper;

namespace Appliance.Catalog;

/// <summary>An org that is being connected: the browser is at Salesforce. Holds the PKCE verifier in the clear; keep it in memory only.</summary>
public sealed record PendingConnection(Guid UserId, string Name, Uri LoginUrl, string ClientId, string? ClientSecret, string Verifier);

/// <summary>OAuth states that wait for their callback: used once, good for 15 minutes, secrets boxed.</summary>
public sealed class PendingConnections(CatalogDatabase db, SecretBox secrets, TimeProvider time)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    public async Task AddAsync(string state, PendingConnection pending, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pending);
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await db.ExecuteAsync("DELETE FROM pending_connections WHERE expires_at < @now", new { now }, cancellationToken);
        await db.ExecuteAsync(
            """
            INSERT INTO pending_connections (id, state_hash, user_id, name, login_url, client_id, client_secret, verifier, expires_at)
            VALUES (@id, @hash, @UserId, @Name, @loginUrl, @ClientId, @secret, @verifier, @expires)
            """,
            new
            {
                id, hash = Hash(state), pending.UserId, pending.Name, loginUrl = pending.LoginUrl.ToString(), pending.ClientId,
                secret = pending.ClientSecret is null ? null : secrets.Seal(pending.ClientSecret, "pending_connections", "client_secret", id),
                verifier = secrets.Seal(pending.Verifier, "pending_connections", "verifier", id), expires = now + Life,
            }, cancellationToken);
    }

    /// <summary>Takes the connection out: a state answers once, and only to the user who began. Null when unknown, used, too old or another's.</summary>
    public Task<PendingConnection?> TakeAsync(string state, Guid userId, CancellationToken cancellationToken) =>
        db.InTransactionAsync(async (c, t) =>
        {
            var row = await c.QueryFirstOrDefaultAsync<Stored>(new CommandDefinition(
                """
                SELECT id, user_id, name, login_url, client_id, client_secret, verifier FROM pending_connections
                WHERE state_hash = @hash AND user_id = @userId AND expires_at > @now FOR UPDATE
                """, new { hash = Hash(state), userId, now = time.GetUtcNow() }, t, cancellationToken: cancellationToken));
            if (row is null) return null;
            await c.ExecuteAsync(new CommandDefinition("DELETE FROM pending_connections WHERE id = @Id", new { row.Id }, t, cancellationToken: cancellationToken));
            return new PendingConnection(row.UserId, row.Name, new Uri(row.LoginUrl), row.ClientId,
                row.ClientSecret is null ? null : secrets.Open(row.ClientSecret, "pending_connections", "client_secret", row.Id),
                secrets.Open(row.Verifier, "pending_connections", "verifier", row.Id));
        }, cancellationToken);

    private static byte[] Hash(string state) => SHA256.HashData(Encoding.UTF8.GetBytes(state));

    private sealed class Stored
    {
        public Guid Id { get; init; }
        public Guid UserId { get; init; }
        public string Name { get; init; } = "";
        public string LoginUrl { get; init; } = "";
        public string ClientId { get; init; } = "";
        public byte[]? ClientSecret { get; init; }
        public byte[] Verifier { get; init; } = [];
    }
}
