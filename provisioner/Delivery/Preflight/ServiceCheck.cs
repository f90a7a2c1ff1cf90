using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Preflight;

/// <summary>What the machine will talk to: the registry, the issuer for sign-in, an own S3 service. Seen from here, so trouble is rarely more than a warning.</summary>
internal static class ServiceCheck
{
    public static async Task<ImmutableArray<Finding>> LookAsync(StackSettings settings, HttpClient http, CancellationToken cancellationToken)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        if (settings.Release is { Source: ImageSource.Registry, Registry: { } registry }) findings.Add(await RegistryAsync(registry.Split('/')[0], http, cancellationToken));
        if (settings.Release is { Source: ImageSource.Archive, ArchiveFolder: { } folder })
            findings.Add(Directory.Exists(folder) ? Finding.Fine("images", $"{folder} is there.") : Finding.Error("images", $"the folder {folder} is not there.", "Unpack the release there, or correct imageArchive."));
        if (settings.Identity is { } identity) findings.Add(await IssuerAsync(identity.Issuer, http, cancellationToken));
        if (settings.Storage.S3?.Endpoint is { } endpoint) findings.Add(await EndpointAsync(endpoint, http, cancellationToken));
        return findings.ToImmutable();
    }

    private static async Task<Finding> RegistryAsync(string host, HttpClient http, CancellationToken cancellationToken)
    {
        var what = $"registry {host}";
        var (status, _, failure) = await GetAsync(new Uri($"https://{host}/v2/"), http, cancellationToken);
        return failure is not null ? Finding.Unknown(what, failure, "The machine fetches the images: see that it reaches the registry. Machines without a way out take images: archive.")
            : status is 200 or 401 ? Finding.Fine(what, "it answers.")
            : Finding.Warning(what, string.Create(CultureInfo.InvariantCulture, $"it answers {status}, as no registry does."), "Look at imageRegistry.");
    }

    private static async Task<Finding> IssuerAsync(Uri issuer, HttpClient http, CancellationToken cancellationToken)
    {
        var what = $"issuer {issuer.Host}";
        var address = new Uri(issuer.AbsoluteUri.TrimEnd('/') + "/.well-known/openid-configuration");
        var (status, body, failure) = await GetAsync(address, http, cancellationToken);
        if (failure is not null) return Finding.Unknown(what, failure, "See that the machine reaches it; nobody could sign in.");
        if (status != 200) return Finding.Error(what, string.Create(CultureInfo.InvariantCulture, $"{address} answers {status}."), "Correct identityIssuer: it is the address before /.well-known/openid-configuration.");
        try
        {
            using var document = JsonDocument.Parse(body);
            var said = document.RootElement.TryGetProperty("issuer", out var text) ? text.ToString() : "";
            return said.TrimEnd('/') == issuer.AbsoluteUri.TrimEnd('/') ? Finding.Fine(what, "it answers.") : Finding.Error(what, $"it calls itself {said}.", "Set identityIssuer to exactly that.");
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return Finding.Error(what, "it answers with something that is no OpenID configuration.", "Correct identityIssuer.");
        }
    }

    private static async Task<Finding> EndpointAsync(Uri endpoint, HttpClient http, CancellationToken cancellationToken)
    {
        var (_, _, failure) = await GetAsync(endpoint, http, cancellationToken);
        return failure is null ? Finding.Fine($"storage {endpoint.Host}", "it answers.") : Finding.Unknown($"storage {endpoint.Host}", failure, "See that the machine reaches it.");
    }

    private static async Task<(int Status, byte[] Body, string? Failure)> GetAsync(Uri address, HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await http.GetAsync(address, cancellationToken);
            return ((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancellationToken), null);
        }
        catch (Exception failed) when (failed is HttpRequestException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return (0, [], $"it did not answer from here: {failed.GetBaseException().Message.TrimEnd('.')}.");
        }
    }
}
