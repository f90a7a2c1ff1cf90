namespace Pulumi.Aws.Iam.Inputs;

/// <summary>A policy as an object. Its statements are left out: the program gives policies as text.</summary>
public sealed class PolicyDocumentArgs : ResourceArgs
{
    [Input("Id")] public Input<string>? Id { get; set; }
    [Input("Version", required: true)] public Input<string> Version { get; set; } = null!;
}
