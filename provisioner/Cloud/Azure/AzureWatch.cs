using Pulumi;
using Pulumi.Azure.Monitoring;
using Pulumi.Azure.Monitoring.Inputs;

namespace Provisioner.Cloud.Azure;

/// <summary>Azure moves a machine off broken hardware by itself; people are told when it does not answer.</summary>
internal sealed class AzureWatch
{
    public AzureWatch(Site site, AzureGroups groups, AzureMachine machine)
    {
        var settings = site.Settings;
        if (settings.Alerts.Emails.IsEmpty) return;
        var receivers = new InputList<ActionGroupEmailReceiverArgs>();
        foreach (var email in settings.Alerts.Emails) receivers.Add(new ActionGroupEmailReceiverArgs { Name = email, EmailAddress = email });
        var people = new ActionGroup(site.Named("alarms"), new ActionGroupArgs
        {
            ResourceGroupName = groups.Machine.Name, ShortName = "appliance", EmailReceivers = receivers, Tags = StandardTags.All(settings),
        }, site.Part());
        _ = new MetricAlert(site.Named("unavailable"), new MetricAlertArgs
        {
            ResourceGroupName = groups.Machine.Name,
            Scopes = { machine.Machine.Id },
            Description = "Azure says that the machine is not available.",
            Severity = 1,
            Frequency = "PT1M",
            WindowSize = "PT5M",
            Criterias =
            {
                new MetricAlertCriteriaArgs
                {
                    MetricNamespace = "Microsoft.Compute/virtualMachines", MetricName = "VmAvailabilityMetric",
                    Aggregation = "Average", Operator = "LessThan", Threshold = 1,
                },
            },
            Actions = { new MetricAlertActionArgs { ActionGroupId = people.Id } },
            Tags = StandardTags.All(settings),
        }, site.Part());
    }
}
