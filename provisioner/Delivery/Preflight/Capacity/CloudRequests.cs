using System.Globalization;
using System.Text.Json;

namespace Provisioner.Delivery.Preflight.Capacity;

/// <summary>Requests to the API of a cloud. Neither what was sent nor more than the code of a refusal is ever told: both may carry secrets.</summary>
internal sealed class CloudRequests(HttpClient http)
{
    public async Task<(int Status, byte[] Body)> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var host = request.RequestUri!.Host;
        try
        {
            using var answer = await http.SendAsync(request, cancellationToken);
            return ((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (Exception failed) when (failed is HttpRequestException || (failed is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new NotLookedException($"{host} did not answer: {failed.GetBaseException().Message.TrimEnd('.')}.", "Look at this machine's way there; the cloud's console tells the same by hand.");
        }
    }

    /// <summary>What stands at an address, with a bearer token. Null where nothing stands.</summary>
    public async Task<JsonElement?> GetAsync(Uri address, string token, string permission, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { { "Authorization", "Bearer " + token } } };
        var (status, body) = await SendAsync(request, cancellationToken);
        return status == 404 ? null : status == 200 ? Json(body) : throw Refused(address.Host, status, CodeOf(body), permission);
    }

    public static JsonElement Json(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        return document.RootElement.Clone();
    }

    public static NotLookedException Refused(string host, int status, string? code, string permission) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{host} answers {status}{(code is null ? "" : " " + code)}."), $"Give the credentials in the environment the right to read: {permission}.");

    /// <summary>The short word for a refusal, as Azure and Google give it.</summary>
    public static string? CodeOf(byte[] body)
    {
        try
        {
            var root = Json(body);
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("error", out var error)) return null;
            var code = error.ValueKind switch
            {
                JsonValueKind.String => error.GetString(),
                JsonValueKind.Object when error.TryGetProperty("status", out var status) => status.ToString(),
                JsonValueKind.Object when error.TryGetProperty("code", out var told) => told.ToString(),
                _ => null,
            };
            return code is { Length: > 0 and < 80 } && code.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '.') ? code : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
