using System.Globalization;
using OrgSimulator.Generating;

namespace OrgSimulator;

/// <summary>
/// The planned faults of a run and what became of them. Whether a fault hits the n-th matching call is a function of seed, fault and n alone,
/// so the same seed and the same calls give the same trace. A fault is met when it had its effect, not when it was merely its turn.
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

        /// <summary>Hits that are met or may still be: what comes to nothing is given back.</summary>
        public int Given { get; set; }
        public int Met { get; set; }
        public int Idle { get; set; }
        public string Why { get; set; } = "";
        public DateTimeOffset? FirstMet { get; set; }
    }

    /// <summary>A fault whose turn it is. Whoever carries it out says whether it had its effect; the first word counts.</summary>
    /// <param name="fault">What shall happen.</param>
    /// <param name="plannedAt">Seconds since 1970.</param>
    /// <param name="outcome">Told once: null, or why it came to nothing.</param>
    public sealed class Hit(PlannedFault fault, uint plannedAt, Action<string?> outcome)
    {
        private int _told;

        public PlannedFault Fault => fault;
        public uint PlannedAt => plannedAt;

        public void Happened() => Tell(null);

        /// <summary>Nobody could notice it; its turn goes to the next call that matches.</summary>
        public void CameToNothing(string why) => Tell(why);

        private void Tell(string? why)
        {
            if (Interlocked.Exchange(ref _told, 1) == 0) outcome(why);
        }
    }

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
                    .Select(Words)];
        }
    }

    public IReadOnlyList<(PlannedFault Fault, int Seen, int Met)> Entries
    {
        get
        {
            lock (_lock) return [.. _entries.Select(entry => (entry.Fault, entry.Seen, entry.Met))];
        }
    }

    private static string Words(Entry entry)
    {
        var waiting = entry.Given - entry.Met;
        return string.Create(CultureInfo.InvariantCulture, $"{entry.Fault} ({entry.Met} of {Math.Max(1, entry.Fault.Times)}, {entry.Seen} matching")
            + (entry.Idle > 0 ? string.Create(CultureInfo.InvariantCulture, $", {entry.Idle} without effect: {entry.Why}") : "")
            + (waiting > 0 ? string.Create(CultureInfo.InvariantCulture, $", {waiting} of which nobody has seen the effect") : "") + ")";
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
                entry.Given++;
                hits.Add(new Hit(entry.Fault, entry.PlannedAt, why => Note(entry, number, why)));
            }
            return hits;
        }
    }

    private void Note(Entry entry, int number, string? why)
    {
        lock (_lock)
        {
            if (why is null)
            {
                entry.Met++;
                entry.FirstMet ??= time.GetUtcNow();
                _trace.Add(string.Create(CultureInfo.InvariantCulture, $"{entry.Fault} @ {number}"));
                return;
            }
            entry.Given--;
            entry.Idle++;
            entry.Why = why;
        }
    }

    private bool IsOpen(Entry entry) => (entry.Fault.Times == 0 || entry.Given < entry.Fault.Times)
        && (entry.Fault.ForSeconds == 0 || entry.FirstMet is not { } first || time.GetUtcNow() < first.AddSeconds(entry.Fault.ForSeconds));
}
