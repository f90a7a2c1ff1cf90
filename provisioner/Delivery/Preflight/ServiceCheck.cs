using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Provisioner.Delivery.Releases;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Preflight;

/// <summary>What the machine will talk to: the registry, the issuer for sign-in, an own S3 service. Seen from here, so trouble is rarely more than a warning.</summary>
internal static class ServiceCheck
{
    public static async Task<ImmutableArray<Finding>> LookAsync(StackSettings settings, HttpClient http, CancellationToken cancellationToken)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        if (settings.Release is { Source: ImageSource.Registry, Registry: { } registry }) findings.AddRange(await RegistryAsync(settings.Release, new RegistryClient(http, registry, settings.Release.RegistryUser, settings.Release.RegistryPassword), cancellationToken));
        else findings.AddRange(await CarriedImages.LookAsync(settings.Release, cancellationToken));
        if (settings.Release.Manifest is { Signature: not null } && !settings.Release.ManifestIsChecked) findings.Add(Finding.Warning("release manifest", "it is signed, and no key is set to hold it against.", "Set releaseKey to the public key of whoever signs the releases."));
        if (settings.Identity is { } identity) findings.Add(await IssuerAsync(identity.Issuer, http, cancellationToken));
        if (settings.Storage.S3?.Endpoint is { } endpoint) findings.Add(await EndpointAsync(endpoint, http, cancellationToken));
        return findings.ToImmutable();
    }

    /// <summary>The sign-in first, then every image: what fails here would fail half-way through a deployment.</summary>
    private static async Task<ImmutableArray<Finding>> RegistryAsync(ReleaseSettings release, RegistryClient registry, CancellationToken cancellationToken)
    {
        var what = $"registry {registry.Host}";
        var greeting = await registry.GreetAsync(cancellationToken);
        if (greeting.Status == 0) return [Finding.Unknown(what, greeting.Failure, "The machine fetches the images: see that it reaches the registry. Machines without a way out take images: archive.")];
        if (greeting.IsRefusal && release.RegistryUser is { } user) return [Finding.Error(what, $"it refuses the sign-in of {user}.", "Correct imageRegistryUser, or set the password anew: pulumi config set --secret imageRegistryPassword.")];
        if (greeting.Status != 200 && !greeting.IsRefusal) return [Finding.Warning(what, string.Create(CultureInfo.InvariantCulture, $"it answers {greeting.Status}, as no registry does."), "Look at imageRegistry.")];
        var findings = ImmutableArray.CreateBuilder<Finding>();
        findings.Add(Finding.Fine(what, "it answers."));
        if (release.Manifest is not { } manifest) return [.. findings, Finding.Warning("images", "they are named by tag, and a tag can be moved.", "Set releaseManifest, and what runs is what was released to the last byte.")];
        foreach (var image in manifest.Images.Values.DistinctBy(i => (i.Name, i.Digest)))
        {
            var answer = await registry.HasAsync(image.Name, image.Digest!, cancellationToken);
            findings.Add(answer.Status switch
            {
                200 => Finding.Fine($"image {image.Name}", $"the registry has {image.Digest}."),
                404 => Finding.Error($"image {image.Name}", $"the registry has no {release.Registry}/{image.Name}@{image.Digest}.", "Push the release there, or correct imageRegistry or releaseManifest."),
                401 or 403 when release.RegistryUser is null => Finding.Error($"image {image.Name}", "the registry gives it to nobody without a sign-in.", "Set imageRegistryUser and imageRegistryPassword."),
                401 or 403 => Finding.Error($"image {image.Name}", $"the registry does not give it to {release.RegistryUser}.", "Let that user read the repository, or correct imageRegistryUser."),
                0 => Finding.Unknown($"image {image.Name}", answer.Failure, "See that the machine reaches the registry."),
                _ => Finding.Warning($"image {image.Name}", string.Create(CultureInfo.InvariantCulture, $"the registry answers {answer.Status}."), "Ask whoever keeps the registry."),
            });
        }
        return findings.ToImmutable();
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
