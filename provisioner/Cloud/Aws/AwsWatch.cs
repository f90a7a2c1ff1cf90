using Pulumi;
using Pulumi.Aws.CloudWatch;
using Pulumi.Aws.Sns;

namespace Provisioner.Cloud.Aws;

/// <summary>AWS's own eyes on the machine: it is moved off broken hardware, restarted when it hangs, and people are told.</summary>
internal sealed class AwsWatch
{
    public AwsWatch(Site site, AwsMachine machine, AwsKey key)
    {
        var settings = site.Settings;
        var partition = AwsPolicy.Partition(settings.Machine.Region);
        Output<string>? people = null;
        if (!settings.Alerts.Emails.IsEmpty)
        {
            var topic = new Topic(site.Named("alarms"), new TopicArgs { KmsMasterKeyId = Optional.Of(key.AlarmKey) }, site.Part());
            foreach (var email in settings.Alerts.Emails)
                _ = new TopicSubscription(site.Named($"alarms-{email}"), new TopicSubscriptionArgs { Topic = topic.Arn, Protocol = "email", Endpoint = email }, site.Part());
            people = topic.Arn;
        }
        Alarm("broken-hardware", "StatusCheckFailed_System", 2, $"arn:{partition}:automate:{settings.Machine.Region}:ec2:recover", "AWS moves the machine to sound hardware.");
        Alarm("hangs", "StatusCheckFailed_Instance", 10, $"arn:{partition}:automate:{settings.Machine.Region}:ec2:reboot", "AWS restarts the machine.");
        Alarm("disk-out-of-reach", "StatusCheckFailed_AttachedEBS", 5, null, "A volume does not answer; backups stop until it does.");

        void Alarm(string what, string metric, int minutes, string? action, string description)
        {
            var arguments = new MetricAlarmArgs
            {
                Name = site.Named(what),
                AlarmDescription = description,
                Namespace = "AWS/EC2",
                MetricName = metric,
                Dimensions = { { "InstanceId", machine.Instance.Id } },
                Statistic = "Maximum",
                ComparisonOperator = "GreaterThanOrEqualToThreshold",
                Threshold = 1,
                Period = 60,
                EvaluationPeriods = minutes,
                TreatMissingData = "missing",
            };
            if (action is not null) arguments.AlarmActions.Add(action);
            if (people is not null)
            {
                arguments.AlarmActions.Add(people);
                arguments.OkActions.Add(people);
            }
            _ = new MetricAlarm(site.Named(what), arguments, site.Part());
        }
    }
}
