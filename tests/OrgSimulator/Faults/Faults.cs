using System.Collections.Concurrent;

namespace OrgSimulator;

/// <summary>
/// What a test lets go wrong. Faults are matched by a part of the path, in the order in which they were set,
/// each as often as it says; what was never met can be asked for with <see cref="Unmet"/>.
/// </summary>
public sealed class Faults(FaultPlan plan, Store.OrgStore store)
{
    private readonly Lock _lock = new();
    private readonly List<Fault> _faults = [];
    private readonly ConcurrentQueue<ApiCall> _calls = new();
    private int? _callsUntilExpiry;

    /// <param name="Method">GET, POST …</param>
    /// <param name="Path">Path with query, as it came.</param>
    public sealed record ApiCall(string Method, string Path);

    private sealed class Fault(string pathPart, int count, int? status, string code, string message)
    {
        public string PathPart { get; } = pathPart;
        public int Left { get; set; } = count;
        public int? Status { get; } = status;
        public string Code { get; } = code;
        public string Message { get; } = message;
    }

    /// <summary>Awaited before each call is answered: a test delays or holds calls here.</summary>
    public Func<ApiCall, CancellationToken, Task>? Before { get; set; }

    /// <summary>All calls so far, oldest first.</summary>
    public IReadOnlyCollection<ApiCall> Calls => _calls;

    /// <summary>The next calls whose path contains the part fail without any deed.</summary>
    public void FailNext(string pathPart, int count, int status, string code = "SERVER_UNAVAILABLE", string message = "Server temporarily unavailable")
    {
        lock (_lock) _faults.Add(new Fault(pathPart, count, status, code, message));
    }

    /// <summary>The next calls whose path contains the part are carried out, but the connection breaks instead of the answer.</summary>
    public void DropAnswers(string pathPart, int count = 1)
    {
        lock (_lock) _faults.Add(new Fault(pathPart, count, null, "", ""));
    }

    /// <summary>After that many more calls with a session, all access tokens given so far are expired, once.</summary>
    public void ExpireTokensAfter(int calls)
    {
        lock (_lock) _callsUntilExpiry = calls;
    }

    /// <summary>Faults with a kind, a place, a time and a seed. What is planned must happen: disposing of the host throws otherwise.</summary>
    public FaultPlan Planned { get; } = plan;

    /// <exception cref="ArgumentException">The fault makes no sense for this org.</exception>
    public void Plan(PlannedFault fault)
    {
        fault.Check(store);
        Planned.Add(fault, store.Now);
    }

    /// <summary>Faults that were set and not (fully) met, as text for an assertion.</summary>
    public IReadOnlyList<string> Unmet
    {
        get
        {
            lock (_lock) return [.. _faults.Where(fault => fault.Left > 0).Select(fault => $"{fault.PathPart}: {fault.Left} left")];
        }
    }

    internal void Note(ApiCall call) => _calls.Enqueue(call);

    /// <returns>The status to fail with, or a null status to drop the answer; null when the call goes through.</returns>
    internal (int? Status, string Code, string Message)? Take(string path)
    {
        lock (_lock)
        {
            var fault = _faults.Find(fault => fault.Left > 0 && path.Contains(fault.PathPart, StringComparison.OrdinalIgnoreCase));
            if (fault is null) return null;
            fault.Left--;
            return (fault.Status, fault.Code, fault.Message);
        }
    }

    internal bool ExpireNow()
    {
        lock (_lock)
        {
            if (_callsUntilExpiry is not { } left) return false;
            _callsUntilExpiry = left <= 0 ? null : left - 1;
            return left <= 0;
        }
    }
}
