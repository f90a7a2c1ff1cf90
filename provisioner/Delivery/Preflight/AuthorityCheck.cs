using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Preflight;

/// <summary>The ACME authority: its directory is there, offers what the stack wants, and its clock agrees with ours.</summary>
internal static class AuthorityCheck
{
    /// <summary>What a directory says. Failure is null when it could be read.</summary>
    public sealed record Directory(string? Failure, DateTimeOffset? Date, bool WantsExternalAccount, ImmutableArray<string>? Profiles, ImmutableArray<string> CaaIdentities);

    public static async Task<ImmutableArray<Finding>> LookAsync(StackSettings settings, HttpClient http, TimeProvider time, CancellationToken cancellationToken)
    {
        if (settings.Certificate is not AcmeCertificate acme) return [];
        var what = $"authority {acme.Directory.Host}";
        var directory = await DirectoryAsync(acme, http, cancellationToken);
        if (directory.Failure is { } failure)
        {
            return [Finding.Unknown(what, failure, settings.Network.Mode == NetworkMode.Vpn
                ? "The machine itself orders the certificate: see that it reaches the authority from its network."
                : "Look at acmeDirectory (and acmeRoot for a private authority), and at this machine's way there.")];
        }
        var findings = ImmutableArray.CreateBuilder<Finding>();
        if (directory.WantsExternalAccount && acme.ExternalAccount is null)
            findings.Add(Finding.Error(what, "it wants an external account binding.", "Set acmeEabKeyId and, as a secret, acmeEabKey to what the authority gave you."));
        if (acme.Profile is { } profile && directory.Profiles is { } profiles && !profiles.Contains(profile))
            findings.Add(Finding.Error(what, $"it offers no profile {profile}.", profiles.IsEmpty ? "Remove acmeProfile." : $"Set acmeProfile to one of {string.Join(", ", profiles)}."));
        if (findings.Count == 0) findings.Add(Finding.Fine(what, "its directory answers."));
        if (directory.Date is { } theirs) findings.Add(Clock(theirs, time.GetUtcNow()));
        return findings.ToImmutable();
    }

    public static async Task<Directory> DirectoryAsync(AcmeCertificate acme, HttpClient http, CancellationToken cancellationToken)
    {
        static Directory Failed(string why) => new(why, null, false, null, []);
        try
        {
            using var answer = await http.GetAsync(acme.Directory, cancellationToken);
            if (!answer.IsSuccessStatusCode) return Failed(string.Create(CultureInfo.InvariantCulture, $"its directory answers {(int)answer.StatusCode}."));
            using var document = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellationToken));
            var root = document.RootElement;
            foreach (var needed in new[] { "newNonce", "newAccount", "newOrder" })
                if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(needed, out _)) return Failed($"what stands at {acme.Directory} is no ACME directory: it names no {needed}.");
            var meta = root.TryGetProperty("meta", out var m) && m.ValueKind == JsonValueKind.Object ? m : default;
            bool Has(string name, JsonValueKind kind, out JsonElement value) { value = default; return meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty(name, out value) && value.ValueKind == kind; }
            return new Directory(null, answer.Headers.Date, Has("externalAccountRequired", JsonValueKind.True, out _),
                Has("profiles", JsonValueKind.Object, out var profiles) ? [.. profiles.EnumerateObject().Select(p => p.Name)] : null,
                Has("caaIdentities", JsonValueKind.Array, out var names) ? [.. names.EnumerateArray().Select(n => n.ToString())] : []);
        }
        catch (Exception failed) when (failed is HttpRequestException or JsonException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return Failed($"its directory could not be read: {failed.GetBaseException().Message.TrimEnd('.')}.");
        }
    }

    /// <summary>Orders and sign-in by OAuth fail when clocks differ by minutes.</summary>
    private static Finding Clock(DateTimeOffset theirs, DateTimeOffset ours)
    {
        var apart = (theirs - ours).Duration();
        var shown = string.Create(CultureInfo.InvariantCulture, $"{apart.TotalSeconds:0} s");
        return apart < TimeSpan.FromSeconds(60) ? Finding.Fine("clock", $"within {shown} of the authority's.")
            : apart < TimeSpan.FromHours(1) ? Finding.Warning("clock", $"this machine's clock and the authority's differ by {shown}.", "Set this machine's clock (chrony, timedatectl set-ntp true).")
            : Finding.Error("clock", $"this machine's clock and the authority's differ by {shown}: dates of certificates would be judged wrongly.", "Set this machine's clock (chrony, timedatectl set-ntp true).");
    }
}
