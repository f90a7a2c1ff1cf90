using System.Collections.Immutable;
using System.Text.Json;
using Provisioner.Delivery.Settings;

namespace Provisioner.Delivery.Preflight.Capacity;

internal static class AzureCapacity
{
    private const string Management = "https://management.azure.com";
    private const int MostPages = 50;

    public static async Task<ImmutableArray<Finding>> LookAsync(StackSettings settings, MachineSize size, CloudRequests cloud, CloudAccess access, CancellationToken cancellationToken)
    {
        var region = settings.Machine.Region;
        var subscription = settings.Machine.Account ?? access.Variable("ARM_SUBSCRIPTION_ID", "AZURE_SUBSCRIPTION_ID")
            ?? throw new NotLookedException("neither account nor ARM_SUBSCRIPTION_ID names a subscription.", "Set account, or ARM_SUBSCRIPTION_ID in the environment.");
        var token = await TokenAsync(cloud, access, cancellationToken);
        string? family = null;
        var offered = await CapacityCheck.OneAsync($"size {size.Name} in {region}", async () =>
        {
            var sku = await SkuAsync(size.Name, region, subscription, token, cloud, cancellationToken);
            family = sku is { } found ? Text(found, "family") : null;
            return Offered(settings, size, sku);
        });
        var usages = await CapacityCheck.OneAsync($"vCPU quota in {region}", async () =>
        {
            var counted = await cloud.GetAsync(new Uri($"{Management}/subscriptions/{subscription}/providers/Microsoft.Compute/locations/{region}/usages?api-version=2024-07-01"), token, "Microsoft.Compute/locations/usages/read", cancellationToken);
            return Judge(settings, size, family, counted?.GetProperty("value").EnumerateArray().ToList() ?? []);
        });
        return [offered, usages];
    }

    private static Finding Offered(StackSettings settings, MachineSize size, JsonElement? found)
    {
        var what = $"size {size.Name} in {settings.Machine.Region}";
        const string remedy = "Take another size or region; or ask for it: Azure portal, Quotas, Compute, or a support request for the region.";
        if (found is not { } sku) return Finding.Error(what, $"Azure offers it nowhere in {settings.Machine.Region}.", remedy);
        var restrictions = List(sku, "restrictions");
        if (restrictions.FirstOrDefault(r => Text(r, "type") == "Location") is { ValueKind: JsonValueKind.Object } closed)
            return Finding.Error(what, $"Azure does not offer it to this subscription ({Text(closed, "reasonCode") ?? "restricted"}).", remedy);
        if (settings.Machine.AvailabilityZone is not { } zone) return Finding.Fine(what, "offered to this subscription.");
        var without = restrictions.Where(r => Text(r, "type") == "Zone").SelectMany(r => r.TryGetProperty("restrictionInfo", out var info) ? List(info, "zones") : []).Select(z => z.ToString()).ToHashSet();
        var zones = List(sku, "locationInfo").SelectMany(l => List(l, "zones")).Select(z => z.ToString()).Where(z => !without.Contains(z)).Distinct().Order(StringComparer.Ordinal).ToList();
        return zones.Contains(zone) ? Finding.Fine(what, $"offered to this subscription in zone {zone}.")
            : Finding.Error(what, $"Azure does not offer it to this subscription in zone {zone}.", zones.Count > 0 ? $"Set availabilityZone to one of {string.Join(", ", zones)}, or take another size." : remedy);
    }

    /// <summary>Two quotas hold: that of the family and that of the whole region.</summary>
    private static Finding Judge(StackSettings settings, MachineSize size, string? family, List<JsonElement> usages)
    {
        var region = settings.Machine.Region;
        var findings = new[] { family, "cores" }.OfType<string>().Select(name => usages.Find(u => u.GetProperty("name").GetProperty("value").GetString()?.Equals(name, StringComparison.OrdinalIgnoreCase) == true))
            .Where(u => u.ValueKind == JsonValueKind.Object)
            .Select(u => CapacityCheck.Quota($"vCPU quota in {region}", u.GetProperty("limit").GetDouble(), u.GetProperty("currentValue").GetDouble(), size,
                $"Ask for more of \"{Text(u.GetProperty("name"), "localizedValue")}\": Azure portal, Quotas, Compute, {region}; or take a smaller size or another family.")).ToList();
        if (findings.Count == 0) throw new NotLookedException($"Azure tells no quota of vCPU in {region}.", "Look by hand: Azure portal, Quotas, Compute.");
        return findings.Find(f => f.Severity == Severity.Error) ?? findings[0];
    }

    private static async Task<JsonElement?> SkuAsync(string name, string region, string subscription, string token, CloudRequests cloud, CancellationToken cancellationToken)
    {
        var next = $"{Management}/subscriptions/{subscription}/providers/Microsoft.Compute/skus?api-version=2021-07-01&$filter={Uri.EscapeDataString($"location eq '{region}'")}";
        for (var page = 0; page < MostPages; page++)
        {
            if (!next.StartsWith(Management + "/", StringComparison.Ordinal)) throw new InvalidOperationException("a next page at another place");      // the token goes nowhere else
            if (await cloud.GetAsync(new Uri(next), token, "Microsoft.Compute/skus/read", cancellationToken) is not { } answer) return null;
            var found = List(answer, "value").FirstOrDefault(s => Text(s, "resourceType") == "virtualMachines" && string.Equals(Text(s, "name"), name, StringComparison.OrdinalIgnoreCase));
            if (found.ValueKind == JsonValueKind.Object) return found;
            if (Text(answer, "nextLink") is not { Length: > 0 } more) return null;
            next = more;
        }
        throw new NotLookedException("Azure's list of sizes does not end.", "Look by hand: az vm list-skus.");
    }

    private static async Task<string> TokenAsync(CloudRequests cloud, CloudAccess access, CancellationToken cancellationToken)
    {
        var (tenant, client) = (access.Variable("ARM_TENANT_ID", "AZURE_TENANT_ID"), access.Variable("ARM_CLIENT_ID", "AZURE_CLIENT_ID"));
        var (secret, assertion) = (access.Variable("ARM_CLIENT_SECRET", "AZURE_CLIENT_SECRET"), access.Variable("ARM_OIDC_TOKEN"));
        if (tenant is null || client is null || (secret ?? assertion) is null)
            throw new NotLookedException("ARM_TENANT_ID, ARM_CLIENT_ID and ARM_CLIENT_SECRET (or ARM_OIDC_TOKEN) are not in the environment.",
                "Set them for a service principal, or look by hand: az vm list-usage --location REGION, and az vm list-skus --location REGION --size SIZE.");
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = client, ["scope"] = Management + "/.default" };
        if (secret is not null) form["client_secret"] = secret;
        else (form["client_assertion_type"], form["client_assertion"]) = ("urn:ietf:params:oauth:client-assertion-type:jwt-bearer", assertion!);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"https://login.microsoftonline.com/{Uri.EscapeDataString(tenant)}/oauth2/v2.0/token") { Content = new FormUrlEncodedContent(form) };
        var (status, body) = await cloud.SendAsync(request, cancellationToken);
        if (status != 200) throw CloudRequests.Refused(request.RequestUri!.Host, status, CloudRequests.CodeOf(body), "the service principal must be able to sign in");
        return Text(CloudRequests.Json(body), "access_token") ?? throw new NotLookedException("the sign-in gave no token.", "Look at the service principal.");
    }

    private static string? Text(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static List<JsonElement> List(JsonElement element, string name) => element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [];
}
