using Pulumi;

namespace Provisioner.Cloud;

/// <summary>An input that is left out where there is no value; Pulumi's own conversions would send the null.</summary>
internal static class Optional
{
    public static Input<string>? Of(string? text) => text is null ? null : (Input<string>)text;

    public static Input<int>? Of(int? number) => number is { } given ? (Input<int>)given : null;

    public static Input<string>? Of(Output<string>? output) => output is null ? null : (Input<string>)output;
}
