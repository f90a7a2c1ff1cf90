namespace Pulumi.Aws.Dlm.Inputs;

public sealed class LifecyclePolicyPolicyDetailsArgs : ResourceArgs
{
    [Input("resourceTypes")] private InputList<string>? _resourceTypes; public InputList<string> ResourceTypes { get => _resourceTypes ??= new(); set => _resourceTypes = value; }
    [Input("targetTags")] private InputMap<string>? _targetTags; public InputMap<string> TargetTags { get => _targetTags ??= new(); set => _targetTags = value; }
    [Input("schedules")] private InputList<LifecyclePolicyPolicyDetailsScheduleArgs>? _schedules; public InputList<LifecyclePolicyPolicyDetailsScheduleArgs> Schedules { get => _schedules ??= new(); set => _schedules = value; }
}

public sealed class LifecyclePolicyPolicyDetailsScheduleArgs : ResourceArgs
{
    [Input("name", required: true)] public Input<string> Name { get; set; } = null!;
    [Input("createRule", required: true)] public Input<LifecyclePolicyPolicyDetailsScheduleCreateRuleArgs> CreateRule { get; set; } = null!;
    [Input("retainRule", required: true)] public Input<LifecyclePolicyPolicyDetailsScheduleRetainRuleArgs> RetainRule { get; set; } = null!;
    [Input("copyTags")] public Input<bool>? CopyTags { get; set; }
}

public sealed class LifecyclePolicyPolicyDetailsScheduleCreateRuleArgs : ResourceArgs
{
    [Input("interval")] public Input<int>? Interval { get; set; }
    [Input("intervalUnit")] public Input<string>? IntervalUnit { get; set; }
    [Input("times")] public Input<string>? Times { get; set; }
}

public sealed class LifecyclePolicyPolicyDetailsScheduleRetainRuleArgs : ResourceArgs
{
    [Input("count")] public Input<int>? Count { get; set; }
}
