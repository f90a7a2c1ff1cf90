using System.Globalization;
using System.Text;

namespace OrgSimulator.Formulas;

public enum FormulaTokenKind { Number, Text, Name, Sign, End }

public readonly record struct FormulaToken(FormulaTokenKind Kind, string Text)
{
    private static readonly string[] Signs = ["&&", "||", "<>", "!=", "==", "<=", ">=", "(", ")", ",", "+", "-", "*", "/", "^", "&", "=", "<", ">", "!"];

    public bool Is(string sign) => Kind == FormulaTokenKind.Sign && Text == sign;

    public static List<FormulaToken> Read(string formula)
    {
        var tokens = new List<FormulaToken>();
        var at = 0;
        while (at < formula.Length)
        {
            var letter = formula[at];
            if (char.IsWhiteSpace(letter)) at++;
            else if (string.CompareOrdinal(formula, at, "/*", 0, 2) == 0)
            {
                var end = formula.IndexOf("*/", at + 2, StringComparison.Ordinal);
                at = end < 0 ? throw new FormulaException("a comment is never closed") : end + 2;
            }
            else if (letter is '"' or '\'') tokens.Add(Quoted(formula, ref at));
            else if (char.IsAsciiDigit(letter) || letter == '.' && at + 1 < formula.Length && char.IsAsciiDigit(formula[at + 1])) tokens.Add(Number(formula, ref at));
            else if (char.IsLetter(letter) || letter is '_' or '$')
            {
                var start = at++;
                while (at < formula.Length && (char.IsLetterOrDigit(formula[at]) || formula[at] is '_' or '.' or ':' or '$')) at++;
                tokens.Add(new(FormulaTokenKind.Name, formula[start..at]));
            }
            else
            {
                var position = at;
                var sign = Array.Find(Signs, sign => string.CompareOrdinal(formula, position, sign, 0, sign.Length) == 0) ?? throw new FormulaException($"unexpected '{letter}'");
                tokens.Add(new(FormulaTokenKind.Sign, sign));
                at += sign.Length;
            }
        }
        tokens.Add(new(FormulaTokenKind.End, ""));
        return tokens;
    }

    private static FormulaToken Quoted(string formula, ref int at)
    {
        var quote = formula[at++];
        var text = new StringBuilder();
        for (; at < formula.Length && formula[at] != quote; at++)
        {
            if (formula[at] != '\\' || at + 1 >= formula.Length) text.Append(formula[at]);
            else
                text.Append(formula[++at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var other => other });
        }
        if (at++ >= formula.Length) throw new FormulaException("a text is never closed");
        return new(FormulaTokenKind.Text, text.ToString());
    }

    private static FormulaToken Number(string formula, ref int at)
    {
        var start = at;
        while (at < formula.Length && (char.IsAsciiDigit(formula[at]) || formula[at] == '.')) at++;
        var digits = formula[start..at];
        return decimal.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _) ? new(FormulaTokenKind.Number, digits) : throw new FormulaException($"'{digits}' is no number");
    }
}
