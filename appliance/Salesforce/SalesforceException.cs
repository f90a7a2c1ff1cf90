namespace Appliance.Salesforce;

/// <summary>What has to happen before the failed call can succeed.</summary>
public enum FailureKind
{
    /// <summary>The same call may succeed later: network, overload, maintenance.</summary>
    Transient,

    /// <summary>The same call will fail again: the org refuses what was asked.</summary>
    Permanent,

    /// <summary>A person has to act first: reconnect the org, grant a permission, raise a limit.</summary>
    Operator,
}

/// <summary>A call to Salesforce that failed. The message is the cause in plain words and never holds a token.</summary>
public sealed class SalesforceException(
    FailureKind kind, string message, string remedy, string? errorCode = null, int? statusCode = null, Exception? inner = null)
    : Exception(message, inner)
{
    public FailureKind Kind { get; } = kind;

    /// <summary>Salesforce's own code (<c>INVALID_FIELD</c>) or OAuth error (<c>invalid_grant</c>); null when no answer came.</summary>
    public string? ErrorCode { get; } = errorCode;

    /// <summary>HTTP status; null when no answer came.</summary>
    public int? StatusCode { get; } = statusCode;

    /// <summary>What to do about it, one sentence for the operator.</summary>
    public string Remedy { get; } = remedy;

    /// <summary>The call may have been carried out although no proper answer came: look before doing it again. Only set for calls that create.</summary>
    public bool OutcomeUnknown { get; init; }

    /// <summary>The request never left this machine, so even a creating call may be repeated.</summary>
    internal bool NeverSent { get; init; }

    /// <summary>The org's own words, without ours.</summary>
    internal string? OrgText { get; init; }

    /// <summary>The org judged the record, not the call: the next record may well be taken.</summary>
    internal bool AboutRecord =>
        StatusCode is 400 or 404 || (StatusCode is 403 && ErrorCode?.StartsWith("INSUFFICIENT_ACCESS", StringComparison.Ordinal) is true);

    /// <summary>Our own <see cref="ErrorCode"/> for a Bulk job that ended as Failed or Aborted.</summary>
    public const string JobFailed = "JOB_FAILED";

    /// <summary>Our own <see cref="ErrorCode"/>s for a call that was not sent because it would have crossed the org's ceiling.</summary>
    public const string RestCeiling = "REST_CEILING_REACHED", BulkCeiling = "BULK_CEILING_REACHED";

    /// <summary>Our own <see cref="ErrorCode"/>s: a package of metadata is more than one retrieve may hold; the org no longer has the result of a retrieve.</summary>
    public const string MetadataLimit = "METADATA_LIMIT_EXCEEDED", RetrieveLost = "RETRIEVE_LOST";

    /// <summary>The quota, or the share of it that may be used, is used up: the same call can succeed when some of the rolling 24 hours have passed.</summary>
    public bool OutOfQuota => OutOfBulk || ErrorCode is RestCeiling || (ErrorCode is "REQUEST_LIMIT_EXCEEDED" && Kind is FailureKind.Operator);

    /// <summary>It is the Bulk API alone whose quota is used up; REST may still do.</summary>
    public bool OutOfBulk => ErrorCode is BulkCeiling or "LIMIT_EXCEEDED";

    /// <summary>Salesforce takes neither the session nor what would renew it: somebody has to connect the org again.</summary>
    public bool NeedsReconnect =>
        ErrorCode is "INVALID_SESSION_ID" or "invalid_grant" or "invalid_client" or "invalid_client_id" or "invalid_app_access" or "inactive_user" or "OAUTH_APP_BLOCKED";

    /// <summary>A cursor, a job or its result is gone, or the job failed: the same rows can be asked for anew.</summary>
    public bool ResultLost => ErrorCode is "INVALID_QUERY_LOCATOR" or JobFailed || (StatusCode is 404 or 410 && Says("Bulk query"));

    /// <summary>The object or a field of it is not what it was when it was described.</summary>
    public bool SchemaChanged => ErrorCode is "INVALID_FIELD" or "INVALID_TYPE";

    /// <summary>Bulk API cannot do this query; the same rows can be read by REST.</summary>
    public bool BulkUnsupported =>
        ErrorCode is "INVALIDENTITY"
        || (ErrorCode is "FUNCTIONALITY_NOT_ENABLED" && Says("compound data"))
        || Says("is not supported by the Bulk API")
        || Says("compound data not supported")
        || Says("does not support query")
        || Says("Implementation restriction")
        || Says("Cannot serialize value for");

    private bool Says(string text) => Message.Contains(text, StringComparison.OrdinalIgnoreCase);
}
