namespace Appliance.Vault;

/// <summary>How a vault's master key is come by, as vault.json tells (FORMAT.md §2). Nothing in it is secret.</summary>
internal abstract record KeyOrigin(string Described)
{
    public sealed record File() : KeyOrigin("a key file");

    public sealed record Passphrase(byte[] Salt, int Iterations) : KeyOrigin("a passphrase");

    public sealed record Kms(string KeyArn, byte[] Wrapped) : KeyOrigin($"the KMS key {KeyArn}");
}
