using System.Net;
using Provisioner.Delivery.Settings;

namespace Provisioner.Cloud;

/// <summary>A port that is open, for whom, and why. What is not here is shut.</summary>
internal sealed record Door(string Name, int Port, IReadOnlyList<IPNetwork> From, string Why);

internal static class Doors
{
    private static readonly IPNetwork[] Everyone = [IPNetwork.Parse("0.0.0.0/0"), IPNetwork.Parse("::/0")];

    public static IReadOnlyList<Door> Of(StackSettings settings)
    {
        List<Door> doors = [new("https", 443, settings.Network.AllowedCidrs, "Web pages and API")];
        // The CA's checkers come from addresses that it does not tell, so this one cannot be narrowed. It answers challenges and redirects, nothing else.
        if (settings is { Certificate: AcmeCertificate { Challenge: AcmeChallenge.Http01 }, Network.Mode: NetworkMode.Public })
            doors.Add(new("http", 80, Everyone, "Certificate challenges and the redirect to https"));
        if (settings.Access is { Via: DeployVia.Ssh, DeployerCidr: { } deployer })
            doors.Add(new("ssh", settings.Access.Port, [deployer], "Deployments, from the deployer's address only"));
        return doors;
    }

    /// <summary>In letters that a resource's name may have.</summary>
    public static string NameOf(IPNetwork network) => $"{network}" switch
    {
        "0.0.0.0/0" => "all-v4",
        "::/0" => "all-v6",
        var text => text.Replace("::", "-0", StringComparison.Ordinal).Replace('.', '-').Replace(':', '-').Replace('/', '-'),
    };
}
