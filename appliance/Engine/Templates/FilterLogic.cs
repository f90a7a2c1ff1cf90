using System.Globalization;

namespace Appliance.Engine.Templates;

/// <summary>Reads <c>1 AND (2 OR NOT 3)</c> and puts the filters in place of their numbers. AND and OR beside each other want parentheses, as in SOQL.</summary>
internal sealed class FilterLogic
{
    private const int Deepest = 20;
    private readonly List<string> _words;
    private readonly IReadOnlyList<string> _filters;
    private readonly HashSet<int> _used = [];
    private int _at;

    private FilterLogic(string logic, IReadOnlyList<string> filters)
    {
        _words = [.. logic.Replace("(", " ( ", StringComparison.Ordinal).Replace(")", " ) ", StringComparison.Ordinal).ToUpperInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        _filters = filters;
    }

    /// <summary>The SOQL of the filters joined, or what is wrong.</summary>
    public static (string? Soql, string? Mistake) Join(string? logic, IReadOnlyList<string> filters)
    {
        if (string.IsNullOrWhiteSpace(logic)) return (string.Join(" AND ", filters), null);
        var reader = new FilterLogic(logic, filters);
        try
        {
            var soql = reader.Expression(0);
            if (reader._at < reader._words.Count) return (null, $"the logic '{logic}' goes on with '{reader._words[reader._at]}', which does not belong there.");
            var unused = Enumerable.Range(1, filters.Count).Where(n => !reader._used.Contains(n)).ToList();
            return unused.Count > 0 ? (null, $"the logic '{logic}' leaves out the filters {string.Join(", ", unused)}.") : (soql, null);
        }
        catch (FormatException e)
        {
            return (null, $"the logic '{logic}' cannot be read: {e.Message}");
        }
    }

    private string Expression(int depth)
    {
        if (depth > Deepest) throw new FormatException("it is nested too deeply.");
        var parts = new List<string> { Operand(depth) };
        string? joint = null;
        while (_at < _words.Count && _words[_at] is "AND" or "OR")
        {
            if (joint is not null && joint != _words[_at]) throw new FormatException("AND and OR beside each other want parentheses.");
            joint = _words[_at++];
            parts.Add(Operand(depth));
        }
        return string.Join($" {joint} ", parts);
    }

    private string Operand(int depth)
    {
        if (_at == _words.Count) throw new FormatException("it breaks off.");
        var word = _words[_at++];
        if (word == "NOT") return depth > Deepest ? throw new FormatException("it is nested too deeply.") : $"(NOT {Operand(depth + 1)})";
        if (word == "(")
        {
            var inside = Expression(depth + 1);
            if (_at == _words.Count || _words[_at++] != ")") throw new FormatException("a parenthesis is not closed.");
            return $"({inside})";
        }
        if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1 || number > _filters.Count)
            throw new FormatException($"'{word}' is no number of a filter.");
        _used.Add(number);
        return _filters[number - 1];
    }
}
