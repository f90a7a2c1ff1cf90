using System.Globalization;
using OrgSimulator.Schema;
using OrgSimulator.Soql;
using OrgSimulator.Store;

namespace OrgSimulator.Formulas;

/// <summary>Reads a formula of one object into a function over its records.</summary>
public sealed class FormulaParser
{
    private readonly OrgStore _store;
    private readonly ObjectType _type;
    private readonly bool _blanksAreZero;
    private readonly List<FormulaToken> _tokens;
    private int _at;
    private int _depth;

    private FormulaParser(OrgStore store, ObjectType type, string formula, bool blanksAreZero)
    {
        (_store, _type, _blanksAreZero) = (store, type, blanksAreZero);
        _tokens = FormulaToken.Read(formula);
    }

    /// <exception cref="FormulaException">It uses what the simulator or the schema does not have.</exception>
    public static Func<Row, object?> Parse(OrgStore store, ObjectType type, string formula, bool blanksAreZero)
    {
        var parser = new FormulaParser(store, type, formula, blanksAreZero);
        var whole = parser.Either();
        return parser.Peek.Kind == FormulaTokenKind.End ? whole : throw new FormulaException($"unexpected '{parser.Peek.Text}'");
    }

    private FormulaToken Peek => _tokens[_at];

    private bool Accept(string sign)
    {
        if (!Peek.Is(sign)) return false;
        _at++;
        return true;
    }

    private void Expect(string sign)
    {
        if (!Accept(sign)) throw new FormulaException($"'{sign}' is missing before '{Peek.Text}'");
    }

    private Func<Row, object?> Either()
    {
        if (++_depth > 200) throw new FormulaException("it is nested too deep");
        var left = Both();
        while (Accept("||"))
        {
            var (first, second) = (left, Both());
            left = row => FormulaValue.IsTrue(first(row)) || FormulaValue.IsTrue(second(row));
        }
        _depth--;
        return left;
    }

    private Func<Row, object?> Both()
    {
        var left = Comparison();
        while (Accept("&&"))
        {
            var (first, second) = (left, Comparison());
            left = row => FormulaValue.IsTrue(first(row)) && FormulaValue.IsTrue(second(row));
        }
        return left;
    }

    private Func<Row, object?> Comparison()
    {
        var left = Joined();
        while (Peek is { Kind: FormulaTokenKind.Sign, Text: "=" or "==" or "!=" or "<>" or "<" or "<=" or ">" or ">=" })
        {
            var sign = _tokens[_at++].Text;
            var (first, second) = (left, Joined());
            left = row =>
            {
                var order = FormulaValue.Compare(first(row), second(row));
                return sign switch { "=" or "==" => order == 0, "!=" or "<>" => order != 0, "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
            };
        }
        return left;
    }

    private Func<Row, object?> Joined()
    {
        var left = Sum();
        while (Accept("&"))
        {
            var (first, second) = (left, Sum());
            left = row => FormulaValue.Text(first(row)) + FormulaValue.Text(second(row));
        }
        return left;
    }

    private Func<Row, object?> Sum()
    {
        var left = Product();
        while (Peek is { Kind: FormulaTokenKind.Sign, Text: "+" or "-" })
        {
            var sign = _tokens[_at++].Text == "+" ? 1 : -1;
            var (first, second) = (left, Product());
            left = row => FormulaValue.Add(first(row), second(row), sign);
        }
        return left;
    }

    private Func<Row, object?> Product()
    {
        var left = Power();
        while (Peek is { Kind: FormulaTokenKind.Sign, Text: "*" or "/" })
        {
            var times = _tokens[_at++].Text == "*";
            var (first, second) = (left, Power());
            left = row => first(row) is decimal x && second(row) is decimal y ? FormulaValue.Try(() => times ? x * y : x / y) : null;
        }
        return left;
    }

    private Func<Row, object?> Power()
    {
        var left = Unary();
        if (!Accept("^")) return left;
        var right = Power();
        return row => left(row) is decimal x && right(row) is decimal y ? FormulaValue.Try(() => (decimal)Math.Pow((double)x, (double)y)) : null;
    }

    private Func<Row, object?> Unary()
    {
        if (Accept("-"))
        {
            var inner = Unary();
            return row => inner(row) is decimal number ? -number : null;
        }
        if (Accept("+")) return Unary();
        if (!Accept("!")) return Atom();
        var negated = Unary();
        return row => !FormulaValue.IsTrue(negated(row));
    }

    private Func<Row, object?> Atom()
    {
        var token = _tokens[_at++];
        switch (token.Kind)
        {
            case FormulaTokenKind.Number:
                object number = decimal.Parse(token.Text, CultureInfo.InvariantCulture);
                return _ => number;
            case FormulaTokenKind.Text: return _ => token.Text;
            case FormulaTokenKind.Sign when token.Text == "(":
                var inner = Either();
                Expect(")");
                return inner;
            case FormulaTokenKind.Name when Accept("("):
                var arguments = new List<Func<Row, object?>>();
                if (!Peek.Is(")"))
                    do arguments.Add(Either());
                    while (Accept(","));
                Expect(")");
                return FormulaFunctions.Bind(token.Text.ToUpperInvariant(), [.. arguments], _store);
            case FormulaTokenKind.Name: return Name(token.Text);
            default: throw new FormulaException(token.Kind == FormulaTokenKind.End ? "it ends too early" : $"unexpected '{token.Text}'");
        }
    }

    private Func<Row, object?> Name(string name)
    {
        switch (name.ToUpperInvariant())
        {
            case "TRUE": return _ => true;
            case "FALSE": return _ => false;
            case "NULL": return _ => null;
            case "$USER.ID": return _ => _store.AdminId;
            case "$PROFILE.ID" or "$USER.PROFILEID": return _ => _store.ProfileId;
            case "$ORGANIZATION.ID": return _ => _store.OrganizationId;
        }
        if (name[0] == '$') throw new FormulaException($"{name} is not known here");
        var parts = name.Split('.');
        var hops = new List<Field>();
        var type = _type;
        foreach (var part in parts[..^1])
        {
            var relation = part.Split(':')[0];
            var hop = type.AllFields.FirstOrDefault(field => field.Type == FieldType.Reference && relation.Equals(field.RelationshipName, StringComparison.OrdinalIgnoreCase))
                ?? throw new FormulaException($"{type.Name} has no relationship {relation}");
            hops.Add(hop);
            var target = part.Contains(':', StringComparison.Ordinal) ? part.Split(':')[1] : hop.ReferenceTo.Contains("User") ? "User" : hop.ReferenceTo.FirstOrDefault() ?? "";
            type = _store.Schema.Find(target) ?? throw new FormulaException($"the object {target} is not in this org");
        }
        var leaf = type.FindAny(parts[^1]) ?? throw new FormulaException($"{type.Name} has no field {parts[^1]}");
        var zero = _blanksAreZero && leaf.Type.IsNumber();
        if (hops.Count == 0) return row => FormulaValue.Of(leaf.Type, FieldReader.Text(type, leaf, row)) ?? (zero ? 0m : null);
        return row => (BoundPath.Follow(_store, _type, row, hops) is var (found, parent) && found == type ? FormulaValue.Of(leaf.Type, FieldReader.Text(type, leaf, parent)) : null) ?? (zero ? 0m : null);
    }
}
