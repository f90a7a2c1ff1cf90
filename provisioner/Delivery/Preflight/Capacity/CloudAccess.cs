namespace Provisioner.Delivery.Preflight.Capacity;

/// <summary>The way to a cloud's own API: credentials that stand in the environment, as every tool of that cloud takes them, and nothing else.</summary>
/// <param name="Environment">A variable, or null.</param>
/// <param name="Handler">Carries the requests; made anew for each run.</param>
public sealed record CloudAccess(Func<string, string?> Environment, Func<HttpMessageHandler> Handler)
{
    public static CloudAccess OfThisProcess { get; } = new(System.Environment.GetEnvironmentVariable, () => new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5) });

    /// <summary>The first of these variables that says something.</summary>
    public string? Variable(params string[] names) => names.Select(Environment).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value));
}

/// <summary>Something was not looked at; why, and how to look or to make it be looked at.</summary>
internal sealed class NotLookedException(string why, string remedy) : Exception(why)
{
    public string Remedy { get; } = remedy;
}
