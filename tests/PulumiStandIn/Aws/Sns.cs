namespace Pulumi.Aws.Sns;

[AwsResourceType("aws:sns/topic:Topic")]
public sealed class Topic(string name, TopicArgs? args = null, CustomResourceOptions? options = null)
    : CustomResource("aws:sns/topic:Topic", name, args ?? new(), Package.Options(options))
{
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
}

public sealed class TopicArgs : ResourceArgs
{
    [Input("kmsMasterKeyId")] public Input<string>? KmsMasterKeyId { get; set; }
}

[AwsResourceType("aws:sns/topicSubscription:TopicSubscription")]
public sealed class TopicSubscription(string name, TopicSubscriptionArgs args, CustomResourceOptions? options = null)
    : CustomResource("aws:sns/topicSubscription:TopicSubscription", name, args, Package.Options(options))
{
    [Output("arn")] public Output<string> Arn { get; private set; } = null!;
}

public sealed class TopicSubscriptionArgs : ResourceArgs
{
    [Input("topic", required: true)] public Input<string> Topic { get; set; } = null!;
    [Input("protocol", required: true)] public Input<string> Protocol { get; set; } = null!;
    [Input("endpoint", required: true)] public Input<string> Endpoint { get; set; } = null!;
}
