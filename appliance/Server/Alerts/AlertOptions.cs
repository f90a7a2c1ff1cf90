namespace Appliance.Server.Alerts;

/// <summary>Settings of the section Alerts.</summary>
public sealed record AlertOptions
{
    /// <summary>Webhooks may go to addresses of private networks and to plain http. Off: a webhook cannot be used to reach into the network the appliance stands in.</summary>
    public bool PrivateAddresses { get; init; }

    /// <summary>A PEM file of further authorities that mail servers' certificates may come from.</summary>
    public string? MailAuthorities { get; init; }

    /// <summary>Waits between attempts; after the last one nobody tries again.</summary>
    public IReadOnlyList<TimeSpan> Retries { get; init; } =
        [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromHours(12)];

    /// <summary>Not of the section: Server:Certificate.</summary>
    public string? CertificateFile { get; init; }

    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the other side may take.</summary>
    public TimeSpan AnswerWithin { get; init; } = TimeSpan.FromSeconds(30);
}
