using System.Text.Json;
using Appliance.Catalog;

namespace Appliance.Server.Jobs;

/// <summary>Queues what people ask for, writes it into the audit log and wakes the workers. The API and the pages both come here.</summary>
public sealed class JobStarter(Catalog.Jobs jobs, AuditLog audit, JobWake wake)
{
    /// <param name="kind">full or incremental; an incremental without an earlier snapshot becomes a full.</param>
    public async Task<Guid> BackUpAsync(Guid orgId, string kind, string user, CancellationToken cancellationToken)
    {
        var id = await jobs.EnqueueAsync(orgId, JobKind.Backup, JsonSerializer.Serialize(new { kind }), user, cancellationToken);
        await audit.AppendAsync(user, $"{kind} backup", $"org {orgId}", $"job {id}", cancellationToken);
        wake.Signal();
        return id;
    }

    public async Task<bool> AbortAsync(Guid jobId, string user, CancellationToken cancellationToken)
    {
        var asked = await jobs.AskAbortAsync(jobId, cancellationToken);
        if (asked) await audit.AppendAsync(user, "abort", $"job {jobId}", null, cancellationToken);
        return asked;
    }
}

internal static class JobRegistration
{
    public static void AddJobs(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<JobWake>();
        builder.Services.AddSingleton<JobFeed>();
        builder.Services.AddSingleton<JobStarter>();
        builder.Services.AddSingleton<RunJob>(_ => (_, _) => Task.CompletedTask);
        builder.Services.AddHostedService<JobHost>();
        // A running job stops at its next durable step; half a minute is ample for that.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));
    }
}
