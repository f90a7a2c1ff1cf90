namespace Appliance.Vault;

/// <summary>Where in S3 a vault lies, and how its immutable files are locked. Credentials are never part of it.</summary>
public sealed record S3Address
{
    public required string Bucket { get; init; }

    /// <summary>Put before every name, with '/' between; empty when the vault has the bucket for itself.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Such as eu-central-1. Null: as the environment or the machine says.</summary>
    public string? Region { get; init; }

    /// <summary>An S3-compatible server. Null: Amazon's own of the region.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The KMS key that the bucket encrypts with (SSE-KMS). Null: as the bucket's own setting says.</summary>
    public string? KmsKeyId { get; init; }

    /// <summary>Containers cannot be deleted by anybody for so many days after they were written. 0: no lock. The bucket must have object lock.</summary>
    public int LockDays { get; init; }

    /// <summary>Governance lets somebody with a special permission lift a lock; otherwise (compliance) nobody can.</summary>
    public bool LockGovernance { get; init; }

    /// <summary>
    /// Reads <c>s3://bucket/prefix?region=…&amp;endpoint=…&amp;lockDays=…</c>. Throws <see cref="VaultException"/> (Operator) naming what is wrong.
    /// </summary>
    public static S3Address Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme != "s3") throw Refused($"'{text}' is no address in S3.");
        if (uri.UserInfo.Length > 0) throw Refused("Credentials do not belong into an S3 address.");
        var location = new S3Address { Bucket = uri.Host, Prefix = Uri.UnescapeDataString(uri.AbsolutePath).Trim('/') };
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var (name, value) = pair.Split('=', 2) is [var n, var v] ? (n, Uri.UnescapeDataString(v)) : (pair, "");
            location = name switch
            {
                "region" => location with { Region = value },
                "endpoint" when Uri.TryCreate(value, UriKind.Absolute, out var endpoint) && endpoint.Scheme is "https" or "http" => location with { Endpoint = new Uri(value) },
                "kmsKeyId" => location with { KmsKeyId = value },
                "lockDays" when int.TryParse(value, out var days) && days is >= 0 and <= 36_500 => location with { LockDays = days },
                "lockMode" when value is "compliance" or "governance" => location with { LockGovernance = value == "governance" },
                _ => throw Refused($"'{pair}' is not understood in an S3 address."),
            };
        }
        return location.Checked();
    }

    /// <summary>This location, or a <see cref="VaultException"/> (Operator) that names what is wrong with it.</summary>
    public S3Address Checked()
    {
        if (Bucket.Length is < 3 or > 63 || !Bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'))
            throw Refused($"'{Bucket}' is no name of a bucket (3 to 63 lower-case letters, digits, '-', '.').");
        if (Prefix.Length > 0 && !BlobNames.IsWellFormed(Prefix)) throw Refused($"'{Prefix}' cannot be a prefix ([A-Za-z0-9._-], parted by '/').");
        return this;
    }

    /// <summary>The same bucket, one folder deeper.</summary>
    public S3Address Below(string name) => this with { Prefix = Prefix.Length == 0 ? name : $"{Prefix}/{name}" };

    public override string ToString() => Prefix.Length == 0 ? $"s3://{Bucket}" : $"s3://{Bucket}/{Prefix}";

    private static VaultException Refused(string why) =>
        new(FailureKind.Operator, why, "Write s3://bucket/prefix, if need be with ?region=eu-central-1 or ?endpoint=https://s3.example.com.");
}
