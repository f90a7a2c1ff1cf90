namespace Appliance.Catalog;

/// <summary>Browser sessions: the cookie carries a random id, MySQL its SHA-256. Signing out removes the row, and a stolen cookie is worthless.</summary>
public sealed class Sessions(CatalogDatabase db, TimeProvider time)
{
    public Task AddAsync(byte[] idHash, Guid userId, TimeSpan life, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return db.ExecuteAsync("INSERT INTO sessions (id_hash, user_id, created_at, expires_at) VALUES (@idHash, @userId, @now, @expires)",
            new { idHash, userId, now, expires = now + life }, cancellationToken);
    }

    /// <summary>The user of a session that still holds.</summary>
    public Task<UserRow?> FindUserAsync(byte[] idHash, CancellationToken cancellationToken) =>
        db.FindAsync<UserRow>(
            """
            SELECT u.id, u.name, u.password_hash, u.role, u.failed_sign_ins, u.locked_until, u.created_at
            FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id_hash = @idHash AND s.expires_at > @now
            """, new { idHash, now = time.GetUtcNow() }, cancellationToken);

    public Task RemoveAsync(byte[] idHash, CancellationToken cancellationToken) =>
        db.ExecuteAsync("DELETE FROM sessions WHERE id_hash = @idHash OR expires_at < @now", new { idHash, now = time.GetUtcNow() }, cancellationToken);
}
