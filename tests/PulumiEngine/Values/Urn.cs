namespace PulumiEngine.Values;

/// <summary>urn:pulumi:STACK::PROJECT::PARENTTYPE$TYPE::NAME. The types of all component parents are joined by $; the stack's own type is left out.</summary>
public static class Urn
{
    public const string StackType = "pulumi:pulumi:Stack";

    public static string Of(string stack, string project, string parent, string type, string name)
    {
        var above = parent.Length == 0 || TypeOf(parent) == StackType ? "" : QualifiedTypeOf(parent) + "$";
        return $"urn:pulumi:{stack}::{project}::{above}{type}::{name}";
    }

    public static string QualifiedTypeOf(string urn) => urn.Split("::", 4)[2];

    public static string TypeOf(string urn) => QualifiedTypeOf(urn).Split('$')[^1];

    public static string NameOf(string urn) => urn.Split("::", 4)[3];

    public static string StackOf(string urn) => urn.Split("::", 4)[0]["urn:pulumi:".Length..];

    public static string ProjectOf(string urn) => urn.Split("::", 4)[1];

    /// <summary>The package that a type or function token belongs to: the part before the first colon, and for providers the last.</summary>
    public static string PackageOf(string token) => token.StartsWith("pulumi:providers:", StringComparison.Ordinal) ? token["pulumi:providers:".Length..] : token.Split(':')[0];
}
