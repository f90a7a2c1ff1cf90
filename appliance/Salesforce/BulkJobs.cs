namespace Appliance.Salesforce;

public enum BulkJobState
{
    Open,
    UploadComplete,
    InProgress,
    JobComplete,
    Failed,
    Aborted,
}

public enum IngestOperation
{
    Insert,
    Update,
    Upsert,
    Delete,
    HardDelete,
}

/// <summary>Which rows of an ended ingest job.</summary>
public enum IngestResult
{
    Successful,
    Failed,
    Unprocessed,
}

/// <param name="RecordsProcessed">Rows in the result; exact once the job is complete.</param>
public sealed record QueryJob(string Id, string ObjectName, BulkJobState State, long RecordsProcessed, string? ErrorMessage);

/// <param name="RecordsProcessed">Rows tried, the failed ones included. A complete job may still hold failed rows.</param>
/// <param name="RecordsFailed">Rows the org refused.</param>
public sealed record IngestJob(
    string Id, string ObjectName, IngestOperation Operation, BulkJobState State, long RecordsProcessed, long RecordsFailed, string? ErrorMessage)
{
    public bool Ended => State is BulkJobState.JobComplete or BulkJobState.Failed or BulkJobState.Aborted;
}
