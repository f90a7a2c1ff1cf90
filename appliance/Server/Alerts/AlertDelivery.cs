using Appliance.Catalog;

namespace Appliance.Server.Alerts;

/// <summary>Sends what waits, and tries again what did not arrive. At least once: a process that dies between sending and noting sends again.</summary>
public sealed class AlertDelivery(Catalog.Alerts alerts, AlertChannels channels, Orgs orgs, AlertSender sender, AlertOptions options, TimeProvider time, ILogger<AlertDelivery> log) : BackgroundService
{
    /// <summary>Sends all that is due now; returns how many attempts that were.</summary>
    public async Task<int> SendDueAsync(CancellationToken cancellationToken)
    {
        for (var attempts = 0; ; attempts++)
        {
            if (await alerts.TakeDueAsync(options.AnswerWithin * 4, cancellationToken) is not { } delivery) return attempts;
            var sent = await SendAsync(delivery, cancellationToken);
            TimeSpan? again = sent.Again && delivery.Attempts <= options.Retries.Count ? options.Retries[delivery.Attempts - 1] : null;
            if (!sent.Delivered) log.AlertNotDelivered(delivery.AlertId, delivery.Channel, delivery.Attempts, sent.Answer);
            await alerts.NoteAsync(delivery, sent.Delivered, sent.Answer, again, cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.LookEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                try
                {
                    await SendDueAsync(stoppingToken);
                }
                catch (Exception e) when (e is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    log.AlertsNotLooked(e);
                }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the process ends
        }
    }

    private async Task<Sent> SendAsync(AlertDeliveryRow delivery, CancellationToken cancellationToken)
    {
        if (await channels.FindAsync(delivery.ChannelId, cancellationToken) is not { } channel) return new Sent(false, "the channel was removed", Again: false);
        if (await alerts.FindAsync(delivery.AlertId, cancellationToken) is not { } alert) return new Sent(false, "the alert is gone", Again: false);
        var org = alert.OrgId is { } id ? await orgs.FindAsync(id, cancellationToken) : null;
        return await sender.SendAsync(alert, org?.Name, channel, delivery.Id, cancellationToken);
    }
}

internal static class AlertRegistration
{
    public static void AddAlerts(this WebApplicationBuilder builder, ServerSettings settings)
    {
        var options = new AlertOptions();
        builder.Configuration.GetSection("Alerts").Bind(options);
        builder.Services.AddSingleton(options with { CertificateFile = settings.CertificateFile });
        builder.Services.AddSingleton<AlertSender>();
        builder.Services.AddSingleton<Api.AlertChanges>();
        builder.Services.AddSingleton<AlertWatch>();
        builder.Services.AddSingleton<AlertDelivery>();
        if (settings.Role is ServerRole.Web) return;            // the worker watches and sends, once
        builder.Services.AddHostedService(services => services.GetRequiredService<AlertWatch>());
        builder.Services.AddHostedService(services => services.GetRequiredService<AlertDelivery>());
    }
}
