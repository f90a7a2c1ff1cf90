namespace OrgSimulator.Soql;

/// <summary>
/// The right side of LIKE: <c>%</c> is any text, <c>_</c> any letter, case does not count. Goes back to the last <c>%</c> only, so that no pattern,
/// however long and however full of percent signs, takes more than the product of both lengths.
/// </summary>
/// <param name="pattern">As the tokenizer gives it: escaped percent signs and underscores are letters of their own.</param>
public sealed class LikePattern(string pattern)
{
    private readonly string _pattern = Folded(pattern);

    public bool Matches(string value)
    {
        var (at, star, resume, text) = (0, -1, 0, 0);
        while (text < value.Length)
        {
            if (at < _pattern.Length && _pattern[at] == '%')
            {
                star = at++;
                resume = text;
            }
            else if (at < _pattern.Length && (_pattern[at] == '_' || Means(_pattern[at], value[text])))
            {
                at++;
                text++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                text = ++resume;
            }
            else return false;
        }
        while (at < _pattern.Length && _pattern[at] == '%') at++;
        return at == _pattern.Length;
    }

    private static bool Means(char wanted, char found) => wanted switch
    {
        Tokenizer.LiteralPercent => found == '%',
        Tokenizer.LiteralUnderscore => found == '_',
        _ => wanted == char.ToUpperInvariant(found),
    };

    private static string Folded(string pattern) => string.Create(pattern.Length, pattern, (span, text) =>
    {
        for (var i = 0; i < text.Length; i++) span[i] = char.ToUpperInvariant(text[i]);
    });
}
