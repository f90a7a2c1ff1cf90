namespace Pulumi.Azure.Authorization;

[AzureResourceType("azure:authorization/assignment:Assignment")]
public sealed class Assignment(string name, AssignmentArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:authorization/assignment:Assignment", name, args, Package.Options(options));

public sealed class AssignmentArgs : ResourceArgs
{
    [Input("scope", required: true)] public Input<string> Scope { get; set; } = null!;
    [Input("roleDefinitionName")] public Input<string>? RoleDefinitionName { get; set; }
    [Input("principalId", required: true)] public Input<string> PrincipalId { get; set; } = null!;
}
