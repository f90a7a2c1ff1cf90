using System.Net.Http;

namespace Appliance.Salesforce;

/// <summary>Failures below HTTP: no answer came, or it broke off. Says which part of the way is broken.</summary>
internal static class Unreachable
{
    public static SalesforceException From(Exception failure, string what, string host, bool creating)
    {
        var error = failure is HttpRequestException request ? request.HttpRequestError : HttpRequestError.Unknown;
        var certificate = failure is HttpRequestException && Chain(failure).Any(e => e is System.Security.Authentication.AuthenticationException);
        return (error, certificate) switch
        {
            (_, true) or (HttpRequestError.SecureConnectionError, _) => new(FailureKind.Operator,
                $"{what} failed: the TLS connection to {host} was refused: {failure.GetBaseException().Message}",
                "Check the system's clock and trusted certificates, and whether a proxy intercepts TLS.", inner: failure) { NeverSent = true },
            (HttpRequestError.NameResolutionError, _) => new(FailureKind.Transient,
                $"{what} failed: the name {host} cannot be resolved.",
                "Check the name server of this machine and the org's My Domain name.", inner: failure) { NeverSent = true },
            (HttpRequestError.ConnectionError, _) => new(FailureKind.Transient,
                $"{what} failed: {host} does not accept a connection: {failure.GetBaseException().Message}.",
                "Check the network, the firewall and the proxy between this machine and Salesforce.", inner: failure) { NeverSent = true },
            (HttpRequestError.ProxyTunnelError, _) => new(FailureKind.Operator,
                $"{what} failed: the proxy refuses the way to {host}.", "Allow the host in the proxy.", inner: failure) { NeverSent = true },
            _ => new(FailureKind.Transient,
                failure is OperationCanceledException or TimeoutException
                    ? $"{what} failed: {host} did not answer in time."
                    : $"{what} failed: the connection to {host} broke off.",
                "Nothing to do: it is tried again. If it keeps failing, check the network between this machine and Salesforce.", inner: failure)
            {
                OutcomeUnknown = creating,
            },
        };
    }

    /// <summary>Everything a broken connection may throw; a truncated gzip body is an <see cref="InvalidDataException"/>.</summary>
    public static bool Is(Exception failure) =>
        failure is HttpRequestException or IOException or InvalidDataException or TimeoutException or OperationCanceledException;

    private static IEnumerable<Exception> Chain(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
            yield return failure;
    }
}
