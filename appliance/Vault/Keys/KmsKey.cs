using Amazon.KeyManagementService;
using Amazon.KeyManagementService.Model;
using Amazon.Runtime;

namespace Appliance.Vault;

/// <summary>A key in AWS KMS: it wraps 32 random bytes per vault, bound to the vault by the encryption context.</summary>
internal sealed class KmsKey(IAmazonKeyManagementService kms, string? keyId) : MasterKey
{
    internal override Task<(byte[] Key, KeyOrigin Origin)> NewAsync(Guid vaultId, CancellationToken cancellationToken) => AskAsync(async () =>
    {
        var answer = await kms.GenerateDataKeyAsync(new GenerateDataKeyRequest
        {
            KeyId = keyId ?? throw new VaultException(FailureKind.Operator, "No KMS key was named.", "Name the id, ARN or alias of a symmetric key."),
            KeySpec = DataKeySpec.AES_256, EncryptionContext = Context(vaultId),
        }, cancellationToken);
        return (answer.Plaintext.ToArray(), (KeyOrigin)new KeyOrigin.Kms(answer.KeyId, answer.CiphertextBlob.ToArray()));
    });

    internal override Task<byte[]> OpenAsync(KeyOrigin origin, Guid vaultId, CancellationToken cancellationToken) => AskAsync(async () =>
    {
        if (origin is not KeyOrigin.Kms wrapped) throw OtherKind(origin, "a KMS key");
        var answer = await kms.DecryptAsync(new DecryptRequest
        {
            KeyId = wrapped.KeyArn, CiphertextBlob = new MemoryStream(wrapped.Wrapped), EncryptionContext = Context(vaultId),
        }, cancellationToken);
        return answer.Plaintext.ToArray();
    });

    private protected override void Forget() => kms.Dispose();

    private static Dictionary<string, string> Context(Guid vaultId) => new(StringComparer.Ordinal) { ["appliance-vault"] = vaultId.ToString("D") };

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception refused) when (refused is InvalidCiphertextException or IncorrectKeyException)
        {
            throw VaultException.Damaged(VaultNames.VaultFile, "KMS cannot open the wrapped master key: the file was changed, or the key is another one", refused);
        }
        catch (AmazonServiceException refused)
        {
            throw new VaultException(FailureKind.Operator, $"KMS refuses the vault's key: {refused.ErrorCode} {refused.Message}",
                "Allow kms:Decrypt (and kms:GenerateDataKey for new vaults) on the key for this machine's role, and see that the key is enabled.", VaultNames.VaultFile, refused);
        }
        catch (Exception failure) when (failure is AmazonClientException or HttpRequestException)
        {
            throw new VaultException(FailureKind.Transient, $"KMS could not be reached: {failure.Message}", "Check the network, the region and the credentials.", VaultNames.VaultFile, failure);
        }
    }
}
