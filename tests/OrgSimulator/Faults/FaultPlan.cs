using System.Globalization;
using OrgSimulator.Generating;

namespace OrgSimulator;

/// <summary>
/// The planned faults of a run and what became of them. Whether a fault hits the n-th matching call is a function of seed, fault and n alone,
/// so the same seed and the same calls give the same trace.
/// </summary>
public sealed class FaultPlan(int seed, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly List<Entry> _entries = [];
    private readonly List<string> _trace = [];

    private sealed class Entry(PlannedFault fault, uint plannedAt, Dice dice)
    {
        public PlannedFault Fault { get; } = fault;
        public uint PlannedAt { get; } = plannedAt;
        public Dice Dice { get; } = dice;
        public int Seen { get; set; }
        public int Met { get; set; }
        public DateTimeOffset? FirstMet { get; set; }
    }

    /// <summary>A fault that happens now, and when it was planned (seconds since 1970).</summary>
    public readonly record struct Hit(PlannedFault Fault, uint PlannedAt);

    public int Seed => seed;

    /// <summary>What happened, in order: "fault @ n-th matching call".</summary>
    public IReadOnlyList<string> Trace
    {
        get
        {
            lock (_lock) return [.. _trace];
        }
    }

    public IReadOnlyList<string> Unmet
    {
        get
        {
            lock (_lock)
                return [.. _entries.Where(entry => entry.Met < Math.Max(1, entry.Fault.Times) && !(entry.Met > 0 && entry.Fault.ForSeconds > 0))
                    .Select(entry => $"{entry.Fault} ({entry.Met} of {Math.Max(1, entry.Fault.Times)}, {entry.Seen} matching)")];
        }
    }

    public IReadOnlyList<(PlannedFault Fault, int Seen, int Met)> Entries
    {
        get
        {
            lock (_lock) return [.. _entries.Select(entry => (entry.Fault, entry.Seen, entry.Met))];
        }
    }

    public void Add(PlannedFault fault, uint now)
    {
        lock (_lock) _entries.Add(new Entry(fault, now, Dice.For(seed, string.Create(CultureInfo.InvariantCulture, $"fault {_entries.Count}"))));
    }

    public void Clear()
    {
        lock (_lock) _entries.Clear();
    }

    public bool Any(Func<PlannedFault, bool> which)
    {
        lock (_lock) return _entries.Exists(entry => IsOpen(entry) && which(entry.Fault));
    }

    /// <summary>Every fault of the kinds that matches and hits this time.</summary>
    public List<Hit> Meet(Func<PlannedFault, bool> matches)
    {
        lock (_lock)
        {
            var hits = new List<Hit>();
            foreach (var entry in _entries)
            {
                if (!matches(entry.Fault)) continue;
                var number = entry.Seen++;
                if (number < entry.Fault.After || !IsOpen(entry)) continue;
                if (entry.Fault.Kind == FaultKind.LockRow && (number - entry.Fault.After + 1) % entry.Fault.Every != 0) continue;
                if (entry.Fault.Rate < 1 && entry.Dice.Roll(1, number, 1_000_000) >= entry.Fault.Rate * 1_000_000) continue;
                entry.Met++;
                entry.FirstMet ??= time.GetUtcNow();
                _trace.Add(string.Create(CultureInfo.InvariantCulture, $"{entry.Fault} @ {number}"));
                hits.Add(new Hit(entry.Fault, entry.PlannedAt));
            }
            return hits;
        }
    }

    private bool IsOpen(Entry entry) => (entry.Fault.Times == 0 || entry.Met < entry.Fault.Times)
        && (entry.Fault.ForSeconds == 0 || entry.FirstMet is not { } first || time.GetUtcNow() < first.AddSeconds(entry.Fault.ForSeconds));
}
