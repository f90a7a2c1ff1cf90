using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Soql;

/// <summary>A query bound to the schema and ready to run.</summary>
public sealed class QueryPlan
{
    public required string Soql { get; init; }
    public required ObjectType Type { get; init; }
    public required IReadOnlyList<Column> Columns { get; init; }
    public required Func<Row, bool>? Filter { get; init; }
    public required IReadOnlyList<(Func<Row, string?> Read, Field Field, bool Descending, bool NullsLast)> Order { get; init; }
    public required IReadOnlyList<(string? Function, BoundPath Path)> Groups { get; init; }
    public GroupKind Grouping { get; init; }
    public required Func<AggregateRow, bool>? Having { get; init; }

    /// <summary>What HAVING and ORDER BY ask for of a group and SELECT does not.</summary>
    public IReadOnlyList<AggregateColumn> Unseen { get; init; } = [];

    /// <summary>Order of the groups; null for the order of their keys.</summary>
    public IComparer<AggregateRow>? GroupOrder { get; init; }

    /// <summary>The plain paths of SELECT in order, as Bulk writes them; null when the query has something else in SELECT.</summary>
    public required IReadOnlyList<BoundPath>? FlatPaths { get; init; }
    public int? Limit { get; init; }
    public int Offset { get; init; }
    public bool IsCount { get; init; }
    public bool IsAggregate { get; init; }

    /// <summary>Rows that WHERE can reach; saves reading the whole table.</summary>
    public required Reach Reach { get; init; }

    public List<Row> Rows(OrgStore store, bool includeDeleted) => [.. new QueryResult(this, store, includeDeleted).From(0)];

    /// <summary>Offset and limit.</summary>
    public List<T> Window<T>(List<T> rows)
    {
        if (Offset > 0) rows = rows.Count > Offset ? rows[Offset..] : [];
        return Limit is { } limit && rows.Count > limit ? rows[..limit] : rows;
    }

    public List<Row> Sort(IEnumerable<Row> rows)
    {
        IOrderedEnumerable<Row>? sorted = null;
        foreach (var (read, field, descending, nullsLast) in Order)
        {
            var comparer = new ValueComparer(field.Type, descending, nullsLast);
            sorted = sorted is null ? rows.OrderBy(read, comparer) : sorted.ThenBy(read, comparer);
        }
        return [.. sorted ?? rows];
    }
}

/// <summary>One group of an aggregate query: its values by column name.</summary>
public sealed record AggregateRow(IReadOnlyDictionary<string, string?> Values);
