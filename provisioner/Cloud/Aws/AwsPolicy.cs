using System.Text.Json;
using System.Text.Json.Nodes;

namespace Provisioner.Cloud.Aws;

/// <summary>IAM's policy documents as text. Pure, so that they may be made inside <c>Apply</c>.</summary>
internal static class AwsPolicy
{
    public static string Document(params JsonObject?[] statements) => new JsonObject
    {
        ["Version"] = "2012-10-17",
        ["Statement"] = new JsonArray([.. statements.Where(s => s is not null)]),
    }.ToJsonString(JsonSerializerOptions.Web);

    public static JsonObject Allow(string[] actions, params string[] resources) =>
        new() { ["Effect"] = "Allow", ["Action"] = List(actions), ["Resource"] = List(resources) };

    public static JsonObject Deny(string[] actions, params string[] resources) =>
        new() { ["Effect"] = "Deny", ["Action"] = List(actions), ["Resource"] = List(resources) };

    public static JsonObject For(this JsonObject statement, string kind, string principal)
    {
        statement["Principal"] = principal == "*" ? "*" : new JsonObject { [kind] = principal };
        return statement;
    }

    public static JsonObject When(this JsonObject statement, string test, string key, params string[] values)
    {
        statement["Condition"] = new JsonObject { [test] = new JsonObject { [key] = List(values) } };
        return statement;
    }

    /// <summary>Who may take a role: a service of AWS.</summary>
    public static string TakenBy(string service) => Document(new JsonObject
    {
        ["Effect"] = "Allow", ["Action"] = "sts:AssumeRole", ["Principal"] = new JsonObject { ["Service"] = service },
    });

    /// <summary>"aws", but for the US government's cloud. The settings take no region of China.</summary>
    public static string Partition(string region) => region.StartsWith("us-gov-", StringComparison.Ordinal) ? "aws-us-gov" : "aws";

    private static JsonNode List(string[] texts) =>
        texts.Length == 1 ? JsonValue.Create(texts[0]) : new JsonArray([.. texts.Select(t => (JsonNode)t)]);
}
