namespace Appliance.Catalog;

public sealed record ApiTokenRow
{
    public required Guid Id { get; init; }
    public required Guid UserId { get; init; }
    public required string Name { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }
}

/// <summary>Tokens for the REST API. The token itself is shown once; the catalog holds its SHA-256.</summary>
public sealed class ApiTokens(CatalogDatabase db, TimeProvider time)
{
    private const string Columns = "id, user_id, name, created_at, expires_at, last_used_at";

    /// <param name="life">Null: it does not expire.</param>
    public async Task<ApiTokenRow> AddAsync(Guid userId, string name, byte[] tokenHash, TimeSpan? life, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var row = new ApiTokenRow { Id = Guid.CreateVersion7(now), UserId = userId, Name = name, CreatedAt = now, ExpiresAt = now + life };
        await db.ExecuteAsync(
            "INSERT INTO api_tokens (id, user_id, name, token_hash, created_at, expires_at) VALUES (@Id, @UserId, @Name, @tokenHash, @CreatedAt, @ExpiresAt)",
            new { row.Id, row.UserId, row.Name, tokenHash, row.CreatedAt, row.ExpiresAt }, cancellationToken);
        return row;
    }

    public Task<IReadOnlyList<ApiTokenRow>> ListAsync(CancellationToken cancellationToken) =>
        db.ListAsync<ApiTokenRow>($"SELECT {Columns} FROM api_tokens ORDER BY created_at DESC", null, cancellationToken);

    /// <summary>The user behind a token that holds; notes the use, at most once a minute.</summary>
    public async Task<UserRow?> FindUserAsync(byte[] tokenHash, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var user = await db.FindAsync<UserRow>(
            """
            SELECT u.id, u.name, u.password_hash, u.role, u.failed_sign_ins, u.locked_until, u.created_at
            FROM api_tokens a JOIN users u ON u.id = a.user_id WHERE a.token_hash = @tokenHash AND (a.expires_at IS NULL OR a.expires_at > @now)
            """, new { tokenHash, now }, cancellationToken);
        if (user is not null)
            await db.ExecuteAsync(
                "UPDATE api_tokens SET last_used_at = @now WHERE token_hash = @tokenHash AND (last_used_at IS NULL OR last_used_at < @minuteAgo)",
                new { tokenHash, now, minuteAgo = now.AddMinutes(-1) }, cancellationToken);
        return user;
    }

    public async Task<bool> RemoveAsync(Guid id, CancellationToken cancellationToken) =>
        await db.ExecuteAsync("DELETE FROM api_tokens WHERE id = @id", new { id }, cancellationToken) == 1;
}
