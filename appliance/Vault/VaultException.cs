namespace Appliance.Vault;

/// <summary>Who can cure a failure: time, nobody, or the operator.</summary>
public enum FailureKind { Transient, Permanent, Operator }

/// <summary>
/// A failure of the vault, classed where it is understood. The message is the cause in plain words, <see cref="Remedy"/> what to do.
/// </summary>
public sealed class VaultException(FailureKind kind, string message, string remedy, string? blobName = null, Exception? cause = null)
    : Exception(message, cause)
{
    public FailureKind Kind { get; } = kind;

    /// <summary>What the operator should do, one sentence.</summary>
    public string Remedy { get; } = remedy;

    /// <summary>The stored file the failure is about, if it is about one.</summary>
    public string? BlobName { get; } = blobName;

    /// <summary>The disk has no room left: the same call succeeds when there is some.</summary>
    public bool DiskFull { get; init; }

    internal const string DamageRemedy =
        "Copy this file back from another copy of the vault; without one, take a new full backup, which no longer needs it.";

    internal static VaultException Damaged(string blobName, string what, Exception? cause = null) =>
        new(FailureKind.Permanent, $"{blobName}: {what}", DamageRemedy, blobName, cause);

    internal static VaultException Missing(string blobName) => Damaged(blobName, "the file is missing");

    internal static VaultException KeyNeeded(string blobName) =>
        new(FailureKind.Operator, $"{blobName}: the vault is encrypted and no key was given", "Give the file of the vault's master key.", blobName);
}
