namespace Appliance.Catalog;

/// <summary>The catalog cannot do what was asked; the message is the cause in plain words, <see cref="Remedy"/> what an operator can do.</summary>
public class CatalogException(string cause, string remedy, Exception? inner = null) : Exception(cause, inner)
{
    public string Remedy { get; } = remedy;
}

/// <summary>The database server is away: stopped, starting, out of connections, or cut off. What was asked may or may not have been done; nothing is wrong with it.</summary>
public sealed class CatalogUnreachableException(Exception inner) : CatalogException(
    "The catalog database does not answer.",
    "Check that the database server runs and can be reached. Jobs wait for it and go on by themselves; try again when it is back.", inner);

/// <summary>Another worker holds the job now (our lease ran out), or it has ended. The writer stops at once and touches nothing more.</summary>
public sealed class LostLeaseException(Guid jobId) : Exception($"The lease on job {jobId} was lost to another worker.")
{
    public Guid JobId { get; } = jobId;
}
