namespace Pulumi.Aws.Dlm;

[AwsResourceType("aws:dlm/lifecyclePolicy:LifecyclePolicy")]
public sealed class LifecyclePolicy(string name, LifecyclePolicyArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:dlm/lifecyclePolicy:LifecyclePolicy", name, args, Package.Options(options))
{
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
}

public sealed class LifecyclePolicyArgs : ResourceArgs
{
    [Input("description", required: true)] public Input<string> Description { get; set; } = null!;
    [Input("executionRoleArn", required: true)] public Input<string> ExecutionRoleArn { get; set; } = null!;
    [Input("state")] public Input<string>? State { get; set; }
    [Input("policyDetails", required: true)] public Input<Inputs.LifecyclePolicyPolicyDetailsArgs> PolicyDetails { get; set; } = null!;
}
