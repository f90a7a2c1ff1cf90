using System.Text.Json;
using Appliance.Salesforce;

namespace Appliance.Engine.Jobs;

/// <summary>What a person sees of a running job. Written by many readers at once, read by one reporter; counters only grow.</summary>
public sealed class JobProgress
{
    private long _objectsDone, _recordsDone, _recordsTotal, _bytesStored, _deletesSeen, _files, _fileBytes, _fileBytesStored;
    private int _objectsTotal;
    private Func<long> _bytesRead = () => 0;
    private volatile string _phase = "starting";
    private Org? _org;
    private long _callsBefore;

    public string Phase { get => _phase; set => _phase = value; }
    public int ObjectsTotal { get => _objectsTotal; set => _objectsTotal = value; }
    public long RecordsDone => Interlocked.Read(ref _recordsDone);
    public long DeletesSeen => Interlocked.Read(ref _deletesSeen);
    public long Files => Interlocked.Read(ref _files);
    public long BytesRead => _bytesRead();
    public long BytesStored => Interlocked.Read(ref _bytesStored);

    /// <summary>API calls that the run needed before it read its first record: what a resumed one needs again.</summary>
    public long CallsToBegin { get; set; }

    public void CountBytesBy(Func<long> bytesRead) => _bytesRead = bytesRead;

    /// <summary>Tells API calls from here on, and how much of the org's quotas is used.</summary>
    public void WatchQuota(Org org)
    {
        ArgumentNullException.ThrowIfNull(org);
        (_org, _callsBefore) = (org, org.Usage.Calls);
    }

    public long ApiCalls => _org is { } org ? org.Usage.Calls - _callsBefore : 0;
    public void ObjectDone() => Interlocked.Increment(ref _objectsDone);
    public void Expect(long records) => Interlocked.Add(ref _recordsTotal, records);
    public void Read(long records) => Interlocked.Add(ref _recordsDone, records);
    public void Stored(long bytes) => Interlocked.Add(ref _bytesStored, bytes);
    public void SawDeletes(long records) => Interlocked.Add(ref _deletesSeen, records);
    public long FileBytes => Interlocked.Read(ref _fileBytes);
    public long FileBytesStored => Interlocked.Read(ref _fileBytesStored);

    public void FileStored(long bytes, long bytesStored)
    {
        Interlocked.Increment(ref _files);
        Interlocked.Add(ref _fileBytes, bytes);
        Interlocked.Add(ref _fileBytesStored, bytesStored);
        Stored(bytesStored);
    }

    /// <summary>A new stage with its own counts (a restore plans, then inserts, then updates).</summary>
    public void Begin(string phase, long records)
    {
        _phase = phase;
        Interlocked.Exchange(ref _recordsDone, 0);
        Interlocked.Exchange(ref _recordsTotal, records);
    }

    /// <summary>The <c>progress</c> member of the job document (API.md).</summary>
    public string ToJson() => JsonSerializer.Serialize(new
    {
        phase = _phase,
        objectsDone = Interlocked.Read(ref _objectsDone),
        objectsTotal = _objectsTotal,
        recordsDone = RecordsDone,
        recordsTotal = Interlocked.Read(ref _recordsTotal),
        bytesRead = BytesRead,
        bytesStored = BytesStored,
        apiCalls = ApiCalls,
        rest = Told(_org?.Budget.Rest),
        bulkQueries = Told(_org?.Budget.BulkQueries),
    });

    private static object? Told(QuotaUse? use) => use is null ? null : new { used = use.Used, max = use.Max, allowed = use.Allowed };
}
