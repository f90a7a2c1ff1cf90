namespace Pulumi.Gcp.Monitoring.Inputs;

public sealed class AlertPolicyConditionArgs : ResourceArgs
{
    [Input("displayName", required: true)] public Input<string> DisplayName { get; set; } = null!;
    [Input("conditionAbsent")] public Input<AlertPolicyConditionConditionAbsentArgs>? ConditionAbsent { get; set; }
}

public sealed class AlertPolicyConditionConditionAbsentArgs : ResourceArgs
{
    [Input("filter")] public Input<string>? Filter { get; set; }
    [Input("duration", required: true)] public Input<string> Duration { get; set; } = null!;
    [Input("aggregations")] private InputList<AlertPolicyConditionConditionAbsentAggregationArgs>? _aggregations; public InputList<AlertPolicyConditionConditionAbsentAggregationArgs> Aggregations { get => _aggregations ??= new(); set => _aggregations = value; }
}

public sealed class AlertPolicyConditionConditionAbsentAggregationArgs : ResourceArgs
{
    [Input("alignmentPeriod")] public Input<string>? AlignmentPeriod { get; set; }
    [Input("perSeriesAligner")] public Input<string>? PerSeriesAligner { get; set; }
}
