using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Provisioner.Certificates.Clouds;

/// <summary>
/// The address at which a cloud tells its machine who it is: AWS by IMDSv2 (session token first), Azure's managed identity, Google's service account. Nothing of it is kept: each of them
/// is asked once in weeks.
/// </summary>
/// <param name="address">The same on all three.</param>
/// <param name="http">Goes through no proxy: the address is this machine's own.</param>
internal sealed class MetadataService(HttpClient http, Uri address)
{
    public static readonly Uri Usual = new("http://169.254.169.254");

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Credentials of the machine's role, for some hours.</summary>
    /// <exception cref="CertificateException">It is out of reach, or the machine has no role.</exception>
    public async Task<AwsCredentials> AwsRoleAsync(CancellationToken cancellationToken)
    {
        const string roles = "/latest/meta-data/iam/security-credentials/";
        var session = await AskAsync(HttpMethod.Put, "/latest/api/token", ("X-aws-ec2-metadata-token-ttl-seconds", "300"), cancellationToken);
        var token = ("X-aws-ec2-metadata-token", session.Need("a session token", "Let the instance's metadata options have HttpEndpoint enabled: `pulumi up`."));
        const string remedy = "Give the instance its role (an instance profile): `pulumi up` of a stack with acmeChallenge: dns-01 does.";
        var name = (await AskAsync(HttpMethod.Get, roles, token, cancellationToken)).Need("a role", remedy).Split('\n')[0].Trim();
        var role = Json((await AskAsync(HttpMethod.Get, roles + Uri.EscapeDataString(name), token, cancellationToken)).Need("the role's credentials", remedy));
        return Text(role, "Code") is null or "Success" && Text(role, "AccessKeyId") is { } id && Text(role, "SecretAccessKey") is { } secret
            ? new AwsCredentials(id, secret, Text(role, "Token"))
            : throw new CertificateException(FailureKind.Operator, $"The machine's role {name} gives no credentials ({Text(role, "Code") ?? "they are not whole"}).", remedy);
    }

    /// <summary>A token of the machine's managed identity.</summary>
    /// <param name="resource">For whom, such as https://management.azure.com/.</param>
    public async Task<string> AzureTokenAsync(string resource, CancellationToken cancellationToken) =>
        TokenOf(await AskAsync(HttpMethod.Get, $"/metadata/identity/oauth2/token?api-version=2018-02-01&resource={Uri.EscapeDataString(resource)}", ("Metadata", "true"), cancellationToken),
            "Give the machine its managed identity (system-assigned): `pulumi up` of a stack with acmeChallenge: dns-01 does.");

    /// <summary>The subscription that the machine is in.</summary>
    public async Task<string> AzureSubscriptionAsync(CancellationToken cancellationToken) =>
        (await AskAsync(HttpMethod.Get, "/metadata/instance/compute/subscriptionId?api-version=2021-02-01&format=text", ("Metadata", "true"), cancellationToken)).Need("the subscription", "Set account to the subscription's id.").Trim();

    /// <summary>A token of the machine's service account.</summary>
    public async Task<string> GoogleTokenAsync(CancellationToken cancellationToken) =>
        TokenOf(await AskAsync(HttpMethod.Get, "/computeMetadata/v1/instance/service-accounts/default/token", ("Metadata-Flavor", "Google"), cancellationToken),
            "Give the machine its service account with the scope cloud-platform: `pulumi up` of a stack with acmeChallenge: dns-01 does.");

    private static string TokenOf(Told answer, string remedy) => Text(Json(answer.Need("a token", remedy)), "access_token") ?? throw new CertificateException(FailureKind.Operator, "The metadata service gave a token that is none.", remedy);

    private async Task<Told> AskAsync(HttpMethod method, string path, (string Name, string Value) header, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(address, path)) { Headers = { { header.Name, header.Value } } };
            using var response = await http.SendAsync(request, patience.Token);
            return new Told(response.StatusCode, await response.Content.ReadAsStringAsync(patience.Token));
        }
        catch (Exception silent) when (silent is HttpRequestException or IOException || (silent is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CertificateException(FailureKind.Operator, $"The cloud's metadata service, {address.Host}, is out of reach: {silent.GetBaseException().Message.TrimEnd('.')}.",
                "dns-01 with a cloud's own DNS works on a machine of that cloud only. There, look whether the metadata service is on, whether its answers may go two hops (AWS: HttpPutResponseHopLimit 2, for the container), "
                + "and whether /usr/local/sbin/appliance-metadata-rule lets the service `certificates` through.", silent);
        }
    }

    private static JsonElement Json(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string? Text(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private readonly record struct Told(HttpStatusCode Status, string Body)
    {
        /// <summary>Of what was refused only the status is told.</summary>
        public string Need(string what, string remedy) => Status == HttpStatusCode.OK && Body.Length > 0 ? Body
            : throw new CertificateException((int)Status >= 500 || Status == HttpStatusCode.TooManyRequests ? FailureKind.Transient : FailureKind.Operator, string.Create(CultureInfo.InvariantCulture, $"The cloud's metadata service gives this machine no more than {(int)Status} when asked for {what}."), remedy);
    }
}
