using System.Globalization;

namespace OrgSimulator.Soql;

/// <summary>Recursive descent over the grammar of the SOQL guide. Gives the query as written; names are checked by <see cref="Binder"/>.</summary>
public sealed class Parser
{
    private readonly string _soql;
    private readonly List<Token> _tokens;
    private int _at;

    private Parser(string soql)
    {
        _soql = soql;
        _tokens = Tokenizer.Read(soql);
    }

    public static Query Parse(string soql)
    {
        if (soql.Length > 100_000) throw new SoqlException("QUERY_TOO_COMPLICATED", "SOQL statements cannot be longer than 100,000 characters");
        var parser = new Parser(soql);
        var query = parser.Query(depth: 0);
        if (parser.Peek.Kind != TokenKind.End) throw SoqlException.Unexpected(soql, parser.Peek);
        return query;
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
        return token.Kind == TokenKind.Word && !token.Text.EndsWith('.') ? new Name(token.Text, token.Position) : throw SoqlException.Unexpected(_soql, token);
    }

    private Query Query(int depth)
    {
        if (depth > 5) throw SoqlException.Malformed("Nesting of more than 5 levels is not supported");
        if (Peek.Kind == TokenKind.End) throw SoqlException.Malformed("unexpected end of query");
        Expect("SELECT");
        var select = new List<SelectItem>();
        do select.Add(Item(depth));
        while (Accept(","));
        Expect("FROM");
        var from = Word();
        var alias = Alias();
        while (Accept(","))   // old style: FROM Contact c, c.Account a — the alias stands for the path
            throw SoqlException.At("MALFORMED_QUERY", _soql, Peek.Position, "aliases of related objects in FROM are not supported");
        if (Accept("USING"))
        {
            Expect("SCOPE");
            Word();
        }
        var where = Accept("WHERE") ? Or(depth) : null;
        if (Accept("WITH")) while (Peek.Kind == TokenKind.Word && !IsClause(Peek)) _at++;
        var groups = new List<GroupItem>();
        Condition? having = null;
        if (Accept("GROUP"))
        {
            Expect("BY");
            do groups.Add(Group());
            while (Accept(","));
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
        var allRows = Accept("ALL");
        if (allRows) Expect("ROWS");
        return new Query(select, from, alias, where, groups, having, order, limit, offset, allRows);
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
        if (!Peek.Is("(")) return new SelectPath(name);
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
        var cases = new List<(string, IReadOnlyList<Name>)>();
        while (Accept("WHEN"))
        {
            var type = Word();
            Expect("THEN");
            cases.Add((type.Text, Words()));
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
        var item = new GroupItem(name.Text.ToUpperInvariant(), Word());
        Expect(")");
        return item;
    }

    private Ordering Order()
    {
        var name = Word();
        string? function = null;
        if (Accept("("))
        {
            function = name.Text.ToUpperInvariant();
            name = Peek.Is(")") ? new Name("", name.Position) : Word();
            Expect(")");
        }
        var descending = Accept("DESC");
        if (!descending) Accept("ASC");
        var nullsLast = descending;
        if (Accept("NULLS")) nullsLast = !Accept("FIRST") && (Accept("LAST") ? true : throw SoqlException.Unexpected(_soql, Peek));
        return new Ordering(function, name, descending, nullsLast);
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
        if (Accept("("))
        {
            function = path.Text.ToUpperInvariant();
            path = Peek.Is(")") ? new Name("", path.Position) : Word();
            Expect(")");
        }
        var negated = Accept("NOT");
        if (negated && !Peek.Is("IN")) throw SoqlException.Unexpected(_soql, Peek);
        if (Accept("IN")) return In(path, negated);
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

    private Membership In(Name path, bool negated)
    {
        if (!Peek.Is("(") || !Next("SELECT")) return new Membership(path, negated, Literals(), null);
        _at++;
        var query = Query(depth: 1);
        Expect(")");
        return new Membership(path, negated, [], query);
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
        var kind = token.Kind switch
        {
            TokenKind.String => LiteralKind.String,
            TokenKind.Number => LiteralKind.Number,
            TokenKind.Date => LiteralKind.Date,
            TokenKind.DateTime => LiteralKind.DateTime,
            TokenKind.Word when token.Is("true") || token.Is("false") => LiteralKind.Boolean,
            TokenKind.Word when token.Is("null") => LiteralKind.Null,
            TokenKind.Word when RelativeDate.IsKnown(token.Text) => LiteralKind.Relative,
            _ => throw SoqlException.Unexpected(_soql, token),
        };
        return new Literal(kind, token.Text, token.Position, token.Pattern);
    }
}
