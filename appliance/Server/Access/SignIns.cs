using Appliance.Catalog;
using Microsoft.AspNetCore.Identity;

namespace Appliance.Server.Access;

/// <summary>Checks names and passwords. Failures lock a user for growing times; one who is locked is not even checked.</summary>
public sealed class SignIns
{
    public const int MinPasswordLength = 12;
    public const string Refused = "The user name or the password is wrong, or sign-in is paused after several failures.";

    private const int FreeFailures = 5;
    private static readonly TimeSpan FirstLock = TimeSpan.FromSeconds(30), LongestLock = TimeSpan.FromMinutes(15);
    private static readonly UserRow Nobody = new() { Id = Guid.Empty, Name = "", PasswordHash = "", Role = "", CreatedAt = default };

    private readonly Users _users;
    private readonly IPasswordHasher<UserRow> _hasher;
    private readonly AuditLog _audit;
    private readonly TimeProvider _time;
    private readonly ILogger<SignIns> _log;
    private readonly string _nobodysHash;

    public SignIns(Users users, IPasswordHasher<UserRow> hasher, AuditLog audit, TimeProvider time, ILogger<SignIns> log)
    {
        (_users, _hasher, _audit, _time, _log) = (users, hasher, audit, time, log);
        _nobodysHash = hasher.HashPassword(Nobody, OneTimeSecret.New());
    }

    /// <summary>The user, or null when refused; why is not told apart, so that names cannot be guessed.</summary>
    public async Task<UserRow?> TryAsync(string? name, string? password, string address, CancellationToken cancellationToken)
    {
        var user = string.IsNullOrWhiteSpace(name) ? null : await _users.FindByNameAsync(name, cancellationToken);
        if (user?.LockedUntil > _time.GetUtcNow()) return null;
        // An unknown name costs the same time as a known one.
        var verdict = _hasher.VerifyHashedPassword(user ?? Nobody, user?.PasswordHash ?? _nobodysHash, password ?? "");
        if (user is null || verdict is PasswordVerificationResult.Failed)
        {
            _log.SignInFailed(address);
            await _audit.AppendAsync("anonymous", "sign-in failed", user?.Name ?? "unknown user", address, cancellationToken);
            if (user is not null && await _users.SignInFailedAsync(user.Id, LockFor, cancellationToken) is { } until) _log.UserLocked(user.Id, until);
            return null;
        }
        await _users.SignedInAsync(user.Id, verdict is PasswordVerificationResult.SuccessRehashNeeded ? _hasher.HashPassword(user, password!) : null, cancellationToken);
        await _audit.AppendAsync(user.Name, "signed in", user.Name, address, cancellationToken);
        _log.SignedIn(user.Id);
        return user;
    }

    /// <summary>5 failures are free, then 30 s, 1 min, 2 min … 15 min.</summary>
    public static TimeSpan LockFor(int failures)
    {
        if (failures < FreeFailures) return TimeSpan.Zero;
        var wait = FirstLock * Math.Pow(2, Math.Min(failures - FreeFailures, 10));
        return wait < LongestLock ? wait : LongestLock;
    }
}
