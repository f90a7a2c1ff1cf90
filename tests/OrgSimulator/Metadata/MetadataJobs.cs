using System.Collections.Concurrent;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Metadata;

/// <summary>One retrieve or deployment on its way; done when as many status checks went by as the org is slow.</summary>
public sealed class MetadataJob(string id, uint created, int checks, Action work)
{
    private readonly Lock _lock = new();
    private int _checks = checks;
    private byte[]? _zip;

    public string Id { get; } = id;
    public uint Created { get; } = created;
    public bool Done { get; private set; }
    public bool Canceled { get; private set; }
    public Retrieved? Retrieved { get; set; }

    /// <summary>The zip leaves the server with the first answer that carries it.</summary>
    public byte[]? TakeZip() => Interlocked.Exchange(ref _zip, null);
    public Deployment? Deployment { get; set; }
    public DeployOptions Options { get; init; } = new();
    public DeployException? Refusal { get; set; }

    public string DeployStatus => Canceled ? "Canceled" : !Done ? "InProgress" : Refusal is not null ? "Failed"
        : Deployment!.Errors == 0 ? "Succeeded" : Options.RollbackOnError || Options.CheckOnly || Deployment.Messages.All(message => !message.Success || message.FullName == "package.xml") ? "Failed" : "SucceededPartial";

    /// <summary>One look at the job; the last one carries it out.</summary>
    public void Check()
    {
        lock (_lock)
        {
            if (Done || _checks-- > 0) return;
            work();
            _zip = Retrieved is { Failure: null } found ? found.Zip : null;
            Done = true;
        }
    }

    public bool Cancel()
    {
        lock (_lock)
        {
            if (Done) return false;
            return Done = Canceled = true;
        }
    }
}

/// <summary>Retrieves and deployments by their Ids; results live a day.</summary>
public sealed class MetadataJobs(OrgMetadata metadata, SimulatorOptions options)
{
    private readonly ConcurrentDictionary<string, MetadataJob> _jobs = new(StringComparer.Ordinal);
    private long _number;

    public OrgStore Store => metadata.Store;

    public MetadataJob Retrieve(PackageXml package, string root)
    {
        MetadataJob? job = null;
        job = new MetadataJob(NewId("09S"), Store.Now, options.InProgressPolls, () => job!.Retrieved = new Retrieval(metadata, options).Run(package, root));
        return Keep(job);
    }

    public MetadataJob Deploy(byte[] zip, DeployOptions how)
    {
        MetadataJob? job = null;
        job = new MetadataJob(NewId("0Af"), Store.Now, options.InProgressPolls, () =>
        {
            try
            {
                var deployment = new Deployment(metadata, DeployPackage.Read(zip), how);
                deployment.Run();
                job!.Deployment = deployment;
            }
            catch (DeployException refusal)
            {
                job!.Refusal = refusal;
            }
        }) { Options = how };
        Keep(job);
        if (options.InProgressPolls == 0) job.Check();      // nobody need ask for a deployment to happen
        return job;
    }

    public MetadataJob? Find(string id) => SalesforceId.Complete(id) is { } whole && _jobs.TryGetValue(whole, out var job) && Store.Now - job.Created < 86_400 ? job : null;

    private MetadataJob Keep(MetadataJob job) => _jobs[job.Id] = job;

    private string NewId(string prefix) => SalesforceId.Compose(prefix, Store.Instance, Store.FirstNumber + Interlocked.Increment(ref _number));
}
