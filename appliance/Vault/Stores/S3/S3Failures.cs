using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace Appliance.Vault;

/// <summary>What S3 said, as the vault's own failure: who can cure it, and how.</summary>
internal static class S3Failures
{
    public static bool IsMissing(AmazonS3Exception failure) =>
        failure.StatusCode == HttpStatusCode.NotFound && failure.ErrorCode != "NoSuchBucket";

    /// <summary>The name is taken (412), or somebody else is just writing it (409).</summary>
    public static bool IsTaken(AmazonS3Exception failure) =>
        failure.StatusCode is HttpStatusCode.PreconditionFailed or HttpStatusCode.Conflict || failure.ErrorCode is "NoSuchUpload";

    /// <summary>A 400 that says nothing: what is really wrong with a request comes with a code (but for HEAD, whose answers are always empty; asked again it says the same).</summary>
    public static bool IsUnexplained(AmazonS3Exception failure) => failure.StatusCode is HttpStatusCode.BadRequest && failure.ErrorCode is null or "" or "BadRequest" or "400";

    public static VaultException Told(S3Address location, string name, Exception failure) => failure switch
    {
        AmazonS3Exception { ErrorCode: "NoSuchBucket" } => Operator($"There is no bucket {location.Bucket}.", "Make the bucket, or correct its name and region."),
        AmazonS3Exception { ErrorCode: "InvalidAccessKeyId" or "SignatureDoesNotMatch" or "InvalidToken" or "ExpiredToken" } s3 =>
            Operator($"S3 does not know these credentials ({s3.ErrorCode}).", "Give a valid access key, or let the machine's role have access; then let the job go on."),
        AmazonS3Exception { ErrorCode: "RequestTimeTooSkewed" } => Operator("The clock of this machine differs too much from S3's.", "Let the machine keep time (chrony), then let the job go on."),
        AmazonS3Exception { StatusCode: HttpStatusCode.Forbidden } s3 =>
            Operator($"S3 forbids access to {name} in {location} ({s3.ErrorCode}).", "Allow the actions that docs/storage.md lists for this bucket and prefix; a locked file cannot be deleted before its day."),
        AmazonS3Exception { ErrorCode: "QuotaExceeded" or "EntityTooLarge" } s3 =>
            Operator($"S3 takes no more: {name} could not be stored ({s3.ErrorCode}).", "Enlarge the quota of the bucket or free space in it, then let the job go on; nothing that stood is harmed."),
        AmazonS3Exception { StatusCode: HttpStatusCode.BadRequest or HttpStatusCode.MethodNotAllowed } s3 =>
            Operator($"S3 refuses {name} in {location}: {s3.ErrorCode} {s3.Message}", "Check endpoint, region and object lock of the bucket against the settings of the storage."),
        AmazonClientException { InnerException: null } client when client.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase) =>
            Operator("No credentials for S3 were found on this machine.", "Attach a role to the machine, or give an access key in the settings of the storage."),
        _ => new VaultException(FailureKind.Transient, $"S3 could not be reached for {name}: {failure.Message}",
            "Check the network and the endpoint; the job goes on by itself when S3 answers.", name, failure),
    };

    private static VaultException Operator(string message, string remedy) => new(FailureKind.Operator, message, remedy);
}
