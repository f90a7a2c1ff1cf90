using System.Text.Json;
using Appliance.Catalog;
using Appliance.Engine.Jobs;
using Appliance.Engine.Restores;
using Appliance.Engine.Updates;

namespace Appliance.Server.Jobs;

/// <summary>Queues what people ask for, writes it into the audit log and wakes the workers. The API and the pages both come here.</summary>
public sealed class JobStarter(Catalog.Jobs jobs, AuditLog audit, JobWake wake)
{
    /// <param name="kind">One of <see cref="BackupParameters.Kinds"/>; an incremental or composite without an earlier snapshot becomes a full.</param>
    public Task<Guid> BackUpAsync(Guid orgId, string kind, string user, CancellationToken cancellationToken) => BackUpAsync(orgId, kind, user, sync: false, [], cancellationToken);

    /// <param name="sync">All Ids are compared.</param>
    /// <param name="formulas">Formula fields are read again.</param>
    /// <param name="metadata">Whether metadata is read; null as the kind has it.</param>
    public async Task<Guid> BackUpAsync(Guid orgId, string kind, string user, bool sync, IReadOnlyCollection<Guid> templateIds, CancellationToken cancellationToken, bool formulas = false, bool? metadata = null)
    {
        var id = await jobs.EnqueueAsync(orgId, JobKind.Backup, JsonSerializer.Serialize(new { kind, sync, templateIds, formulas, metadata }), user, cancellationToken);
        await audit.AppendAsync(user, $"{kind} backup", $"org {orgId}", $"job {id}", cancellationToken);
        wake.Signal();
        return id;
    }

    /// <summary>A safety backup, then the plan. Nothing is written to Salesforce.</summary>
    public async Task<Guid> PlanRestoreAsync(Guid orgId, RestoreScope scope, string user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        var id = await jobs.EnqueueAsync(orgId, JobKind.RestorePlan, JsonSerializer.Serialize(scope, JsonSerializerOptions.Web), user, cancellationToken);
        var what = scope is { Objects.IsEmpty: true, Records.IsEmpty: true } ? "everything" : $"{scope.Objects.Length} objects, {scope.Records.Length} records";
        await audit.AppendAsync(user, "restore planned", $"org {orgId}", $"{what} of snapshot {scope.SnapshotId}, job {id}", cancellationToken);
        wake.Signal();
        return id;
    }

    /// <summary>Removes what the org's policy lets go.</summary>
    public async Task<Guid> PruneAsync(Guid orgId, string user, CancellationToken cancellationToken)
    {
        var id = await jobs.EnqueueAsync(orgId, JobKind.Prune, "{}", user, cancellationToken);
        await audit.AppendAsync(user, "removal of old snapshots", $"org {orgId}", $"job {id}", cancellationToken);
        wake.Signal();
        return id;
    }

    /// <summary>Reads the vault again from where the sweep stands to its end, checking every byte.</summary>
    public async Task<Guid> VerifyAsync(Guid orgId, string user, CancellationToken cancellationToken)
    {
        var id = await jobs.EnqueueAsync(orgId, JobKind.Verify, JsonSerializer.Serialize(new VerifyParameters(Whole: true), JsonSerializerOptions.Web), user, cancellationToken);
        await audit.AppendAsync(user, "verification", $"org {orgId}", $"job {id}", cancellationToken);
        wake.Signal();
        return id;
    }

    /// <summary>Carries the plan out, once: every further call answers the same job.</summary>
    public async Task<Guid> RunPlanAsync(RestorePlan plan, string user, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var parameters = JsonSerializer.Serialize(new RestoreParameters(plan.Id), JsonSerializerOptions.Web);
        var id = await jobs.EnqueueOnceAsync(plan.OrgId, JobKind.Restore, parameters, user, OnceKey(plan.Id), cancellationToken);
        await audit.AppendAsync(user, "restore started", $"org {plan.OrgId}", $"plan {plan.Id}, job {id}", cancellationToken);
        wake.Signal();
        return id;
    }

    /// <summary>The job that carries this plan out; null while nobody asked for it.</summary>
    public Task<Guid?> FindRunAsync(Guid planId, CancellationToken cancellationToken) => jobs.FindOnceAsync(OnceKey(planId), cancellationToken);

    private static string OnceKey(Guid planId) => $"restore/{planId:N}";

    /// <summary>False when the job has ended.</summary>
    public async Task<bool> PauseAsync(Guid jobId, string user, CancellationToken cancellationToken)
    {
        var asked = await jobs.AskPauseAsync(jobId, user, cancellationToken);
        if (asked) await audit.AppendAsync(user, "pause", $"job {jobId}", null, cancellationToken);
        return asked;
    }

    /// <summary>False when the job is neither paused nor asked to pause.</summary>
    public async Task<bool> ResumeAsync(Guid jobId, string user, CancellationToken cancellationToken)
    {
        var resumed = await jobs.ResumeAsync(jobId, cancellationToken);
        if (resumed) await audit.AppendAsync(user, "resume", $"job {jobId}", null, cancellationToken);
        if (resumed) wake.Signal();
        return resumed;
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
    public static void AddJobs(this WebApplicationBuilder builder, ServerSettings settings)
    {
        builder.Services.AddSingleton<JobWake>();
        builder.Services.AddSingleton<JobFeed>();
        builder.Services.AddSingleton<JobStarter>();
        builder.Services.AddSingleton<RunJob>(services => services.GetRequiredService<JobRunner>().RunAsync);
        builder.Services.AddSingleton<ScheduleClock>();
        builder.Services.AddSingleton<SweepClock>();
        builder.Services.AddSingleton<SelfBackupClock>();
        // A running job stops at its next durable step; half a minute is ample for that.
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(30));
        if (settings.Role is ServerRole.Web) return;            // another process works off the queue
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<JobHost>(services, settings.JobLease));
        builder.Services.AddHostedService(services => services.GetRequiredService<ScheduleClock>());
        builder.Services.AddHostedService(services => services.GetRequiredService<SweepClock>());
        builder.Services.AddHostedService(services => services.GetRequiredService<SelfBackupClock>());
        if (settings.UpdatesUrl is not { } announced) return;   // nobody is asked unless somebody wants it
        builder.Services.AddSingleton(services => new UpdateSource(new Uri(announced), UpdateSource.ReadKey(settings.UpdatesKey)!, services.GetRequiredService<HttpClient>(), services.GetRequiredService<TimeProvider>()));
        builder.Services.AddHostedService<UpdateClock>();
    }
}
