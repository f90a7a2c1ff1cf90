namespace Appliance.Catalog;

public sealed record AuditRow
{
    public required long Id { get; init; }
    public required DateTimeOffset At { get; init; }
    public required string Actor { get; init; }
    public required string Action { get; init; }
    public required string Subject { get; init; }
    public string? Detail { get; init; }
}

/// <summary>Who saw, restored or changed what. Rows are only ever added; they name records by object and Id, never by value.</summary>
public sealed class AuditLog(CatalogDatabase db, TimeProvider time)
{
    public Task AppendAsync(string actor, string action, string subject, string? detail, CancellationToken cancellationToken) =>
        db.ExecuteAsync("INSERT INTO audit_log (at, actor, action, subject, detail) VALUES (@now, @actor, @action, @subject, @detail)",
            new { now = time.GetUtcNow(), actor = Cut(actor, 120), action = Cut(action, 60), subject = Cut(subject, 255), detail }, cancellationToken);

    /// <summary>Newest first.</summary>
    public Task<IReadOnlyList<AuditRow>> ListAsync(int limit, CancellationToken cancellationToken) =>
        db.ListAsync<AuditRow>("SELECT id, at, actor, action, subject, detail FROM audit_log ORDER BY id DESC LIMIT @limit", new { limit }, cancellationToken);

    private static string Cut(string text, int length) => text.Length <= length ? text : text[..length];
}
