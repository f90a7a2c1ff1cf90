namespace Pulumi.Gcp.Projects;

[GcpResourceType("gcp:projects/iAMMember:IAMMember")]
public sealed class IAMMember(string name, IAMMemberArgs args, CustomResourceOptions? options = null)
    : CustomResource("gcp:projects/iAMMember:IAMMember", name, args, Package.Options(options));

public sealed class IAMMemberArgs : ResourceArgs
{
    [Input("project", required: true)] public Input<string> Project { get; set; } = null!;
    [Input("role", required: true)] public Input<string> Role { get; set; } = null!;
    [Input("member", required: true)] public Input<string> Member { get; set; } = null!;
}
