namespace Pulumi.Gcp.Monitoring;

[GcpResourceType("gcp:monitoring/notificationChannel:NotificationChannel")]
public sealed class NotificationChannel(string name, NotificationChannelArgs args, CustomResourceOptions? options = null)
    : CustomResource("gcp:monitoring/notificationChannel:NotificationChannel", name, args, Package.Options(options));

public sealed class NotificationChannelArgs : ResourceArgs
{
    [Input("type", required: true)] public Input<string> Type { get; set; } = null!;
    [Input("displayName")] public Input<string>? DisplayName { get; set; }
    [Input("labels")] private InputMap<string>? _labels; public InputMap<string> Labels { get => _labels ??= new(); set => _labels = value; }
}

[GcpResourceType("gcp:monitoring/alertPolicy:AlertPolicy")]
public sealed class AlertPolicy(string name, AlertPolicyArgs args, CustomResourceOptions? options = null)
    : CustomResource("gcp:monitoring/alertPolicy:AlertPolicy", name, args, Package.Options(options));

public sealed class AlertPolicyArgs : ResourceArgs
{
    [Input("displayName", required: true)] public Input<string> DisplayName { get; set; } = null!;
    [Input("combiner", required: true)] public Input<string> Combiner { get; set; } = null!;
    [Input("conditions", required: true)] private InputList<Inputs.AlertPolicyConditionArgs>? _conditions; public InputList<Inputs.AlertPolicyConditionArgs> Conditions { get => _conditions ??= new(); set => _conditions = value; }
    [Input("notificationChannels")] private InputList<string>? _notificationChannels; public InputList<string> NotificationChannels { get => _notificationChannels ??= new(); set => _notificationChannels = value; }
}
