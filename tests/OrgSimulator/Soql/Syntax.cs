namespace OrgSimulator.Soql;

// What a query says, before any describe is asked.

public sealed record Query(IReadOnlyList<SelectItem> Select, Name From, string? Alias, Condition? Where, IReadOnlyList<GroupItem> GroupBy, Condition? Having,
    IReadOnlyList<Ordering> OrderBy, int? Limit, int? Offset, string? Scope = null, GroupKind Grouping = GroupKind.Plain);

/// <summary>GROUP BY a, b; GROUP BY ROLLUP(a, b) with subtotals from right to left; GROUP BY CUBE(a, b) with every subtotal.</summary>
public enum GroupKind { Plain, RollUp, Cube }

/// <summary>DISTANCE(place, GEOLOCATION(latitude, longitude), 'mi' or 'km').</summary>
public sealed record Distance(Name Place, double Latitude, double Longitude, bool Miles);

/// <summary>A name with its place in the text, for error messages.</summary>
public readonly record struct Name(string Text, int Position);

public abstract record SelectItem;
public sealed record SelectPath(Name Path, string? Alias = null) : SelectItem;
public sealed record SelectFunction(Name Function, Name? Argument, string? Alias) : SelectItem;
public sealed record SelectDistance(Distance Distance, string? Alias, int Position) : SelectItem;
public sealed record SelectChildren(Query Query) : SelectItem;
public sealed record SelectGroup(string Kind, int Position) : SelectItem;
public sealed record SelectTypeOf(Name Relation, IReadOnlyList<(Name Type, IReadOnlyList<Name> Fields)> Cases, IReadOnlyList<Name> Otherwise) : SelectItem;

public sealed record GroupItem(string? Function, Name Path);
public sealed record Ordering(string? Function, Name Path, bool Descending, bool NullsLast, Distance? Distance = null);

public abstract record Condition;
public sealed record AllOf(IReadOnlyList<Condition> Parts) : Condition;
public sealed record AnyOf(IReadOnlyList<Condition> Parts) : Condition;
public sealed record NotThat(Condition Part) : Condition;
public sealed record Comparison(string? Function, Name Path, string Operator, Literal Value) : Condition;
public sealed record Nearness(Distance Distance, string Operator, double Value, int Position) : Condition;
public sealed record Membership(string? Function, Name Path, bool Negated, IReadOnlyList<Literal> Values, Query? Query) : Condition;
public sealed record Inclusion(Name Path, bool Negated, IReadOnlyList<Literal> Values) : Condition;

public enum LiteralKind { String, Number, Boolean, Null, Date, DateTime, Relative }

public readonly record struct Literal(LiteralKind Kind, string Text, int Position, string? Pattern = null);
