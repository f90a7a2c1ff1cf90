using System.Collections.Immutable;
using System.Text.Json;
using Provisioner.Certificates.Acme;
using Provisioner.Certificates.Store;

namespace Provisioner.Certificates.Renewal;

/// <summary>Whether the proxy serves what stands in the store.</summary>
public enum Proof
{
    /// <summary>Not asked: no address of the proxy is set.</summary>
    Unasked,
    /// <summary>Nobody answers there yet.</summary>
    Pending,
    /// <summary>Seen in a handshake.</summary>
    Served,
    /// <summary>Another one is served.</summary>
    Differs,
}

/// <summary>status/status.json: what the agent knows and last did. For people, monitors, the appliance's own alerts, and the agent's own next start. No secret stands in it.</summary>
public sealed record AgentStatus
{
    public DateTimeOffset Looked { get; init; }
    public string Source { get; init; } = "";
    public ImmutableArray<string> Names { get; init; } = [];
    /// <summary>Null: there is no certificate.</summary>
    public string? Serial { get; init; }
    public string? Issuer { get; init; }
    public DateTimeOffset? NotBefore { get; init; }
    public DateTimeOffset? NotAfter { get; init; }
    public Alarm Alarm { get; init; }
    public Proof Proof { get; init; }
    /// <summary>A certificate that stands in the store, but could not be brought to be served: tried again before anything is ordered.</summary>
    public string? Unproven { get; init; }
    /// <summary>From when on it is renewed; null with a bought one.</summary>
    public DateTimeOffset? Due { get; init; }
    /// <summary>What the authority said of <see cref="Serial"/>.</summary>
    public RenewalWindow? Window { get; init; }
    public DateTimeOffset? AskAgain { get; init; }
    /// <summary>In a row.</summary>
    public int Failures { get; init; }
    public AgentFailure? Failure { get; init; }
    /// <summary>When the first of them was; null: none failed.</summary>
    public DateTimeOffset? FailingSince { get; init; }
    /// <summary>Not before. Null after failures: a person has to look, then `certificates renew`.</summary>
    public DateTimeOffset? NextTry { get; init; }

    internal static string PathOf(string root) => Path.Combine(root, "status", "status.json");

    /// <summary>What cannot be read is begun anew: it only remembers.</summary>
    public static AgentStatus Read(string root)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(PathOf(root)), Documents.Default.AgentStatus) ?? new AgentStatus();
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException or JsonException)
        {
            return new AgentStatus();
        }
    }

    /// <remarks>Its folder is one that other containers may be given: nothing else stands in it, and everybody may read it.</remarks>
    public void Write(string root)
    {
        var folder = Path.GetDirectoryName(PathOf(root))!;
        if (!Directory.Exists(folder))
        {
            DurableFiles.Folder(folder);
            File.SetUnixFileMode(folder, DurableFiles.ReadableFolder);
        }
        DurableFiles.Write(PathOf(root), JsonSerializer.Serialize(this, Documents.Default.AgentStatus), DurableFiles.Readable);
    }

    /// <summary>As after a pass in which nothing failed.</summary>
    internal AgentStatus Mended() => this with { Failures = 0, Failure = null, FailingSince = null, NextTry = null };
}

public sealed record AgentFailure(DateTimeOffset At, FailureKind Kind, string Cause, string Remedy);

/// <summary>rehearsed.json: for what an order was tried at the rehearsal's authority.</summary>
public sealed record Rehearsal(ImmutableArray<string> Names, string Challenge, Uri Directory, DateTimeOffset At);
