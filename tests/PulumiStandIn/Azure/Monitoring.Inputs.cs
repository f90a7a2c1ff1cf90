namespace Pulumi.Azure.Monitoring.Inputs;

public sealed class ActionGroupEmailReceiverArgs : ResourceArgs
{
    [Input("name", required: true)] public Input<string> Name { get; set; } = null!;
    [Input("emailAddress", required: true)] public Input<string> EmailAddress { get; set; } = null!;
}

public sealed class MetricAlertCriteriaArgs : ResourceArgs
{
    [Input("metricNamespace", required: true)] public Input<string> MetricNamespace { get; set; } = null!;
    [Input("metricName", required: true)] public Input<string> MetricName { get; set; } = null!;
    [Input("aggregation", required: true)] public Input<string> Aggregation { get; set; } = null!;
    [Input("operator", required: true)] public Input<string> Operator { get; set; } = null!;
    [Input("threshold", required: true)] public Input<double> Threshold { get; set; } = null!;
}

public sealed class MetricAlertActionArgs : ResourceArgs
{
    [Input("actionGroupId", required: true)] public Input<string> ActionGroupId { get; set; } = null!;
}
