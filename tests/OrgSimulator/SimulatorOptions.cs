using OrgSimulator.Rules;

namespace OrgSimulator;

/// <summary>How an org is set up. Everything has a default that a test can live with.</summary>
public sealed record SimulatorOptions
{
    /// <summary>TCP port; 0 takes any free one.</summary>
    public int Port { get; init; }

    /// <summary>Folder of test data to load; null for an org with standard objects and no records.</summary>
    public string? DataFolder { get; init; }

    /// <summary>Folders of recorded describes (or single files), which then are the schema of their objects; later ones win.</summary>
    public IReadOnlyList<string> Describes { get; init; } = [];

    /// <summary>File of standard objects, one JSON object a line, plain or gzip; null for the built-in ones only.</summary>
    public string? ObjectReference { get; init; }

    /// <summary>Permissions, field-level security, encryption, validation rules, trigger and duplicate rules of the org.</summary>
    public OrgRules Rules { get; init; } = new();

    /// <summary>Records to generate, in all; 0 for none.</summary>
    public int Generate { get; init; }

    /// <summary>Documents among the generated records; null for one in two hundred records, at most 300.</summary>
    public int? Files { get; init; }

    /// <summary>Day of which generated records are; null for today. With the same day and seed the org is the same on any day.</summary>
    public DateOnly? AsOf { get; init; }

    /// <summary>Seed of everything random: instance letters in Ids, generated records, dates.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Changes per hour that the org makes by itself.</summary>
    public int ChangesPerHour { get; init; }

    /// <summary>What shall go wrong.</summary>
    public IReadOnlyList<PlannedFault> Faults { get; init; } = [];

    /// <summary>All addresses rather than 127.0.0.1 alone: for a container.</summary>
    public bool AnyAddress { get; init; }

    public string User { get; init; } = "admin@sim.example";
    public string Password { get; init; } = "simulator";
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Newest API version in the list of versions, 31 to 68; paths of any version answer.</summary>
    public int NewestVersion { get; init; } = 68;

    /// <summary>How often a bulk job says InProgress before it is done.</summary>
    public int InProgressPolls { get; init; }

    /// <summary>Largest number of rows on one page of bulk results.</summary>
    public int BulkPageSize { get; init; } = 100_000;

    /// <summary>
    /// Whether pages of bulk results differ in size, by half at most and by the seed, when the job was cut by primary keys: deleted records count in the
    /// cuts of the real platform. A query with LIMIT or ORDER BY is not cut.
    /// </summary>
    public bool UnevenPages { get; init; }

    /// <summary>Daily API calls that the org has.</summary>
    public int ApiLimit { get; init; } = 100_000;

    /// <summary>Apps that the org knows from the start.</summary>
    public IReadOnlyList<OAuth.ConnectedApp> Apps { get; init; } = [];

    /// <summary>Whether an app that is not registered is refused; else any client id will do, except for JWT.</summary>
    public bool KnownAppsOnly { get; init; }

    /// <summary>Whether the password grant and SOAP login work; new orgs have both off.</summary>
    public bool PasswordSignIn { get; init; }

    /// <summary>How long a session lives unused; null for as long as the org runs.</summary>
    public TimeSpan? SessionLife { get; init; }

    /// <summary>File to which every request and its answer is written as a line of JSON; null for none.</summary>
    public string? TraceFile { get; init; }

    /// <summary>Ids that getDeleted and getUpdated give at most.</summary>
    public int ReplicationIdLimit { get; init; } = 600_000;

    /// <summary>Days of event logs, one file a day, that the org holds; 0 for an org without Event Monitoring.</summary>
    public int EventLogDays { get; init; }

    /// <summary>Bulk query jobs that the org takes in 24 hours.</summary>
    public int BulkQueryJobLimit { get; init; } = 10_000;

    /// <summary>Files, and bytes of the zip, that one retrieve gives.</summary>
    public int RetrieveFileLimit { get; init; } = Metadata.Retrieval.MostFiles;
    public int RetrieveZipLimit { get; init; } = Metadata.Retrieval.MostZippedBytes;

    /// <summary>Whether the user holds "Bulk API Hard Delete".</summary>
    public bool BulkHardDelete { get; init; } = true;

    /// <summary>Address that answers name; set once the port is known.</summary>
    public string PublicUrl { get; init; } = "";

    /// <summary>Where warnings about the data go.</summary>
    public TextWriter Warnings { get; init; } = Console.Error;
}
