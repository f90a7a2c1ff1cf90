using System.Globalization;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Soql;

/// <summary>Checks a parsed query against the describe and makes a plan of it.</summary>
public sealed class Binder(OrgStore store, string soql)
{
    private static readonly string[] DateParts =
        ["CALENDAR_YEAR", "CALENDAR_MONTH", "CALENDAR_QUARTER", "DAY_IN_MONTH", "DAY_IN_WEEK", "DAY_IN_YEAR", "HOUR_IN_DAY", "DAY_ONLY", "WEEK_IN_YEAR", "FISCAL_YEAR", "FISCAL_QUARTER"];

    private const int MostChildren = 20;
    private const int MostParents = 55;

    public OrgStore Store => store;
    public string Soql => soql;

    public static QueryPlan Plan(OrgStore store, string soql)
    {
        var query = Parser.Parse(soql);
        try
        {
            return new Binder(store, soql).Plan(query);
        }
        catch (SoqlException refused) when (!refused.Drawn)
        {
            throw SoqlException.At(refused.ErrorCode, soql, query.From.Position, refused.Message);
        }
    }

    public static bool IsDatePart(string function) => DateParts.Contains(function);

    private QueryPlan Plan(Query query)
    {
        var type = store.Schema.Find(query.From.Text) ?? throw SoqlException.NoObject(soql, query.From.Position, query.From.Text);
        if (!type.Queryable) throw SoqlException.OfObject("INVALID_TYPE_FOR_OPERATION", $"entity type {type.Name} does not support query");
        if (type.QueryRefusal is var (code, message) && !Pins(query.Where, type.MandatoryFilters, type.SingleFilter)) throw SoqlException.OfObject(code, message);
        if (type.Name == "ContentDocumentLink" && !store.Rules.Rules.QueryAllFiles && !Pins(query.Where, ["Id", "ContentDocumentId", "LinkedEntityId"], single: false))
            throw SoqlException.OfObject("MALFORMED_QUERY", QueryRestrictions.ContentDocumentLink);
        if (type.Index.Count > 0) BigObjectQuery.Check(type, query);
        return Plan(Scoped(query, type), type);
    }

    private QueryPlan Plan(Query query, ObjectType type)
    {
        var alias = query.Alias;
        var isCount = query.Select is [SelectFunction { Function.Text: var only, Argument: null, Alias: null }] && only.Equals("COUNT", StringComparison.OrdinalIgnoreCase) && query.GroupBy.Count == 0;
        var isAggregate = isCount || query.GroupBy.Count > 0 || query.Select.Any(item => item is SelectFunction function && Aggregates.IsAggregate(function.Function.Text));
        var filter = query.Where is null ? null : new ConditionBinder(this, type, alias).Bind(query.Where);
        if (isAggregate && !isCount && query.GroupBy.Count == 0 && query.Limit is not null)
            throw SoqlException.Malformed("Non-grouped query that uses overall aggregate functions cannot also use LIMIT");
        var groups = query.GroupBy.Select(group => (group.Function, Groupable(Path(type, alias, group.Path), group))).ToList();
        var columns = new List<Column>();
        var grouped = new GroupBinder(this, type, alias, groups);
        var flat = new List<BoundPath>();
        var flatOnly = !isAggregate;
        if (query.Select.Count(item => item is SelectChildren) > MostChildren) throw SoqlException.Malformed($"A query can hold at most {MostChildren} subqueries");
        foreach (var item in query.Select)
        {
            if (isAggregate)
            {
                if (!isCount) columns.Add(grouped.Select(item, columns));
            }
            else flatOnly &= Select(item, type, alias, query, columns, flat);
        }
        if (Parents(columns) > MostParents) throw SoqlException.Malformed($"A query can name at most {MostParents} relationships from child to parent");
        grouped.Seen = columns;
        var having = query.Having is null ? null : grouped.Having(query.Having);
        var groupOrder = isAggregate && query.OrderBy.Count > 0 ? grouped.Order(query.OrderBy) : null;
        var order = isAggregate ? [] : query.OrderBy.Select(ordering =>
        {
            if (ordering.Distance is { } distance)
            {
                var far = Measure(type, alias, distance);
                return (row => far(row)?.ToString("R", CultureInfo.InvariantCulture), Part(type, alias, distance.Place, "Latitude").Leaf, ordering.Descending, ordering.NullsLast);
            }
            var path = Path(type, alias, ordering.Path);
            if (!path.Leaf.Sortable) throw SoqlException.At("INVALID_FIELD", soql, ordering.Path.Position, $"field '{path.Leaf.Name}' can not be sorted in a query call");
            return (Reader(path, ordering.Function), path.Leaf, ordering.Descending, ordering.NullsLast);
        }).ToList();
        return new QueryPlan
        {
            Soql = soql, Type = type, Columns = columns, Filter = filter, Order = order, Groups = groups,
            Having = having, Grouping = query.Grouping, Unseen = grouped.Unseen, GroupOrder = groupOrder,
            FlatPaths = flatOnly ? flat : null, Limit = query.Limit, Offset = query.Offset ?? 0, IsCount = isCount, IsAggregate = isAggregate,
            Reach = Reach.Of(query.Where, type, store, PinnedIds(query.Where)),
        };
    }

    /// <summary>A part of a date can be grouped though the date and time itself cannot.</summary>
    private BoundPath Groupable(BoundPath path, GroupItem group) => path.Leaf.Groupable || group.Function is not null && path.Leaf.Shield == Shield.None ? path
        : throw SoqlException.At("INVALID_FIELD", soql, group.Path.Position, $"field '{path.Leaf.Name}' can not be grouped in a query call");

    /// <returns>False when the item is more than a plain path.</returns>
    private bool Select(SelectItem item, ObjectType type, string? alias, Query query, List<Column> columns, List<BoundPath> flat)
    {
        switch (item)
        {
            case SelectPath({ } name, { } alone):
                throw SoqlException.At("MALFORMED_QUERY", soql, name.Position, $"only aggregate expressions use field aliasing: {alone}");
            case SelectPath({ } name, _):
                var path = Path(type, alias, name);
                flat.Add(path);
                if (!AddTo(columns, type, path)) throw SoqlException.Malformed($"duplicate field selected: {path.Text}");
                return true;
            case SelectGroup(var kind, var position):
                if (kind != "STANDARD" && query.Limit is null or > 200 && PinnedIds(query.Where) is not { Count: <= 200 })
                    throw SoqlException.At("MALFORMED_QUERY", soql, position, "The SOQL FIELDS function must have a LIMIT of at most 200");
                foreach (var field in type.Fields.Where(field => kind switch { "ALL" => true, "CUSTOM" => field.Custom, _ => !field.Custom }))
                {
                    var whole = new BoundPath(type, [], type, field, field.Name);
                    flat.Add(whole);
                    AddTo(columns, type, whole);
                }
                return true;
            case SelectFunction({ } function, { } argument, var givenAlias):
                var inner = Path(type, alias, argument);
                if (function.Text.ToUpperInvariant() is not ("TOLABEL" or "FORMAT" or "CONVERTCURRENCY"))
                    throw SoqlException.At("MALFORMED_QUERY", soql, function.Position, $"unexpected token: '{function.Text}'");
                if (inner.Hops.Count == 0 && function.Text.Equals("FORMAT", StringComparison.OrdinalIgnoreCase))
                    columns.Add(new ComputedColumn(givenAlias ?? inner.Leaf.Name, FieldType.String, row => Format(inner.Leaf.Type, inner.Read(store, row))));
                else if (inner.Hops.Count == 0) columns.Add(new FieldColumn(givenAlias ?? inner.Leaf.Name, inner.Leaf));
                else AddTo(columns, type, inner);
                return false;
            case SelectDistance(var distance, var named, _):
                var measure = Measure(type, alias, distance);
                columns.Add(new ComputedColumn(named ?? $"expr{columns.Count(column => column.Name.StartsWith("expr", StringComparison.Ordinal))}", FieldType.Double,
                    row => measure(row)?.ToString("0.0###############", CultureInfo.InvariantCulture)));
                return false;
            case SelectChildren(var child):
                columns.Add(Children(child, type));
                return false;
            case SelectTypeOf(var relation, var cases, var otherwise):
                columns.Add(TypeOf(type, relation, cases, otherwise));
                return false;
            default:
                throw SoqlException.Malformed("unexpected end of query");
        }
    }

    private TypeOfColumn TypeOf(ObjectType type, Name relation, IReadOnlyList<(Name Type, IReadOnlyList<Name> Fields)> cases, IReadOnlyList<Name> otherwise)
    {
        var lookup = Relation(type, relation.Text) ?? throw SoqlException.At("INVALID_FIELD", soql, relation.Position, $"Didn't understand relationship '{relation.Text}' in field path.");
        if (!lookup.Polymorphic) throw SoqlException.At("MALFORMED_QUERY", soql, relation.Position, $"TYPEOF needs a relationship that names several objects: {relation.Text} names one");
        var bound = new Dictionary<string, IReadOnlyList<Column>>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, fields) in cases)
        {
            var chosen = store.Schema.Find(name.Text);
            if (chosen is null || !lookup.ReferenceTo.Contains(chosen.Name)) throw SoqlException.NoObject(soql, name.Position, name.Text);
            var columns = new List<Column>();
            foreach (var field in fields) AddTo(columns, chosen, Path(chosen, null, field));
            if (!bound.TryAdd(chosen.Name, columns)) throw SoqlException.At("MALFORMED_QUERY", soql, name.Position, $"TYPEOF names {chosen.Name} twice");
        }
        foreach (var field in otherwise)
            if (NameEntity.Type.Find(field.Text) is null) throw SoqlException.NoColumn(soql, field.Position, field.Text, "Name");
        return new TypeOfColumn(lookup.RelationshipName!, lookup, bound, [.. otherwise.Select(field => NameEntity.Type[field.Text].Name)]);
    }

    /// <summary>USING SCOPE mine is a condition like any other; the simulated user is in no team and no territory.</summary>
    private Query Scoped(Query query, ObjectType type)
    {
        if (query.Scope is null or "EVERYTHING" or "SCOPINGRULE" || type.Find("OwnerId") is null) return query;
        var mine = new Comparison(null, new Name("OwnerId", query.From.Position), "=", new Literal(LiteralKind.String, store.AdminId, query.From.Position));
        return query with { Where = query.Where is null ? mine : new AllOf([query.Where, mine]) };
    }

    /// <summary>Distance of a record's place as the crow flies; null when it has none.</summary>
    public Func<Row, double?> Measure(ObjectType type, string? alias, Distance distance)
    {
        var (latitude, longitude) = (Part(type, alias, distance.Place, "Latitude"), Part(type, alias, distance.Place, "Longitude"));
        return row =>
        {
            if (latitude.Read(store, row) is not { } north || longitude.Read(store, row) is not { } east) return null;
            var (a, b) = (double.DegreesToRadians(ValueComparer.Number(north)), double.DegreesToRadians(distance.Latitude));
            var turn = double.DegreesToRadians(ValueComparer.Number(east) - distance.Longitude);
            var haversine = Math.Pow(Math.Sin((a - b) / 2), 2) + Math.Cos(a) * Math.Cos(b) * Math.Pow(Math.Sin(turn / 2), 2);
            return 2 * Math.Asin(Math.Min(1, Math.Sqrt(haversine))) * (distance.Miles ? 3958.8 : 6371.0);
        };
    }

    /// <summary>Latitude or longitude of a compound field.</summary>
    private BoundPath Part(ObjectType type, string? alias, Name place, string kind)
    {
        var whole = Path(type, alias, place);
        var owner = whole.LeafType ?? type;
        if (!whole.Leaf.Type.IsCompound() || owner.Fields.FirstOrDefault(field => field.CompoundName == whole.Leaf.Name && field.Name.Contains(kind, StringComparison.Ordinal)) is not { } part)
            throw SoqlException.At("INVALID_FIELD", soql, place.Position, $"DISTANCE needs a location: {place.Text} is none");
        return new BoundPath(type, whole.Hops, owner, part, part.Name);
    }

    private ChildrenColumn Children(Query child, ObjectType type)
    {
        var link = store.Schema.ChildrenOf(type).FirstOrDefault(link => child.From.Text.Equals(ChildName(link), StringComparison.OrdinalIgnoreCase))
            ?? throw SoqlException.At("INVALID_TYPE", soql, child.From.Position,
                $"Didn't understand relationship '{child.From.Text}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' "
                + "after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.");
        var plan = Plan(child, link.Child);
        return plan.IsAggregate || plan.Columns.Count == 0 ? throw SoqlException.At("MALFORMED_QUERY", soql, child.From.Position, "only root queries support aggregate expressions")
            : new ChildrenColumn(ChildName(link)!, link, plan);
    }

    /// <summary>Name of the child relationship as SOQL spells it: custom ones carry __r.</summary>
    public static string? ChildName(ChildLink link) => link.Lookup.ChildRelationshipName is { } name
        ? link.Lookup.Custom && !name.EndsWith("__r", StringComparison.Ordinal) ? name + "__r" : name : null;

    public static Field? Relation(ObjectType type, string name) =>
        type.Fields.FirstOrDefault(field => field.Type == FieldType.Reference && name.Equals(field.RelationshipName, StringComparison.OrdinalIgnoreCase));

    public BoundPath Path(ObjectType root, string? alias, Name name)
    {
        var parts = name.Text.Split('.');
        var start = parts.Length > 1 && (parts[0].Equals(alias, StringComparison.OrdinalIgnoreCase)
            || parts[0].Equals(root.Name, StringComparison.OrdinalIgnoreCase) && Relation(root, parts[0]) is null) ? 1 : 0;
        if (parts.Length - start > 6) throw SoqlException.Malformed("SOQL relationships may only have 5 levels of parent relationships");
        var hops = new List<Field>();
        var type = root;
        var text = "";
        for (var i = start; i < parts.Length - 1; i++)
        {
            var hop = Relation(type, parts[i]) ?? throw SoqlException.At("INVALID_FIELD", soql, name.Position,
                $"Didn't understand relationship '{parts[i]}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the "
                + "custom relationship name. Please reference your WSDL or the describe call for the appropriate names.");
            hops.Add(hop);
            text += hop.RelationshipName + ".";
            type = hop.Polymorphic ? NameEntity.Type : store.Schema.Find(hop.ReferenceTo[0]) ?? NameEntity.Type;
        }
        var leaf = type.Find(parts[^1]) ?? throw SoqlException.NoColumn(soql, name.Position, parts[^1], type.Name);
        return new BoundPath(root, hops, type == NameEntity.Type ? null : type, leaf, text + leaf.Name);
    }

    public Func<Row, string?> Reader(BoundPath path, string? function)
    {
        if (function is null or "TOLABEL" or "FORMAT" or "CONVERTCURRENCY") return row => path.Read(store, row);
        if (!IsDatePart(function)) throw SoqlException.Malformed($"unexpected token: '{function}'");
        return row => DatePart(function, path.Read(store, row));
    }

    /// <summary>As a user of the locale en_US reads it.</summary>
    private static string? Format(FieldType type, string? value) => value is null ? null : type switch
    {
        FieldType.Currency => "$" + ValueComparer.Number(value).ToString("N2", CultureInfo.InvariantCulture),
        FieldType.Percent => ValueComparer.Number(value).ToString("#,0.##", CultureInfo.InvariantCulture) + "%",
        FieldType.Int or FieldType.Long or FieldType.Double => ValueComparer.Number(value).ToString("#,0.##################", CultureInfo.InvariantCulture),
        FieldType.Date => DateOnly.Parse(value, CultureInfo.InvariantCulture).ToString("M/d/yyyy", CultureInfo.InvariantCulture),
        FieldType.DateTime => DateTimeOffset.Parse(value, CultureInfo.InvariantCulture).ToString("M/d/yyyy h:mm tt", CultureInfo.InvariantCulture),
        _ => value,
    };

    public static string? DatePart(string function, string? value)
    {
        if (value is null || !DateTime.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal, out var at)) return null;
        if (function == "DAY_ONLY") return at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return (function switch
        {
            "CALENDAR_YEAR" or "FISCAL_YEAR" => at.Year,
            "CALENDAR_MONTH" => at.Month,
            "CALENDAR_QUARTER" or "FISCAL_QUARTER" => (at.Month + 2) / 3,
            "DAY_IN_MONTH" => at.Day,
            "DAY_IN_WEEK" => (int)at.DayOfWeek + 1,
            "DAY_IN_YEAR" => at.DayOfYear,
            "WEEK_IN_YEAR" => (at.DayOfYear + 6) / 7,
            _ => at.Hour,
        }).ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Values that the query inside IN (SELECT …) gives.</summary>
    public IEnumerable<string> SemiJoin(Query query, BoundPath left, Name at)
    {
        if (query.Select is not [SelectPath]) throw SoqlException.At("MALFORMED_QUERY", soql, at.Position, "semi join sub-selects must select exactly one field");
        if (query.OrderBy.Count > 0 || query.Limit is not null) throw SoqlException.At("MALFORMED_QUERY", soql, query.From.Position, "ORDER BY and LIMIT are not supported in semi join sub-selects");
        var plan = Plan(query);
        var inner = plan.FlatPaths![0];
        if (!Names(left).Intersect(Names(inner)).Any())
            throw SoqlException.At("MALFORMED_QUERY", soql, at.Position, $"The inner select field '{inner.Text}' and the left operand field in the where expression in the outer query '{left.Text}' should point to the same object type");
        return new QueryResult(plan, store, includeDeleted: false).From(0).Select(row => plan.FlatPaths![0].Read(store, row)).OfType<string>();
    }

    /// <summary>Objects whose Ids a field holds; none for a field that holds no Ids.</summary>
    private static IEnumerable<string> Names(BoundPath path) => path.Leaf.Type switch
    {
        FieldType.Id => path.Hops.Count > 0 ? path.Hops[^1].ReferenceTo : [path.Root.Name],
        FieldType.Reference => path.Leaf.ReferenceTo,
        _ => [],
    };

    private bool AddTo(List<Column> columns, ObjectType type, BoundPath path)
    {
        foreach (var hop in path.Hops)
        {
            var parent = columns.OfType<ParentColumn>().FirstOrDefault(column => column.Lookup == hop);
            if (parent is null) columns.Add(parent = new ParentColumn(hop.RelationshipName!, hop, hop.Polymorphic ? null : store.Schema.Find(hop.ReferenceTo[0]), []));
            columns = parent.Columns;
        }
        if (columns.OfType<FieldColumn>().Any(column => column.Field == path.Leaf)) return false;
        columns.Add(new FieldColumn(path.Leaf.Name, path.Leaf));
        return true;
    }

    private static int Parents(IEnumerable<Column> columns) => columns.OfType<ParentColumn>().Sum(column => 1 + Parents(column.Columns));

    private static List<string>? PinnedIds(Condition? where) => where switch
    {
        Comparison { Operator: "=", Function: null, Value: { Kind: LiteralKind.String, Text: var id } } one when IsId(one.Path) => Complete([id]),
        Membership { Negated: false, Query: null } many when IsId(many.Path) => Complete(many.Values.Select(value => value.Text)),
        AllOf(var parts) => parts.Select(PinnedIds).FirstOrDefault(ids => ids is not null),
        _ => null,
    };

    private static List<string>? Complete(IEnumerable<string> ids)
    {
        var complete = ids.Select(id => SalesforceId.Complete(id)).ToList();
        return complete.Contains(null) ? null : complete.OfType<string>().Distinct(StringComparer.Ordinal).ToList();
    }

    private static bool IsId(Name path) => path.Text.Equals("Id", StringComparison.OrdinalIgnoreCase);

    private static bool Pins(Condition? where, string[] fields, bool single) => where switch
    {
        Comparison { Operator: "=" } one => fields.Contains(one.Path.Text, StringComparer.OrdinalIgnoreCase),
        Membership { Negated: false } many when !single || many is { Query: null, Values.Count: 1 } => fields.Contains(many.Path.Text, StringComparer.OrdinalIgnoreCase),
        AllOf(var parts) => parts.Any(part => Pins(part, fields, single)),
        _ => false,
    };
}
