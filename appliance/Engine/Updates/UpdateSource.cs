using System.Security.Cryptography;

namespace Appliance.Engine.Updates;

/// <summary>
/// Where releases are announced, and by whose key. Asked by a plain GET that names neither the appliance nor its version; what comes is taken only when the key has signed it.
/// </summary>
public sealed class UpdateSource(Uri url, ECDsa key, HttpClient http, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Never null where <see cref="Mistake"/> finds none.</summary>
    public static ECDsa? ReadKey(string? base64)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(base64 ?? ""), out _);
            if (key.ExportParameters(includePrivateParameters: false).Curve.Oid is { Value: "1.2.840.10045.3.1.7" } or { FriendlyName: "nistP256" or "ECDSA_P256" }) return key;
        }
        catch (Exception broken) when (broken is CryptographicException or FormatException)
        {
            // told as a mistake of the settings
        }
        key.Dispose();
        return null;
    }

    /// <summary>What is wrong with Updates:Url and Updates:Key; null: nothing, or there is neither.</summary>
    public static string? Mistake(string? url, string? key)
    {
        if (string.IsNullOrEmpty(url)) return null;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || !(address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)) || address.UserInfo.Length > 0)
            return "Updates:Url is no https:// address without a user in it";
        if (string.IsNullOrEmpty(key)) return "Updates:Key is missing, without which anybody on the way could announce releases";
        using var read = ReadKey(key);
        return read is null ? "Updates:Key is no public key on P-256 in base64 (openssl pkey -pubin -in key.pem -outform der | base64 -w0)" : null;
    }

    /// <exception cref="EngineException">Nothing came, or nothing that may be believed.</exception>
    public async Task<AnnouncedRelease> AskAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var answer = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, either.Token);
            if (!answer.IsSuccessStatusCode) throw new EngineException($"{url.Host} answers {(int)answer.StatusCode}.", "Look whether Updates:Url still is where releases are announced.");
            await using var body = await answer.Content.ReadAsStreamAsync(either.Token);
            var text = new byte[AnnouncedRelease.LongestText + 1];
            var length = await body.ReadAtLeastAsync(text, text.Length, throwOnEndOfStream: false, either.Token);
            if (length == text.Length) throw new EngineException($"What {url.Host} sends is longer than 128 KiB, and so no manifest.", "Look whether Updates:Url still is where releases are announced.");
            return AnnouncedRelease.Read(text.AsMemory(0, length), key);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or InvalidDataException or InvalidOperationException || (failure is OperationCanceledException && limit.IsCancellationRequested))
        {
            throw new EngineException($"{url.Host} cannot be reached, does not answer within {Limit.TotalSeconds:0} seconds, or breaks off.", "Let the worker out to it over https, or leave Updates:Url empty: the appliance works without.", failure);
        }
    }
}
