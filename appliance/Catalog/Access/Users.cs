using Dapper;

namespace Appliance.Catalog;

public sealed record UserRow
{
    public required Guid Id { get; init; }
    public required string Name { get; init; }
    public required string PasswordHash { get; init; }
    public required string Role { get; init; }
    public int FailedSignIns { get; init; }
    public DateTimeOffset? LockedUntil { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>How an attempt to use the set-up link ended.</summary>
public enum SetupOutcome { Created, WrongToken, AlreadySetUp }

/// <summary>People who may sign in, and the one-time link that makes the first of them.</summary>
public sealed class Users(CatalogDatabase db, TimeProvider time)
{
    public const string SystemAdministrator = "SystemAdministrator";
    private const string Columns = "id, name, password_hash, role, failed_sign_ins, locked_until, created_at";

    public Task<bool> AnyAsync(CancellationToken cancellationToken) =>
        db.FindAsync<bool>("SELECT EXISTS (SELECT 1 FROM users)", null, cancellationToken);

    public Task<int> CountAsync(CancellationToken cancellationToken) => db.FindAsync<int>("SELECT COUNT(*) FROM users", null, cancellationToken);

    /// <summary>Finds by name, whatever case is typed.</summary>
    public Task<UserRow?> FindByNameAsync(string name, CancellationToken cancellationToken) =>
        db.FindAsync<UserRow>($"SELECT {Columns} FROM users WHERE folded_name = @folded", new { folded = Fold(name) }, cancellationToken);

    public Task<UserRow?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        db.FindAsync<UserRow>($"SELECT {Columns} FROM users WHERE id = @id", new { id }, cancellationToken);

    /// <summary>Keeps the hash of a new set-up token; an older one is worthless from now on.</summary>
    public Task NewSetupTokenAsync(byte[] tokenHash, CancellationToken cancellationToken) =>
        db.ExecuteAsync("REPLACE INTO setup_tokens (id, token_hash, created_at) VALUES (1, @tokenHash, @now)", new { tokenHash, now = time.GetUtcNow() }, cancellationToken);

    /// <summary>True while the token may still make the first user.</summary>
    public Task<bool> IsSetupTokenAsync(byte[] tokenHash, CancellationToken cancellationToken) =>
        db.FindAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM setup_tokens WHERE id = 1 AND token_hash = @tokenHash) AND NOT EXISTS (SELECT 1 FROM users)", new { tokenHash }, cancellationToken);

    /// <summary>Uses up the set-up token and makes the first SystemAdministrator, in one transaction.</summary>
    public Task<SetupOutcome> SetUpAsync(byte[] tokenHash, string name, string passwordHash, CancellationToken cancellationToken) =>
        db.InTransactionAsync(async (c, t) =>
        {
            // The token's row is the lock: a second caller waits here and then finds it gone.
            var held = await c.ExecuteScalarAsync<byte[]?>(new CommandDefinition("SELECT token_hash FROM setup_tokens WHERE id = 1 FOR UPDATE", null, t, cancellationToken: cancellationToken));
            if (await c.ExecuteScalarAsync<bool>(new CommandDefinition("SELECT EXISTS (SELECT 1 FROM users)", null, t, cancellationToken: cancellationToken)))
                return SetupOutcome.AlreadySetUp;
            if (held is null || !System.Security.Cryptography.CryptographicOperations.FixedTimeEquals(held, tokenHash)) return SetupOutcome.WrongToken;
            var now = time.GetUtcNow();
            await c.ExecuteAsync(new CommandDefinition("DELETE FROM setup_tokens", null, t, cancellationToken: cancellationToken));
            await c.ExecuteAsync(new CommandDefinition(
                "INSERT INTO users (id, name, folded_name, password_hash, role, created_at) VALUES (@id, @name, @folded, @passwordHash, @role, @now)",
                new { id = Guid.CreateVersion7(now), name, folded = Fold(name), passwordHash, role = SystemAdministrator, now }, t, cancellationToken: cancellationToken));
            return SetupOutcome.Created;
        }, cancellationToken);

    /// <summary>Counts a failed sign-in and locks the user for as long as <paramref name="lockFor"/> says for that many failures.</summary>
    public Task<DateTimeOffset?> SignInFailedAsync(Guid id, Func<int, TimeSpan> lockFor, CancellationToken cancellationToken) =>
        db.InTransactionAsync(async (c, t) =>
        {
            var failures = 1 + await c.ExecuteScalarAsync<int>(new CommandDefinition("SELECT failed_sign_ins FROM users WHERE id = @id FOR UPDATE", new { id }, t, cancellationToken: cancellationToken));
            var wait = lockFor(failures);
            DateTimeOffset? until = wait > TimeSpan.Zero ? time.GetUtcNow() + wait : null;
            await c.ExecuteAsync(new CommandDefinition(
                "UPDATE users SET failed_sign_ins = @failures, locked_until = @until WHERE id = @id", new { id, failures, until }, t, cancellationToken: cancellationToken));
            return until;
        }, cancellationToken);

    /// <summary>Forgets the failures; keeps the newer password hash when the hasher made one.</summary>
    public Task SignedInAsync(Guid id, string? newPasswordHash, CancellationToken cancellationToken) =>
        db.ExecuteAsync("UPDATE users SET failed_sign_ins = 0, locked_until = NULL, password_hash = COALESCE(@newPasswordHash, password_hash) WHERE id = @id",
            new { id, newPasswordHash }, cancellationToken);

    private static string Fold(string name) => name.Trim().ToLowerInvariant();
}
