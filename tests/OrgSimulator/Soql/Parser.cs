using System.Globalization;

namespace OrgSimulator.Soql;

/// <summary>Recursive descent over the grammar of the SOQL guide. Gives the query as written; names are checked by <see cref="Binder"/>. One grammar, so one file: its rules call each other.</summary>
public sealed class Parser
{
    private readonly string _soql;
    private readonly List<Token> _tokens;
    private readonly Dictionary<string, string> _aliases = new(StringComparer.OrdinalIgnoreCase);
    private bool _inSemiJoin;
    private int _at;

    private Parser(string soql)
    {
        _soql = soql;
        _tokens = Tokenizer.Read(soql);
    }

    public static Query Parse(string soql)
    {
        if (soql.Length > 100_000) throw SoqlException.OfObject("QUERY_TOO_COMPLICATED", "SOQL statements cannot be longer than 100,000 characters");
        Parser? parser = null;
        try
        {
            parser = new Parser(soql);
            var query = parser.Query(depth: 0);
            return parser.Peek.Kind == TokenKind.End ? query : throw SoqlException.Unexpected(soql, parser.Peek);
        }
        catch (SoqlException refused) when (!refused.Drawn)
        {
            throw SoqlException.At(refused.ErrorCode, soql, parser?.Peek.Position ?? soql.Length, refused.Message);
        }
    }

    private Token Peek => _tokens[_at];
    private Token Take() => _tokens[Peek.Kind == TokenKind.End ? _at : _at++];
    private bool Next(string word) => _tokens[Math.Min(_at + 1, _tokens.Count - 1)].Is(word);

    private bool Accept(string word)
    {
        if (!Peek.Is(word)) return false;
        _at++;
        return true;
    }

    private void Expect(string word)
    {
        if (!Accept(word)) throw SoqlException.Unexpected(_soql, Peek);
    }

    private Name Word()
    {
        var token = Take();
        if (token.Kind != TokenKind.Word || token.Text.EndsWith('.')) throw SoqlException.Unexpected(_soql, token);
        var dot = token.Text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && _aliases.TryGetValue(token.Text[..dot], out var path) ? new Name(path + token.Text[dot..], token.Position) : new Name(token.Text, token.Position);
    }

    /// <summary>
    /// Old style: FROM Contact c, c.Account a, where a stands for the path. SELECT comes before it, so the aliases are looked for ahead.
    /// </summary>
    private void ReadAliases()
    {
        var nesting = 0;
        for (var i = _at; i < _tokens.Count - 4; i++)
        {
            if (_tokens[i].Is("(")) nesting++;
            if (_tokens[i].Is(")") && --nesting < 0) return;
            if (nesting > 0 || !_tokens[i].Is("FROM")) continue;
            var at = i + 2;
            var root = _tokens[i + 1].Text;
            string? own = null;
            if (_tokens[at].Is("AS")) at++;
            if (_tokens[at].Kind == TokenKind.Word && !IsClause(_tokens[at])) own = _tokens[at++].Text;
            while (at + 2 < _tokens.Count && _tokens[at].Is(",") && _tokens[at + 1].Kind == TokenKind.Word && _tokens[at + 2].Kind == TokenKind.Word)
            {
                var steps = _tokens[at + 1].Text.Split('.', 2);
                var path = steps.Length == 1 ? steps[0]
                    : steps[0].Equals(own, StringComparison.OrdinalIgnoreCase) || steps[0].Equals(root, StringComparison.OrdinalIgnoreCase) ? steps[1]
                    : _aliases.TryGetValue(steps[0], out var before) ? $"{before}.{steps[1]}" : _tokens[at + 1].Text;
                _aliases[_tokens[at + 2].Is("AS") && at + 3 < _tokens.Count ? _tokens[at + 3].Text : _tokens[at + 2].Text] = path;
                at += _tokens[at + 2].Is("AS") ? 4 : 3;
            }
            return;
        }
    }

    private Query Query(int depth)
    {
        if (depth > 5) throw SoqlException.Malformed("Nesting of more than 5 levels is not supported");
        Expect("SELECT");
        ReadAliases();
        var select = new List<SelectItem>();
        do select.Add(Item(depth));
        while (Accept(","));
        Expect("FROM");
        var from = Word();
        var alias = Alias();
        while (Accept(","))
        {
            Word();
            if (Alias() is null) throw SoqlException.Unexpected(_soql, Peek);
        }
        string? scope = null;
        if (Accept("USING"))
        {
            Expect("SCOPE");
            var name = Word();
            scope = name.Text.ToUpperInvariant();
            if (scope is not ("EVERYTHING" or "MINE" or "MINE_AND_MY_GROUPS" or "MY_TERRITORY" or "MY_TEAM_TERRITORY" or "TEAM" or "DELEGATED" or "SCOPINGRULE"))
                throw SoqlException.At("MALFORMED_QUERY", _soql, name.Position, $"unexpected token: '{name.Text}'");
        }
        var where = Accept("WHERE") ? Or(depth) : null;
        if (Accept("WITH")) With(depth);
        var groups = new List<GroupItem>();
        var grouping = GroupKind.Plain;
        Condition? having = null;
        if (Accept("GROUP"))
        {
            Expect("BY");
            grouping = !Next("(") ? GroupKind.Plain : Peek.Is("ROLLUP") ? GroupKind.RollUp : Peek.Is("CUBE") ? GroupKind.Cube : GroupKind.Plain;
            if (grouping != GroupKind.Plain) _at += 2;
            do groups.Add(Group());
            while (Accept(","));
            if (grouping != GroupKind.Plain)
            {
                Expect(")");
                if (groups.Count > 3) throw SoqlException.Malformed("GROUP BY ROLLUP and GROUP BY CUBE take at most 3 fields");
            }
            if (Accept("HAVING")) having = Or(depth);
        }
        var order = new List<Ordering>();
        if (Accept("ORDER"))
        {
            Expect("BY");
            do order.Add(Order());
            while (Accept(","));
        }
        var limit = Accept("LIMIT") ? Count() : (int?)null;
        var offset = Accept("OFFSET") ? Count() : (int?)null;
        if (offset > 2000) throw new SoqlException("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000");
        while (Accept("FOR"))
            if (!Accept("VIEW") && !Accept("REFERENCE") && !Accept("UPDATE")) throw SoqlException.Unexpected(_soql, Peek);
        if (Peek.Is("ALL") && Next("ROWS")) throw SoqlException.At("MALFORMED_QUERY", _soql, Peek.Position, "ALL ROWS not allowed in this context");    // Apex only
        return new Query(select, from, alias, where, groups, having, order, limit, offset, scope, grouping);
    }

    /// <summary>What may stand behind WITH. The simulated user sees everything and belongs to no data category, so that it filters nothing.</summary>
    private void With(int depth)
    {
        if (Accept("SECURITY_ENFORCED") || Accept("USER_MODE") || Accept("SYSTEM_MODE")) return;
        if (!Accept("DATA"))
        {
            Or(depth);
            return;
        }
        Expect("CATEGORY");
        do
        {
            Word();
            if (!Accept("AT") && !Accept("ABOVE") && !Accept("BELOW") && !Accept("ABOVE_OR_BELOW")) throw SoqlException.Unexpected(_soql, Peek);
            var several = Accept("(");
            do Word();
            while (several && Accept(","));
            if (several) Expect(")");
        }
        while (Accept("AND"));
    }

    private string? Alias()
    {
        if (Accept("AS")) return Word().Text;
        return Peek.Kind == TokenKind.Word && !IsClause(Peek) && !Peek.Is("FROM") ? Word().Text : null;
    }

    private static bool IsClause(Token token) => token.Text.ToUpperInvariant()
        is "WHERE" or "USING" or "WITH" or "GROUP" or "HAVING" or "ORDER" or "LIMIT" or "OFFSET" or "FOR" or "ALL";

    private SelectItem Item(int depth)
    {
        if (Peek.Is("(") && Next("SELECT"))
        {
            _at++;
            var query = Query(depth + 1);
            Expect(")");
            return new SelectChildren(query);
        }
        if (Peek.Is("TYPEOF")) return TypeOf();
        var name = Word();
        if (!Peek.Is("(")) return new SelectPath(name, Alias());
        if (name.Text.Equals("DISTANCE", StringComparison.OrdinalIgnoreCase)) return new SelectDistance(Distance(), Alias(), name.Position);
        _at++;
        if (name.Text.Equals("FIELDS", StringComparison.OrdinalIgnoreCase))
        {
            var kind = Word();
            Expect(")");
            if (kind.Text.ToUpperInvariant() is not ("ALL" or "STANDARD" or "CUSTOM"))
                throw SoqlException.At("MALFORMED_QUERY", _soql, kind.Position, $"unexpected token: '{kind.Text}'");
            return new SelectGroup(kind.Text.ToUpperInvariant(), name.Position);
        }
        Name? argument = null;
        if (!Peek.Is(")"))
        {
            argument = Word();
            if (Accept("("))       // FORMAT(MIN(x)) and the like: the inner function is what matters
            {
                (name, argument) = (argument.Value, Word());
                Expect(")");
            }
        }
        Expect(")");
        return new SelectFunction(name, argument, Alias());
    }

    private SelectTypeOf TypeOf()
    {
        _at++;
        var relation = Word();
        var cases = new List<(Name, IReadOnlyList<Name>)>();
        while (Accept("WHEN"))
        {
            var type = Word();
            Expect("THEN");
            cases.Add((type, Words()));
        }
        var otherwise = Accept("ELSE") ? Words() : [];
        Expect("END");
        if (cases.Count == 0) throw SoqlException.Unexpected(_soql, Peek);
        return new SelectTypeOf(relation, cases, otherwise);
    }

    private List<Name> Words()
    {
        var names = new List<Name> { Word() };
        while (Accept(",")) names.Add(Word());
        return names;
    }

    private GroupItem Group()
    {
        var name = Word();
        if (!Accept("(")) return new GroupItem(null, name);
        var item = new GroupItem(name.Text.ToUpperInvariant(), Argument());
        Expect(")");
        return item;
    }

    /// <summary>A field, or convertTimezone(field) and the like: the simulated user lives in UTC.</summary>
    private Name Argument()
    {
        var name = Word();
        if (!Accept("(")) return name;
        name = Word();
        Expect(")");
        return name;
    }

    private Distance Distance()
    {
        Expect("(");
        var place = Word();
        Expect(",");
        Expect("GEOLOCATION");
        Expect("(");
        var latitude = Number();
        Expect(",");
        var longitude = Number();
        Expect(")");
        Expect(",");
        var unit = Take();
        if (unit.Kind != TokenKind.String || unit.Text is not ("mi" or "km")) throw SoqlException.At("MALFORMED_QUERY", _soql, unit.Position, "Invalid distance unit: it must be 'mi' or 'km'");
        Expect(")");
        return new Distance(place, latitude, longitude, unit.Text == "mi");
    }

    private double Number()
    {
        var token = Take();
        return token.Kind == TokenKind.Number && double.TryParse(token.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw SoqlException.Unexpected(_soql, token);
    }

    private Ordering Order()
    {
        var name = Word();
        string? function = null;
        Distance? distance = null;
        if (Peek.Is("(") && name.Text.Equals("DISTANCE", StringComparison.OrdinalIgnoreCase)) distance = Distance();
        else if (Accept("("))
        {
            function = name.Text.ToUpperInvariant();
            name = Peek.Is(")") ? new Name("", name.Position) : Argument();
            Expect(")");
        }
        var descending = Accept("DESC");
        if (!descending) Accept("ASC");
        var nullsLast = false;          // first by default, whichever way the rest goes
        if (Accept("NULLS")) nullsLast = !Accept("FIRST") && (Accept("LAST") ? true : throw SoqlException.Unexpected(_soql, Peek));
        return new Ordering(function, name, descending, nullsLast, distance);
    }

    private int Count()
    {
        var token = Take();
        return token.Kind == TokenKind.Number && int.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count : throw SoqlException.Unexpected(_soql, token);
    }

    private Condition Or(int depth)
    {
        var first = Not(depth);
        if (!Peek.Is("AND") && !Peek.Is("OR")) return first;
        var word = Peek.Text.ToUpperInvariant();
        var parts = new List<Condition> { first };
        while (Accept(word)) parts.Add(Not(depth));
        // "a AND b OR c" needs parentheses, as the real parser demands
        if (Peek.Is("AND") || Peek.Is("OR")) throw SoqlException.Unexpected(_soql, Peek);
        return word == "AND" ? new AllOf(parts) : new AnyOf(parts);
    }

    private Condition Not(int depth)
    {
        if (depth > 200) throw new SoqlException("QUERY_TOO_COMPLICATED", "query is nested too deeply");
        return Accept("NOT") ? new NotThat(Not(depth + 1)) : Primary(depth);
    }

    private Condition Primary(int depth)
    {
        if (Accept("("))
        {
            var inner = Or(depth + 1);
            Expect(")");
            return inner;
        }
        var path = Word();
        string? function = null;
        if (Peek.Is("(") && path.Text.Equals("DISTANCE", StringComparison.OrdinalIgnoreCase))
        {
            var distance = Distance();
            var sign = Take();
            return sign.Text is "<" or ">" ? new Nearness(distance, sign.Text, Number(), path.Position) : throw SoqlException.Unexpected(_soql, sign);
        }
        if (Accept("("))
        {
            function = path.Text.ToUpperInvariant();
            path = Peek.Is(")") ? new Name("", path.Position) : Argument();
            Expect(")");
        }
        var negated = Accept("NOT");
        if (negated && !Peek.Is("IN")) throw SoqlException.Unexpected(_soql, Peek);
        if (Accept("IN")) return In(function, path, negated);
        if (Peek.Is("INCLUDES") || Peek.Is("EXCLUDES"))
        {
            var excludes = Take().Is("EXCLUDES");
            return new Inclusion(path, excludes, Literals());
        }
        var token = Take();
        if (token.Is("LIKE") || token.Kind == TokenKind.Symbol && token.Text is "=" or "!=" or "<>" or "<" or "<=" or ">" or ">=")
            return new Comparison(function, path, token.Text == "<>" ? "!=" : token.Text.ToUpperInvariant(), Literal());
        throw SoqlException.Unexpected(_soql, token);
    }

    private Membership In(string? function, Name path, bool negated)
    {
        if (!Peek.Is("(") || !Next("SELECT")) return new Membership(function, path, negated, Literals(), null);
        if (_inSemiJoin) throw SoqlException.At("MALFORMED_QUERY", _soql, Peek.Position, "Nesting of semi join sub-selects is not supported");
        _at++;
        _inSemiJoin = true;
        var query = Query(depth: 1);
        _inSemiJoin = false;
        Expect(")");
        return new Membership(function, path, negated, [], query);
    }

    private List<Literal> Literals()
    {
        Expect("(");
        var values = new List<Literal>();
        do values.Add(Literal());
        while (Accept(","));
        Expect(")");
        return values;
    }

    private Literal Literal()
    {
        var token = Take();
        if (token is { Kind: TokenKind.String, Text.Length: > 4000 })
            throw SoqlException.At("MALFORMED_QUERY", _soql, token.Position, "The string literal is longer than 4,000 characters");
        var kind = token.Kind switch
        {
            TokenKind.String => LiteralKind.String,
            TokenKind.Number => LiteralKind.Number,
            TokenKind.Date => LiteralKind.Date,
            TokenKind.DateTime => LiteralKind.DateTime,
            TokenKind.Word when token.Is("true") || token.Is("false") => LiteralKind.Boolean,
            TokenKind.Word when token.Is("null") => LiteralKind.Null,
            TokenKind.Word when RelativeDate.IsKnown(token.Text) => LiteralKind.Relative,
            TokenKind.Word when IsCurrency(token.Text) => LiteralKind.Number,
            _ => throw SoqlException.Unexpected(_soql, token),
        };
        return new Literal(kind, kind == LiteralKind.Number && token.Kind == TokenKind.Word ? token.Text[3..] : token.Text, token.Position, token.Pattern);
    }

    /// <summary>An amount with its currency, such as USD5000.</summary>
    private static bool IsCurrency(string word) => word.Length > 3 && word[..3].All(char.IsAsciiLetter) && word[3..].All(letter => char.IsAsciiDigit(letter) || letter == '.')
        && double.TryParse(word[3..], NumberStyles.Float, CultureInfo.InvariantCulture, out _);
}
