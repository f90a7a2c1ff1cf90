using System.Diagnostics;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Appliance.Vault;
using Vault.Tests;
using Xunit;

[assembly: AssemblyFixture(typeof(CephGateway))]

namespace Vault.Tests;

/// <summary>A real S3 server, started when the first test asks for it (see the script <c>gateway</c> beside this file).</summary>
public sealed class CephGateway : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1, 1);
    private Process? _process;
    private string _secret = "";
    private string? _whyNot;
    private Task<S3Address>? _shared;

    public Uri Endpoint { get; private set; } = new("http://127.0.0.1/");

    public AWSCredentials Owner => new BasicAWSCredentials("test", _secret);

    /// <summary>Somebody who may do only what a bucket policy grants.</summary>
    public AWSCredentials Guest => new BasicAWSCredentials("guest", _secret);

    public AmazonS3Client Client() => new(Owner, new AmazonS3Config
    {
        ServiceURL = Endpoint.ToString(), ForcePathStyle = true, AuthenticationRegion = "us-east-1",
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED, ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        MaxErrorRetry = 10,         // a fresh server on a busy machine is slow at first
        CacheHttpClient = false,    // its own connections: on one that a refused guest left half read, the gateway answers an empty 400
    });

    /// <summary>A new prefix in a bucket that the tests share.</summary>
    public async Task<S3Address> NewPrefixAsync()
    {
        var bucket = await (_shared ??= NewBucketAsync());
        return bucket with { Prefix = $"orgs/{Guid.CreateVersion7():N}" };
    }

    /// <summary>A new bucket; the test is skipped with the reason where no such server can run.</summary>
    public async Task<S3Address> NewBucketAsync(bool locks = false)
    {
        await StartAsync();
        if (_whyNot is { } reason) Assert.Skip(reason);
        var location = new S3Address { Bucket = $"vault-{Guid.CreateVersion7():N}", Prefix = "orgs/one", Endpoint = Endpoint };
        using var client = Client();
        await client.PutBucketAsync(new PutBucketRequest { BucketName = location.Bucket, ObjectLockEnabledForBucket = locks });
        return location;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            process.Dispose();
        }
        _starting.Dispose();
    }

    private async Task StartAsync()
    {
        await _starting.WaitAsync();
        try
        {
            if (_process is not null || _whyNot is not null) return;
            if (!Environment.IsPrivilegedProcess || !File.Exists("/usr/bin/mmdebstrap"))
            {
                _whyNot = "Ceph's gateway needs root and mmdebstrap (apt-get install mmdebstrap).";
                return;
            }
            var script = Path.Combine(RepositoryFolder.Path, "tests", "Vault.Tests", "S3", "gateway");
            var start = new ProcessStartInfo(script, [Path.Combine(RepositoryFolder.Path, "artifacts", "ceph")]) { RedirectStandardInput = true, RedirectStandardOutput = true };
            _process = Process.Start(start)!;
            var line = await _process.StandardOutput.ReadLineAsync();
            if (line?.Split(' ') is not ["ready", var endpoint, _, var secret]) throw new InvalidOperationException($"{script} did not come up; it ended with '{line}'.");
            (Endpoint, _secret) = (new Uri(endpoint), secret);
        }
        finally
        {
            _starting.Release();
        }
    }
}
