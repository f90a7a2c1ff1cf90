using System.Text.RegularExpressions;

namespace Appliance.Salesforce;

/// <summary>What a query selects: the columns as the answer will name them, in order, and the object they come from.</summary>
/// <param name="ObjectName">Behind FROM.</param>
/// <param name="Columns">Fields by path, aggregates by alias or number.</param>
/// <param name="Computed">Columns that are no fields: what they hold is not described anywhere.</param>
internal sealed partial record SelectList(string ObjectName, IReadOnlyList<string> Columns, IReadOnlySet<string> Computed)
{
    public static SelectList Parse(string soql)
    {
        var start = soql.AsSpan().TrimStart();
        if (!start.StartsWith("SELECT", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException("The query does not begin with SELECT.", nameof(soql));
        var items = new List<string>();
        var from = soql.Length - start.Length + "SELECT".Length;
        var depth = 0;
        for (var at = from; at < soql.Length; at++)
        {
            var letter = soql[at];
            depth += letter switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth > 0)
                continue;
            if (letter == ',')
            {
                items.Add(soql[from..at].Trim());
                from = at + 1;
            }
            else if (char.IsWhiteSpace(letter) && From().Match(soql, at) is { Success: true } match)
            {
                items.Add(soql[from..at].Trim());
                var unnamed = 0;
                var columns = new List<string>(items.Count);
                var computed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
                foreach (var item in items)
                {
                    if (Column(item, ref unnamed) is not { Length: > 0 } column)
                        continue;
                    columns.Add(column);
                    if (item.Contains('(', StringComparison.Ordinal))
                        computed.Add(column);
                }
                return new(match.Groups[1].Value, columns, computed);
            }
        }
        throw new ArgumentException("The query has no FROM.", nameof(soql));
    }

    private static string Column(string item, ref int unnamed)
    {
        if (item.StartsWith('(') || item.StartsWith("FIELDS", StringComparison.OrdinalIgnoreCase) || item.StartsWith("TYPEOF ", StringComparison.OrdinalIgnoreCase))
            throw new ArgumentException($"'{item}' cannot be read as one column; name the fields.", nameof(item));
        var match = Function().Match(item);
        if (!match.Success)
            return item;
        var (name, argument, alias) = (match.Groups[1].Value, match.Groups[2].Value.Trim(), match.Groups[3].Value);
        if (alias.Length > 0)
            return alias;
        if (argument.Length == 0)
            return "";   // COUNT(): the number stands in totalSize
        // Only these keep the name of their field; aggregates are numbered.
        return name.ToUpperInvariant() is "TOLABEL" or "CONVERTCURRENCY" or "FORMAT" ? argument : $"expr{unnamed++}";
    }

    [GeneratedRegex(@"\G\s+FROM\s+(\w+)", RegexOptions.IgnoreCase)]
    private static partial Regex From();

    [GeneratedRegex(@"^(\w+)\s*\((.*)\)\s*(\w*)$", RegexOptions.Singleline)]
    private static partial Regex Function();
}
