using System.Collections.Concurrent;
using OrgSimulator.Schema;
using OrgSimulator.Soql;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>Query results that are read page by page: two days, and at most a thousand open ones so that memory stays bounded.</summary>
public sealed class Cursors(OrgStore store)
{
    private const int Kept = 1000;
    private readonly ConcurrentDictionary<string, Cursor> _cursors = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();
    private long _number;

    public sealed record Cursor(QueryPlan Plan, QueryResult Rows, bool IncludeDeleted, uint Opened);

    public string Open(Cursor cursor)
    {
        var id = SalesforceId.Compose("01g", store.Instance, Interlocked.Increment(ref _number) + store.FirstNumber);
        _cursors[id] = cursor;
        _order.Enqueue(id);
        while (_cursors.Count > Kept && _order.TryDequeue(out var oldest)) _cursors.TryRemove(oldest, out _);
        return id;
    }

    public Cursor? Find(string id) => _cursors.TryGetValue(id, out var cursor) && store.Now - cursor.Opened < 2 * 86_400 ? cursor : null;
}
