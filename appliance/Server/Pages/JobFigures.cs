using System.Text.Json;
using Appliance.Catalog;
using Appliance.Salesforce;

namespace Appliance.Server.Pages;

/// <summary>The engine's progress document of a job, as the pages show it.</summary>
public sealed record JobFigures(string Phase, long ObjectsDone, long ObjectsTotal, long RecordsDone, long? RecordsTotal, long BytesRead, long BytesStored, long ApiCalls = 0, QuotaUse? Rest = null, QuotaUse? BulkQueries = null)
{
    private static readonly JobFigures None = new("waiting", 0, 0, 0, null, 0, 0);

    public static JobFigures Of(JobRow job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return string.IsNullOrEmpty(job.Progress) ? None : JsonSerializer.Deserialize<JobFigures>(job.Progress, JsonSerializerOptions.Web) ?? None;
    }
}

/// <summary>Records per second, smoothed over the last samples, from figures that only grow within a phase.</summary>
public sealed class JobRate(TimeProvider time)
{
    private const int Samples = 12;
    private readonly Queue<(long At, long Records, string Phase)> _seen = new();

    /// <summary>Null until there is something to compare.</summary>
    public double? Add(JobFigures figures)
    {
        ArgumentNullException.ThrowIfNull(figures);
        if (_seen.Count > 0 && (_seen.Last().Phase != figures.Phase || _seen.Last().Records > figures.RecordsDone)) _seen.Clear();
        _seen.Enqueue((time.GetTimestamp(), figures.RecordsDone, figures.Phase));
        if (_seen.Count > Samples) _seen.Dequeue();
        var (first, last) = (_seen.Peek(), _seen.Last());
        var seconds = time.GetElapsedTime(first.At, last.At).TotalSeconds;
        return seconds < 0.2 ? null : (last.Records - first.Records) / seconds;
    }
}
