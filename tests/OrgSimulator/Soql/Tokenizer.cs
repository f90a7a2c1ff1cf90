using System.Globalization;
using System.Text;

namespace OrgSimulator.Soql;

public enum TokenKind { Word, String, Number, Date, DateTime, Symbol, End }

/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text; for strings what stands between the quotes, escapes resolved.</param>
/// <param name="Position">Where it begins in the query.</param>
/// <param name="Pattern">For strings: the text with escaped wildcards set apart (see <see cref="Tokenizer.LiteralPercent"/>).</param>
public readonly record struct Token(TokenKind Kind, string Text, int Position, string? Pattern = null)
{
    public bool Is(string word) => Kind is TokenKind.Word or TokenKind.Symbol && Text.Equals(word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Cuts SOQL into tokens. Words may hold dots and the colon of <c>LAST_N_DAYS:3</c>.</summary>
public sealed class Tokenizer(string soql)
{
    public const char LiteralPercent = '\uE000';
    public const char LiteralUnderscore = '\uE001';
    private int _at;

    public static List<Token> Read(string soql)
    {
        var tokenizer = new Tokenizer(soql);
        var tokens = new List<Token>();
        do tokens.Add(tokenizer.Next());
        while (tokens[^1].Kind != TokenKind.End);
        return tokens;
    }

    private Token Next()
    {
        while (_at < soql.Length && char.IsWhiteSpace(soql[_at])) _at++;
        if (_at >= soql.Length) return new Token(TokenKind.End, "", soql.Length);
        var start = _at;
        var letter = soql[_at];
        if (letter == '\'') return String();
        if (char.IsAsciiDigit(letter) || letter is '-' or '+' or '.' && _at + 1 < soql.Length && (char.IsAsciiDigit(soql[_at + 1]) || soql[_at + 1] == '.')) return Number();
        if (char.IsLetter(letter) || letter == '_')
        {
            while (_at < soql.Length && (char.IsLetterOrDigit(soql[_at]) || soql[_at] is '_' or '.' || soql[_at] == ':' && IsCounted(soql[start.._at]))) _at++;
            return new Token(TokenKind.Word, soql[start.._at], start);
        }
        _at++;
        if (_at < soql.Length && soql[start..(_at + 1)] is "!=" or "<>" or "<=" or ">=") _at++;
        var text = soql[start.._at];
        if (text is "(" or ")" or "," or "=" or "<" or ">" or "!=" or "<>" or "<=" or ">=") return new Token(TokenKind.Symbol, text, start);
        throw SoqlException.At("MALFORMED_QUERY", soql, start, $"unexpected token: '{text}'");
    }

    private static bool IsCounted(string word) => word.Contains("_N_", StringComparison.OrdinalIgnoreCase) || word.StartsWith("N_", StringComparison.OrdinalIgnoreCase);

    private Token Number()
    {
        var start = _at++;
        while (_at < soql.Length && (char.IsAsciiLetterOrDigit(soql[_at]) || soql[_at] is '.' or ':'
                   || soql[_at] is '-' or '+' && (IsDatePart(start) || soql[_at - 1] is 'e' or 'E'))) _at++;
        var text = soql[start.._at];
        if (text.Length >= 10 && text[4] == '-')
        {
            var kind = text.Contains('T', StringComparison.OrdinalIgnoreCase) ? TokenKind.DateTime : TokenKind.Date;
            return new Token(kind, text, start);
        }
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _)) return new Token(TokenKind.Number, text, start);
        throw SoqlException.At("MALFORMED_QUERY", soql, start, $"unexpected token: '{text}'");
    }

    /// <summary>A minus or plus goes on with a date (2024-01-01, …T10:00:00-07:00) but not with a plain number.</summary>
    private bool IsDatePart(int start) => _at - start >= 4 && (_at - start == 4 || _at - start == 7 || soql.AsSpan(start, _at - start).Contains('T')) && char.IsAsciiDigit(soql[start]);

    private Token String()
    {
        var start = _at++;
        var text = new StringBuilder();
        while (true)
        {
            if (_at >= soql.Length) throw SoqlException.Malformed("string literal not terminated: unexpected end of query");
            var letter = soql[_at++];
            if (letter == '\'') break;
            if (letter != '\\')
            {
                text.Append(letter);
                continue;
            }
            if (_at >= soql.Length) throw SoqlException.Malformed("string literal not terminated: unexpected end of query");
            var escaped = soql[_at++];
            text.Append(escaped switch
            {
                'n' or 'N' => '\n',
                'r' or 'R' => '\r',
                't' or 'T' => '\t',
                'b' or 'B' => '\b',
                'f' or 'F' => '\f',
                '\'' or '"' or '\\' => escaped,
                '%' => LiteralPercent,
                '_' => LiteralUnderscore,
                'u' or 'U' => Unicode(start),
                _ => throw SoqlException.At("MALFORMED_QUERY", soql, _at - 2, $"Illegal string literal: invalid escape sequence '\\{escaped}'"),
            });
        }
        var pattern = text.ToString();
        return new Token(TokenKind.String, pattern.Replace(LiteralPercent, '%').Replace(LiteralUnderscore, '_'), start, pattern);
    }

    private char Unicode(int start)
    {
        if (_at + 4 <= soql.Length && ushort.TryParse(soql.AsSpan(_at, 4), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
        {
            _at += 4;
            return (char)code;
        }
        throw SoqlException.At("MALFORMED_QUERY", soql, start, "Illegal string literal: invalid unicode escape");
    }
}
