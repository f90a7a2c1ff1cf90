using System.Net;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using Polly;
using Polly.Retry;

namespace Appliance.Vault;

/// <summary>A vault's files in an S3 bucket (FORMAT.md §9). Retries, and settles lost answers, by itself.</summary>
/// <remarks>
/// Each upload carries a random mark in its metadata. When S3 says that a name is taken, the mark tells whether by this very upload
/// whose first answer was lost, or by somebody else's.
/// </remarks>
public sealed class S3BlobStore : IBlobStore, IDisposable
{
    private const string Mark = "x-amz-meta-appliance-write";
    private const int WindowBytes = 4 * 1024 * 1024, PartBytes = 16 * 1024 * 1024, Retries = 6;

    private static readonly ResiliencePipeline s_bodies = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
    {
        // The SDK repeats requests; a body that breaks off while it is read is ours.
        ShouldHandle = new PredicateBuilder().Handle<IOException>().Handle<HttpRequestException>().Handle<AmazonClientException>(),
        MaxRetryAttempts = Retries, BackoffType = DelayBackoffType.Exponential, Delay = TimeSpan.FromMilliseconds(200), UseJitter = true,
    }).Build();

    // A gateway under load now and then refuses with an empty answer what it takes a moment later. Asked this way nothing is done twice: a delete, a replacement and a read may be
    // repeated, and an upload knows its own mark.
    private static readonly ResiliencePipeline s_unexplained = new ResiliencePipelineBuilder().AddRetry(new RetryStrategyOptions
    {
        ShouldHandle = new PredicateBuilder().Handle<AmazonS3Exception>(S3Failures.IsUnexplained),
        MaxRetryAttempts = 4, BackoffType = DelayBackoffType.Exponential, Delay = TimeSpan.FromMilliseconds(200), UseJitter = true,
    }).Build();

    private readonly S3Address _location;
    private readonly AmazonS3Client _client;
    private readonly TransferUtility _transfer;
    private readonly TimeProvider _time;
    private readonly string _spoolFolder, _root;

    /// <param name="credentials">Null: the SDK's own chain: environment, then the role of the machine or container.</param>
    /// <param name="spoolFolder">Where uploads above 8 MiB wait on their way; needs room for the largest file of the org.</param>
    public S3BlobStore(S3Address location, AWSCredentials? credentials, TimeProvider time, string? spoolFolder = null)
    {
        _location = location.Checked();
        _time = time;
        _spoolFolder = spoolFolder ?? Path.GetTempPath();
        _root = location.Prefix.Length == 0 ? "" : location.Prefix + "/";
        var config = new AmazonS3Config { RetryMode = RequestRetryMode.Standard, MaxErrorRetry = Retries };
        if (location.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.ToString();
            config.ForcePathStyle = true;
            config.AuthenticationRegion = location.Region ?? "us-east-1";
            config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;       // what S3-compatible servers understand
            config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        }
        else if (location.Region is { } region)
        {
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(region);
        }
        _client = credentials is null ? new AmazonS3Client(config) : new AmazonS3Client(credentials, config);
        _transfer = new TransferUtility(_client, new TransferUtilityConfig { ConcurrentServiceRequests = 4, MinSizeBeforePartUpload = PartBytes });
    }

    public async Task<bool> PutIfAbsentAsync(string name, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        BlobNames.Checked(name);
        if (await LengthAsync(name, cancellationToken) is not null) return false;
        await using var spool = new Spool(_spoolFolder);
        await write(spool.Writer, cancellationToken);
        return await UploadAsync(name, spool, cancellationToken);
    }

    public async Task<(string Name, bool Stored)> PutNamedLastAsync(Func<Stream, CancellationToken, Task<string>> writeThenName, CancellationToken cancellationToken)
    {
        await using var spool = new Spool(_spoolFolder);
        var name = BlobNames.Checked(await writeThenName(spool.Writer, cancellationToken));
        if (await LengthAsync(name, cancellationToken) is not null) return (name, false);
        return (name, await UploadAsync(name, spool, cancellationToken));
    }

    public Task ReplaceAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        AskAsync(BlobNames.Checked(name), () => _client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = _location.Bucket, Key = _root + name, InputStream = new MemoryStream(content.ToArray()),
            ServerSideEncryptionMethod = Encryption, ServerSideEncryptionKeyManagementServiceKeyId = _location.KmsKeyId,
        }, cancellationToken), cancellationToken);

    public async Task<Stream> OpenReadAsync(string name, CancellationToken cancellationToken)
    {
        var length = await LengthAsync(name, cancellationToken) ?? throw VaultException.Missing(name);
        return new BufferedStream(new S3ReadStream(this, name, length), WindowBytes);
    }

    public Task<int> ReadAsync(string name, long offset, Memory<byte> buffer, CancellationToken cancellationToken) =>
        AskAsync(BlobNames.Checked(name), async () =>
        {
            if (buffer.Length == 0) return 0;
            try
            {
                return await s_bodies.ExecuteAsync(async token =>
                {
                    using var answer = await _client.GetObjectAsync(new GetObjectRequest
                    {
                        BucketName = _location.Bucket, Key = _root + name, ByteRange = new ByteRange(offset, offset + buffer.Length - 1),
                    }, token);
                    var filled = await answer.ResponseStream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, token);
                    if (filled < answer.ContentLength) throw new IOException($"the answer broke off after {filled} of {answer.ContentLength} bytes");
                    return filled;
                }, cancellationToken);
            }
            catch (AmazonS3Exception failure) when (failure.ErrorCode == "InvalidRange")
            {
                return 0;
            }
            catch (AmazonS3Exception failure) when (failure.StatusCode == HttpStatusCode.Forbidden)
            {
                if (await IsListedAsync(name, cancellationToken)) throw;
                throw VaultException.Missing(name);
            }
        }, cancellationToken);

    public Task<long?> LengthAsync(string name, CancellationToken cancellationToken) =>
        AskAsync(BlobNames.Checked(name), async () => (await FindAsync(name, cancellationToken))?.ContentLength, cancellationToken);

    public async IAsyncEnumerable<string> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = _location.Bucket, Prefix = _root + prefix };
        ListObjectsV2Response page;
        do
        {
            page = await AskAsync(prefix, () => _client.ListObjectsV2Async(request, cancellationToken), cancellationToken);
            foreach (var file in page.S3Objects ?? [])
                yield return file.Key[_root.Length..];
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    /// <summary>What stands between the prefix and the next '/', each once; without a look at what lies below.</summary>
    public async IAsyncEnumerable<string> ListFoldersAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var request = new ListObjectsV2Request { BucketName = _location.Bucket, Prefix = _root, Delimiter = "/" };
        ListObjectsV2Response page;
        do
        {
            page = await AskAsync("", () => _client.ListObjectsV2Async(request, cancellationToken), cancellationToken);
            foreach (var folder in page.CommonPrefixes ?? [])
                yield return folder[_root.Length..].TrimEnd('/');
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
    }

    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        AskAsync(BlobNames.Checked(name), () => _client.DeleteObjectAsync(_location.Bucket, _root + name, cancellationToken), cancellationToken);

    public void Dispose()
    {
        _transfer.Dispose();
        _client.Dispose();
    }

    private ServerSideEncryptionMethod? Encryption => _location.KmsKeyId is null ? null : ServerSideEncryptionMethod.AWSKMS;

    private Task<bool> UploadAsync(string name, Spool spool, CancellationToken cancellationToken)
    {
        var mark = RandomNumberGenerator.GetHexString(32, lowercase: true);         // one for all attempts: by it the last knows the first
        return AskAsync(name, async () =>
        {
            await spool.FlushAsync(cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();       // a cancelled write must not become visible
            var request = new TransferUtilityUploadRequest
            {
                BucketName = _location.Bucket, Key = _root + name, PartSize = PartBytes, IfNoneMatch = "*",
                ServerSideEncryptionMethod = Encryption, ServerSideEncryptionKeyManagementServiceKeyId = _location.KmsKeyId,
            };
            request.Metadata[Mark] = mark;
            if (spool.Path is { } path) request.FilePath = path;
            else (request.InputStream, request.AutoCloseStream) = (spool.Content, false);
            if (_location.LockDays > 0 && VaultNames.NeverChanges(name))
            {
                request.ObjectLockMode = _location.LockGovernance ? ObjectLockMode.Governance : ObjectLockMode.Compliance;
                request.ObjectLockRetainUntilDate = _time.GetUtcNow().UtcDateTime.AddDays(_location.LockDays);
            }
            try
            {
                await _transfer.UploadAsync(request, cancellationToken);
                return true;
            }
            catch (AmazonS3Exception failure) when (S3Failures.IsTaken(failure))
            {
                var standing = await FindAsync(name, cancellationToken) ?? throw new IOException("another writer was at the same name", failure);
                return standing.Metadata[Mark] == mark;
            }
        }, cancellationToken);
    }

    private async Task<GetObjectMetadataResponse?> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.GetObjectMetadataAsync(_location.Bucket, _root + name, cancellationToken);
        }
        catch (AmazonS3Exception failure) when (S3Failures.IsMissing(failure))
        {
            return null;
        }
        catch (AmazonS3Exception failure) when (failure.StatusCode == HttpStatusCode.Forbidden)
        {
            if (await IsListedAsync(name, cancellationToken)) throw;
            return null;
        }
    }

    // Who may list only below a prefix is told 403 for every absent name, and a HEAD never says why it is refused. A listing does both.
    private async Task<bool> IsListedAsync(string name, CancellationToken cancellationToken)
    {
        var page = await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = _location.Bucket, Prefix = _root + name, MaxKeys = 1 }, cancellationToken);
        return page.S3Objects?.Any(file => file.Key == _root + name) == true;
    }

    private async Task<T> AskAsync<T>(string name, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await s_unexplained.ExecuteAsync(async _ => await ask(), cancellationToken);
        }
        catch (AmazonS3Exception failure) when (S3Failures.IsMissing(failure))
        {
            throw VaultException.Missing(name);
        }
        catch (Exception failure) when (failure is AmazonServiceException or AmazonClientException or IOException or HttpRequestException)
        {
            throw S3Failures.Told(_location, name, failure);
        }
    }
}
