namespace Pulumi.Aws.Iam;

[AwsResourceType("aws:iam/role:Role")]
public sealed class Role(string name, RoleArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:iam/role:Role", name, args, Package.Options(options))
{
    [Output("name")] public Output<string> Name { get; private set; } = null!;
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
}

public sealed class RoleArgs : ResourceArgs
{
    [Input("assumeRolePolicy", required: true)] public InputUnion<string, Inputs.PolicyDocumentArgs> AssumeRolePolicy { get; set; } = null!;
    [Input("description")] public Input<string>? Description { get; set; }
}

[AwsResourceType("aws:iam/rolePolicy:RolePolicy")]
public sealed class RolePolicy(string name, RolePolicyArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:iam/rolePolicy:RolePolicy", name, args, Package.Options(options))
{
    [Output("name")] public Output<string> Name { get; private set; } = null!;
}

public sealed class RolePolicyArgs : ResourceArgs
{
    [Input("role", required: true)] public Input<string> Role { get; set; } = null!;
    [Input("policy", required: true)] public InputUnion<string, Inputs.PolicyDocumentArgs> Policy { get; set; } = null!;
}

[AwsResourceType("aws:iam/policy:Policy")]
public sealed class Policy(string name, PolicyArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:iam/policy:Policy", name, args, Package.Options(options))
{
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
}

public sealed class PolicyArgs : ResourceArgs
{
    [Input("description")] public Input<string>? Description { get; set; }
}

[AwsResourceType("aws:iam/rolePolicyAttachment:RolePolicyAttachment")]
public sealed class RolePolicyAttachment(string name, RolePolicyAttachmentArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", name, args, Package.Options(options));

public sealed class RolePolicyAttachmentArgs : ResourceArgs
{
    [Input("role", required: true)] public Input<string> Role { get; set; } = null!;
    [Input("policyArn", required: true)] public Input<string> PolicyArn { get; set; } = null!;
}

[AwsResourceType("aws:iam/instanceProfile:InstanceProfile")]
public sealed class InstanceProfile(string name, InstanceProfileArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("aws:iam/instanceProfile:InstanceProfile", name, args ?? new(), Package.Options(options))
{
    [Output("name")] public Output<string> Name { get; private set; } = null!;
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
}

public sealed class InstanceProfileArgs : ResourceArgs
{
    [Input("role")] public Input<string>? Role { get; set; }
}
