using Appliance.Vault;
using Xunit;

namespace Vault.Tests;

/// <summary>
/// What the provisioner writes into a host's environment (docs/storage.md). It shares no code with the appliance; these golden files of its tests are what both are held to.
/// </summary>
public sealed class The_address_of_a_deployed_host(CephGateway gateway)
{
    private const string Key = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555";

    [Fact]
    public void Is_taken_word_by_word()
    {
        Assert.Equal(new S3Address { Bucket = "acme-vaults-2026", Region = "us-east-1", KmsKeyId = Key, LockDays = 30 }, S3Address.Parse(Golden("aws-s3-customer")));
        Assert.Equal(new S3Address { Bucket = "acme-salesforce-backup", Prefix = "appliance", Region = "us-east-1" }, S3Address.Parse(Golden("aws-s3-customer-vpn")));
    }

    /// <summary>At another server than Amazon's, without the key that only Amazon has; all else as the host gets it.</summary>
    [Fact]
    public async Task Leads_to_a_vault_in_a_real_bucket()
    {
        var bucket = await gateway.NewBucketAsync(locks: true);
        var place = Golden("aws-s3-customer").Replace("acme-vaults-2026", bucket.Bucket, StringComparison.Ordinal).Replace("&kmsKeyId=" + Key, "", StringComparison.Ordinal) + $"&endpoint={gateway.Endpoint}";
        // As a machine's role would be found: by the SDK's own chain.
        var owner = await gateway.Owner.GetCredentialsAsync();
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", owner.AccessKey);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", owner.SecretKey);
        var store = BlobStores.Open(place, "acme", TimeProvider.System);
        using var client = (IDisposable)store;
        await using var vault = await SmallVault.WriteAsync(store, encrypted: true);
        Assert.Empty(await TestVault.VerifyAsync(store, vault.Key));
        Assert.Equal(["acme"], await BlobStores.ListVaultsAsync(place, TimeProvider.System, CancellationToken.None));
    }

    private static string Golden(string stack) =>
        File.ReadAllText(Path.Combine(RepositoryFolder.Path, "tests", "Delivery.Tests", "Golden", stack + ".storage")).Trim()["APPLIANCE_STORAGE=".Length..];
}
