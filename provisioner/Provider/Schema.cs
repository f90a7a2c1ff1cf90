using System.Text.Json.Nodes;

namespace Provisioner.Provider;

/// <summary>The package schema, for tools that ask (docs/provider.md says the same in words).</summary>
internal static class Schema
{
    private static readonly (string Name, string Type, string Description)[] Inputs =
    [
        ("stack", "string", "Name of the stack."),
        ("host", "#/types/appliance:index:Host", "Where the host is."),
        ("settings", "map", "The stack's clear settings, keys without their namespace."),
        ("secrets", "map", "Its secret ones."),
        ("hostKeyFingerprint", "string", "SHA256:… of the host's SSH key; another one is refused."),
    ];

    private static readonly (string Name, string Type, string Description)[] CertificateOutputs =
    [
        ("names", "list", "Names in the certificate."), ("issuer", "string", "Who signed it."), ("serial", "string", "Serial number, hexadecimal."), ("notAfter", "string", "End of its life, RFC 3339, UTC."),
        ("source", "string", "paid or acme."), ("files", "map", "With acme: path → digest and mode of the agent's settings."), ("placed", "boolean", "Certificate and key stand on the host as they were placed."), ("hostKeyFingerprint", "string", "The host's SSH key as first met."),
    ];

    private static readonly (string Name, string Type, string Description)[] InstallationOutputs =
    [
        ("version", "string", "Version of Backup & Archive that the host runs."), ("devopsVersion", "string", "Version of DevOps; absent where there is none."), ("files", "map", "Path → digest and mode as they stand."),
        ("images", "map", "Running services and their images."), ("commands", "map", "Commands and the digest of their last success."), ("hostKeyFingerprint", "string", "The host's SSH key as first met."),
    ];

    public static string Text(string version) => new JsonObject
    {
        ["name"] = "appliance",
        ["version"] = version,
        ["description"] = "Certificate and products of the appliance on a host, over SSH.",
        ["types"] = new JsonObject
        {
            ["appliance:index:Host"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = Properties([("address", "string", "Address or name."), ("port", "integer", "Port of SSH."), ("user", "string", "Login."), ("via", "string", "ssh or ssm."), ("target", "string", "With ssm: the instance."), ("region", "string", "Its region."), ("bucket", "string", "The bucket, where there is one.")]),
                ["required"] = new JsonArray("address", "port", "user", "via"),
            },
        },
        ["provider"] = new JsonObject { ["description"] = "Has no settings of its own." },
        ["resources"] = new JsonObject
        {
            ["appliance:index:Certificate"] = Resource("The certificate on the host.", CertificateOutputs, ["names", "issuer", "serial", "notAfter", "hostKeyFingerprint"]),
            ["appliance:index:Installation"] = Resource("The products on the host.", InstallationOutputs, ["version", "hostKeyFingerprint"]),
        },
    }.ToJsonString();

    private static JsonObject Resource(string description, (string, string, string)[] outputs, string[] required) => new()
    {
        ["description"] = description,
        ["inputProperties"] = Properties(Inputs),
        ["requiredInputs"] = new JsonArray("stack", "host", "settings"),
        ["properties"] = Properties(outputs),
        ["required"] = new JsonArray([.. required.Select(r => (JsonNode)r)]),
    };

    private static JsonObject Properties(IEnumerable<(string Name, string Type, string Description)> rows) => new(rows.Select(r =>
    {
        var property = r.Type switch
        {
            "map" => new JsonObject { ["type"] = "object", ["additionalProperties"] = new JsonObject { ["type"] = "string" } },
            "list" => new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
            ['#', ..] => new JsonObject { ["$ref"] = r.Type },
            _ => new JsonObject { ["type"] = r.Type },
        };
        property["description"] = r.Description;
        if (r.Name == "secrets") property["secret"] = true;
        return KeyValuePair.Create<string, JsonNode?>(r.Name, property);
    }));
}
