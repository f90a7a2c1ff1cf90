namespace Pulumi.Aws.CloudWatch;

[AwsResourceType("aws:cloudwatch/metricAlarm:MetricAlarm")]
public sealed class MetricAlarm(string name, MetricAlarmArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("aws:cloudwatch/metricAlarm:MetricAlarm", name, args ?? new(), Package.Options(options))
{
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
}

public sealed class MetricAlarmArgs : ResourceArgs
{
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("comparisonOperator")] public Input<string>? ComparisonOperator { get; set; }
    [Input("evaluationPeriods")] public Input<int>? EvaluationPeriods { get; set; }
    [Input("metricName")] public Input<string>? MetricName { get; set; }
    [Input("namespace")] public Input<string>? Namespace { get; set; }
    [Input("period")] public Input<int>? Period { get; set; }
    [Input("statistic")] public Input<string>? Statistic { get; set; }
    [Input("threshold")] public Input<double>? Threshold { get; set; }
    [Input("dimensions")] private InputMap<string>? _dimensions; public InputMap<string> Dimensions { get => _dimensions ??= new(); set => _dimensions = value; }
    [Input("alarmActions")] private InputList<string>? _alarmActions; public InputList<string> AlarmActions { get => _alarmActions ??= new(); set => _alarmActions = value; }
    [Input("okActions")] private InputList<string>? _okActions; public InputList<string> OkActions { get => _okActions ??= new(); set => _okActions = value; }
    [Input("treatMissingData")] public Input<string>? TreatMissingData { get; set; }
    [Input("alarmDescription")] public Input<string>? AlarmDescription { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}
