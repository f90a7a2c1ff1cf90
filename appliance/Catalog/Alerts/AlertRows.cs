namespace Appliance.Catalog;

public enum AlertKind { JobFailed, JobPaused, TokenBroken, Damage, Incomplete, UnusualDeletes, UnusualChanges, SelfBackup, CertificateEnding, CertificateFailed, Test }

public enum AlertChannelKind { Mail, Webhook, Slack }

public enum DeliveryState { Waiting, Delivered, Failed }

/// <summary>Where alerts go. The secret is in the clear: keep it in memory only, never log it.</summary>
public sealed record AlertChannelRow
{
    public required Guid Id { get; init; }
    /// <summary>Null for alerts of all orgs.</summary>
    public Guid? OrgId { get; init; }
    public required string Name { get; init; }
    public required AlertChannelKind Kind { get; init; }
    /// <summary>Empty for all kinds.</summary>
    public IReadOnlyList<AlertKind> Events { get; init; } = [];
    public required bool Enabled { get; init; }
    /// <summary>JSON of the server, without secrets.</summary>
    public required string Settings { get; init; }
    public string? Secret { get; init; }
    public DateTimeOffset ChangedAt { get; init; }
    public string ChangedBy { get; init; } = "";

    public override string ToString() => Name;
}

/// <summary>Something that somebody should know. Names, counts, causes; never a value of a record.</summary>
public sealed record AlertRow
{
    public required Guid Id { get; init; }
    public Guid? OrgId { get; init; }
    public Guid? JobId { get; init; }
    public required AlertKind Kind { get; init; }
    public required string Title { get; init; }
    public required string Text { get; init; }
    public string? Remedy { get; init; }
    public DateTimeOffset RaisedAt { get; init; }
}

public sealed record AlertDeliveryRow
{
    public required long Id { get; init; }
    public required Guid AlertId { get; init; }
    public required Guid ChannelId { get; init; }
    public required string Channel { get; init; }
    public required DeliveryState State { get; init; }
    public int Attempts { get; init; }
    public DateTimeOffset? NextAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    /// <summary>What the other side said, or why it was not reached.</summary>
    public string? Answer { get; init; }
}
