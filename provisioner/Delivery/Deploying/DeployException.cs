namespace Provisioner.Delivery.Deploying;

/// <summary>A deployment was refused or broke off. The host is as its journal says; running it again goes on from there.</summary>
/// <param name="message">What happened, and where.</param>
/// <param name="remedy">What the operator should do.</param>
public sealed class DeployException(string message, string remedy, Exception? cause = null) : Exception(message, cause)
{
    public string Remedy { get; } = remedy;

    /// <summary>The host was not changed by this attempt.</summary>
    public bool Untouched { get; init; }
}
