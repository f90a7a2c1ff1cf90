using OrgSimulator.Schema;

namespace OrgSimulator.Soql;

/// <summary>What a query gives back for one record, in SELECT order.</summary>
public abstract record Column(string Name);

public sealed record FieldColumn(string Name, Field Field) : Column(Name);

/// <summary>Fields of a parent; all that SELECT asks of one parent stands in one column, where it was first mentioned.</summary>
public sealed record ParentColumn(string Name, Field Lookup, ObjectType? Parent, List<Column> Columns) : Column(Name);

public sealed record ChildrenColumn(string Name, ChildLink Link, QueryPlan Plan) : Column(Name);

/// <summary>A value that is worked out for each record, such as a distance.</summary>
public sealed record ComputedColumn(string Name, FieldType Type, Func<Store.Row, string?> Read) : Column(Name);

/// <summary>TYPEOF: which fields to give depends on the object that the lookup names.</summary>
public sealed record TypeOfColumn(string Name, Field Lookup, IReadOnlyDictionary<string, IReadOnlyList<Column>> Cases, IReadOnlyList<string> Otherwise) : Column(Name);

/// <summary>COUNT, SUM and the like, GROUPING, or a grouped field; <paramref name="Path"/> is null for COUNT().</summary>
public sealed record AggregateColumn(string Name, string? Function, BoundPath? Path) : Column(Name);
