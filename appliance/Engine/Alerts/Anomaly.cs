using System.Collections.Immutable;

namespace Appliance.Engine.Alerts;

/// <summary>What one run saw of one object.</summary>
/// <param name="Held">Live records before it.</param>
public sealed record ObjectActivity(long Deletes, long Changes, long Held);

/// <summary>What one run saw, by object.</summary>
/// <param name="Hours">Since the run before.</param>
public sealed record RunActivity(double Hours, IReadOnlyDictionary<string, ObjectActivity> Objects);

/// <param name="Usual">The median of the runs before, for as many hours as this one; null when there are too few.</param>
public sealed record UnusualObject(string Name, long Count, double? Usual, double Limit);

/// <summary>
/// Compares a run with the org's own past, object by object. Median and median deviation are used because one wild night among twenty must not
/// make the next one look usual. Runs are made alike by the hours that they cover.
/// </summary>
public static class Anomaly
{
    // Of a normal distribution the median deviation is this part of the standard deviation.
    private const double Sigma = 1.4826;
    private const double LeastSpread = 0.1, LostShare = 0.5;
    private const double ShortestHours = 0.25;

    /// <param name="past">Newest first.</param>
    public static (ImmutableArray<UnusualObject> Deletes, ImmutableArray<UnusualObject> Changes) Of(RunActivity now, IReadOnlyList<RunActivity> past, AnomalyRule rule)
    {
        ArgumentNullException.ThrowIfNull(now);
        ArgumentNullException.ThrowIfNull(rule);
        if (!rule.On) return ([], []);
        return (Unusual(now, past, rule.Factor, rule.MinimumDeletes, o => o.Deletes, losses: true), Unusual(now, past, rule.Factor, rule.MinimumChanges, o => o.Changes, losses: false));
    }

    private static ImmutableArray<UnusualObject> Unusual(
        RunActivity now, IReadOnlyList<RunActivity> past, double factor, long minimum, Func<ObjectActivity, long> of, bool losses)
    {
        var found = ImmutableArray.CreateBuilder<UnusualObject>();
        foreach (var (name, activity) in now.Objects)
        {
            var count = of(activity);
            if (count < minimum) continue;
            double? usual = null;
            var limit = losses ? activity.Held * LostShare : double.PositiveInfinity;
            if (past.Count >= AnomalyRule.FewestRuns)
            {
                var series = past.Take(AnomalyRule.Runs)
                    .Select(p => (p.Objects.TryGetValue(name, out var then) ? of(then) : 0) * Math.Max(now.Hours, ShortestHours) / Math.Max(p.Hours, ShortestHours)).ToArray();
                usual = Median(series);
                var spread = Sigma * Median([.. series.Select(x => Math.Abs(x - usual.Value))]);
                limit = Math.Max(minimum, usual.Value + factor * Math.Max(spread, Math.Max(LeastSpread * usual.Value, 1)));
            }
            if (count >= limit && count > (usual ?? 0)) found.Add(new UnusualObject(name, count, usual, limit));
        }
        return [.. found.OrderByDescending(f => f.Count / Math.Max(1, f.Usual ?? 0)).ThenBy(f => f.Name, StringComparer.Ordinal)];
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
