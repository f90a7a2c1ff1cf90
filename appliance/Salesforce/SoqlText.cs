using System.Globalization;
using System.Text;

namespace Appliance.Salesforce;

/// <summary>Building SOQL: select lists, literals, and whether a query fits into an address.</summary>
public static class SoqlText
{
    // URI and headers share 16,384 bytes. A session token alone may take 2 KB or more when it is a JWT.
    private const int UriBytes = 12_000;

    /// <summary>Longest query text Salesforce takes, in characters.</summary>
    public const int MaxLength = 100_000;

    /// <summary><c>SELECT a,b FROM Object [WHERE …] [ORDER BY …] [LIMIT n]</c>. The parts are used as given: quote literals first.</summary>
    public static string Select(string objectName, IEnumerable<string> fields, string? where = null, string? orderBy = null, int? limit = null)
    {
        var soql = new StringBuilder("SELECT ").AppendJoin(',', fields).Append(" FROM ").Append(objectName);
        if (!string.IsNullOrEmpty(where))
            soql.Append(" WHERE ").Append(where);
        if (!string.IsNullOrEmpty(orderBy))
            soql.Append(" ORDER BY ").Append(orderBy);
        if (limit is { } rows)
            soql.Append(" LIMIT ").Append(rows.ToString(CultureInfo.InvariantCulture));
        return soql.ToString();
    }

    /// <summary>A text literal with its quotes.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('\'');
        foreach (var letter in text)
        {
            _ = letter switch
            {
                '\'' => quoted.Append("\\'"),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                '\b' => quoted.Append("\\b"),
                '\f' => quoted.Append("\\f"),
                _ => quoted.Append(letter),
            };
        }
        return quoted.Append('\'').ToString();
    }

    /// <summary>A datetime literal in UTC, to the millisecond.</summary>
    public static string Literal(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary><c>Field IN ('a','b')</c>; <paramref name="values"/> must not be empty.</summary>
    public static string In(string field, IEnumerable<string> values) => $"{field} IN ({string.Join(',', values.Select(Quote))})";

    /// <summary>The query can be sent in an address (16 KB with headers). Longer ones go through Bulk, or through a POST.</summary>
    public static bool FitsUri(string soql) => ForUri(soql).Length <= UriBytes;

    /// <summary>Percent-encoded for a query string, as short as the rules allow: SELECT lists are long and addresses are not.</summary>
    internal static string ForUri(string soql) => Uri.EscapeDataString(soql)
        .Replace("%20", "+", StringComparison.Ordinal)
        .Replace("%2C", ",", StringComparison.Ordinal)
        .Replace("%28", "(", StringComparison.Ordinal)
        .Replace("%29", ")", StringComparison.Ordinal)
        .Replace("%3A", ":", StringComparison.Ordinal);
}
