using Pulumi;
using Pulumi.Gcp.Monitoring;
using Pulumi.Gcp.Monitoring.Inputs;

namespace Provisioner.Cloud.Gcp;

/// <summary>Google moves and restarts machines by itself; people are told when one falls silent.</summary>
internal sealed class GcpWatch
{
    public GcpWatch(Site site, GcpMachine machine)
    {
        var emails = site.Settings.Alerts.Emails;
        if (emails.IsEmpty) return;
        var channels = new InputList<string>();
        foreach (var email in emails)
            channels.Add(new NotificationChannel(site.Named($"alarms-{email}"), new NotificationChannelArgs
            {
                Type = "email", DisplayName = $"{site.Name}: {email}", Labels = { { "email_address", email } },
            }, site.Part()).Id);
        _ = new AlertPolicy(site.Named("silent"), new AlertPolicyArgs
        {
            DisplayName = $"{site.Name}: the machine is silent",
            Combiner = "OR",
            Conditions =
            {
                new AlertPolicyConditionArgs
                {
                    DisplayName = "No uptime reported for five minutes",
                    ConditionAbsent = new AlertPolicyConditionConditionAbsentArgs
                    {
                        Filter = machine.Machine.InstanceId.Apply(id =>
                            $"metric.type=\"compute.googleapis.com/instance/uptime\" AND resource.type=\"gce_instance\" AND resource.labels.instance_id=\"{id}\""),
                        Duration = "300s",
                        Aggregations =
                        {
                            new AlertPolicyConditionConditionAbsentAggregationArgs { AlignmentPeriod = "60s", PerSeriesAligner = "ALIGN_RATE" },
                        },
                    },
                },
            },
            NotificationChannels = channels,
        }, site.Part());
    }
}
