namespace Appliance.Catalog;

/// <summary>How the looks for a newer release went.</summary>
public sealed record UpdateLook
{
    /// <summary>When a worker last set out to look.</summary>
    public required DateTimeOffset AskedAt { get; init; }
    /// <summary>When a signed manifest was last read; null: never yet.</summary>
    public DateTimeOffset? ToldAt { get; init; }
    /// <summary>The release that it told of.</summary>
    public string? ReleaseVersion { get; init; }
    /// <summary>Why the last look failed; null: it did not.</summary>
    public string? Cause { get; init; }
    public string? Remedy { get; init; }
}

/// <summary>The one row that the looks for a newer release leave.</summary>
public sealed class UpdateLooks(CatalogDatabase db, TimeProvider time)
{
    internal const string Columns = "asked_at, told_at, release_version, cause, remedy";
    private const int LongestText = 1000;

    public Task<UpdateLook?> FindAsync(CancellationToken cancellationToken) => db.FindAsync<UpdateLook>($"SELECT {Columns} FROM update_look", null, cancellationToken);

    /// <summary>True for the one worker that shall look now. A stamp of the future was written under a wrong clock and holds nothing up.</summary>
    /// <param name="every">After a look that went well.</param>
    /// <param name="again">After one that failed, or was broken off.</param>
    public async Task<bool> ClaimAsync(TimeSpan every, TimeSpan again, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (await db.ExecuteAsync("INSERT IGNORE INTO update_look (one, asked_at) VALUES (1, @now)", new { now }, cancellationToken) == 1) return true;
        return await db.ExecuteAsync(
            """
            UPDATE update_look SET asked_at = @now
            WHERE asked_at > @now OR asked_at <= CASE WHEN told_at IS NOT NULL AND told_at >= asked_at AND cause IS NULL THEN @lastWell ELSE @lastFailed END
            """, new { now, lastWell = now - every, lastFailed = now - again }, cancellationToken) == 1;
    }

    public Task KeepAsync(string releaseVersion, CancellationToken cancellationToken) => db.ExecuteAsync(
        "UPDATE update_look SET told_at = @now, release_version = @releaseVersion, cause = NULL, remedy = NULL", new { now = time.GetUtcNow(), releaseVersion }, cancellationToken);

    /// <summary>What was told before stays.</summary>
    public Task KeepFailureAsync(string cause, string remedy, CancellationToken cancellationToken) => db.ExecuteAsync(
        "UPDATE update_look SET cause = @cause, remedy = @remedy", new { cause = Short(cause), remedy = Short(remedy) }, cancellationToken);

    private static string Short(string text) => text.Length <= LongestText ? text : text[..(LongestText - 1)] + "…";
}
