namespace Appliance.Catalog;

/// <summary>The catalog cannot do what was asked; the message is the cause in plain words, <see cref="Remedy"/> what an operator can do.</summary>
public sealed class CatalogException(string cause, string remedy, Exception? inner = null) : Exception(cause, inner)
{
    public string Remedy { get; } = remedy;
}

/// <summary>Another worker holds the job now (our lease ran out), or it has ended. The writer stops at once and touches nothing more.</summary>
public sealed class LostLeaseException(Guid jobId) : Exception($"The lease on job {jobId} was lost to another worker.")
{
    public Guid JobId { get; } = jobId;
}
