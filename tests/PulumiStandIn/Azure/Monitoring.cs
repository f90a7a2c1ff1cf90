namespace Pulumi.Azure.Monitoring;

[AzureResourceType("azure:monitoring/actionGroup:ActionGroup")]
public sealed class ActionGroup(string name, ActionGroupArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:monitoring/actionGroup:ActionGroup", name, args, Package.Options(options));

public sealed class ActionGroupArgs : ResourceArgs
{
    [Input("resourceGroupName", required: true)] public Input<string> ResourceGroupName { get; set; } = null!;
    [Input("name")] public Input<string>? Name { get; set; }
    [Input("shortName", required: true)] public Input<string> ShortName { get; set; } = null!;
    [Input("emailReceivers")] private InputList<Inputs.ActionGroupEmailReceiverArgs>? _emailReceivers; public InputList<Inputs.ActionGroupEmailReceiverArgs> EmailReceivers { get => _emailReceivers ??= new(); set => _emailReceivers = value; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}

[AzureResourceType("azure:monitoring/metricAlert:MetricAlert")]
public sealed class MetricAlert(string name, MetricAlertArgs args, CustomResourceOptions? options = null)
    : CustomResource("azure:monitoring/metricAlert:MetricAlert", name, args, Package.Options(options));

public sealed class MetricAlertArgs : ResourceArgs
{
    [Input("resourceGroupName", required: true)] public Input<string> ResourceGroupName { get; set; } = null!;
    [Input("scopes", required: true)] private InputList<string>? _scopes; public InputList<string> Scopes { get => _scopes ??= new(); set => _scopes = value; }
    [Input("criterias")] private InputList<Inputs.MetricAlertCriteriaArgs>? _criterias; public InputList<Inputs.MetricAlertCriteriaArgs> Criterias { get => _criterias ??= new(); set => _criterias = value; }
    [Input("actions")] private InputList<Inputs.MetricAlertActionArgs>? _actions; public InputList<Inputs.MetricAlertActionArgs> Actions { get => _actions ??= new(); set => _actions = value; }
    [Input("description")] public Input<string>? Description { get; set; }
    [Input("severity")] public Input<int>? Severity { get; set; }
    [Input("frequency")] public Input<string>? Frequency { get; set; }
    [Input("windowSize")] public Input<string>? WindowSize { get; set; }
    [Input("tags")] private InputMap<string>? _tags; public InputMap<string> Tags { get => _tags ??= new(); set => _tags = value; }
}
