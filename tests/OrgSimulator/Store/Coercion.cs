using System.Globalization;
using System.Text.RegularExpressions;
using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>Brings what a client sent into the stored form of a field, or says why that cannot be.</summary>
public static partial class Coercion
{
    public static bool TryStore(Field field, string raw, out string? stored, out SaveError? error)
    {
        error = null;
        stored = raw;
        switch (field.Type)
        {
            case FieldType.Boolean:
                stored = Boolean(raw);
                if (stored is null) error = WrongType(field, raw);
                break;
            case FieldType.Int or FieldType.Long:
                stored = Whole(raw.Trim());
                if (stored is null) error = WrongType(field, raw);
                else if (field.Type == FieldType.Int && !int.TryParse(stored, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)) error = OutOfRange(field, raw);
                break;
            case FieldType.Double or FieldType.Currency or FieldType.Percent:
                stored = Number(raw.Trim());
                if (stored is null) error = WrongType(field, raw);
                else if (field.Precision > 0 && DigitsBeforePoint(stored) > field.Precision - field.Scale)
                    error = OutOfRange(field, raw);
                break;
            case FieldType.Date:
                stored = Date(raw.Trim());
                if (stored is null) error = WrongType(field, raw);
                break;
            case FieldType.DateTime:
                stored = DateTime(raw.Trim());
                if (stored is null) error = WrongType(field, raw);
                break;
            case FieldType.Time:
                stored = Time(raw.Trim());
                if (stored is null) error = WrongType(field, raw);
                break;
            case FieldType.Reference or FieldType.Id:
                stored = SalesforceId.Complete(raw.AsSpan().Trim());
                if (stored is null) error = new SaveError("MALFORMED_ID", $"{field.Label}: id value of incorrect type: {raw}", field.Name);
                break;
            default:
                stored = Text(raw);
                if (stored.Length == 0) stored = null;
                else if (field.Length > 0 && stored.Length > field.Length)
                    error = new SaveError("STRING_TOO_LONG",
                        $"{field.Label}: data value too large: {stored[..Math.Min(stored.Length, 255)]} (max length={field.Length})", field.Name);
                else if (field.RestrictedPicklist) error = Picklist(field, stored);
                break;
        }
        return error is null;
    }

    public static string? Boolean(string raw) => raw.Trim() switch
    {
        "1" => "true",
        "0" => "false",
        var text when text.Equals("true", StringComparison.OrdinalIgnoreCase) => "true",
        var text when text.Equals("false", StringComparison.OrdinalIgnoreCase) => "false",
        _ => null,
    };

    public static string? Whole(string raw)
    {
        if (long.TryParse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return whole.ToString(CultureInfo.InvariantCulture);
        return decimal.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number == decimal.Truncate(number)
            ? decimal.Truncate(number).ToString(CultureInfo.InvariantCulture) : null;
    }

    /// <summary>The given digits are kept; only a bare whole number gets the ".0" that Java's doubles carry.</summary>
    public static string? Number(string raw)
    {
        if (!NumberShape().IsMatch(raw)) return null;
        // What is stored must also be a JSON number: no plus, no superfluous zeros in front, digits on both sides of the point.
        var negative = raw[0] == '-';
        var text = (raw[0] is '+' or '-' ? raw[1..] : raw).TrimStart('0');
        if (text.Length == 0 || !char.IsAsciiDigit(text[0])) text = "0" + text;
        if (text.IndexOf('.', StringComparison.Ordinal) is var point and >= 0 && (point + 1 == text.Length || !char.IsAsciiDigit(text[point + 1])))
            text = text.Insert(point + 1, "0");
        if (text.AsSpan().IndexOfAny(".eE") < 0) text += ".0";
        return negative ? "-" + text : text;
    }

    public static string? Date(string raw)
    {
        if (raw.Length > 10 && raw[10] == 'T') raw = raw[..10];
        return DateOnly.TryParseExact(raw, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && date.Year >= 1700 && date.Year <= 4000
            ? raw : null;
    }

    public static string? DateTime(string raw) =>
        Instant(raw) is { } instant && instant.Year is >= 1700 and <= 4000
            ? instant.ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture) : null;

    public static DateTime? Instant(string raw) =>
        DateTimeShape().IsMatch(raw) && DateTimeOffset.TryParse(raw, CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant) ? instant.UtcDateTime : null;

    public static string? Time(string raw) =>
        TimeOnly.TryParse(raw.TrimEnd('Z'), CultureInfo.InvariantCulture, out var time)
            ? time.ToString("HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture) : null;

    /// <summary>Text as the org keeps it: no white space around it, lines ended by LF.</summary>
    public static string Text(string raw)
    {
        var text = raw.AsSpan().Trim();
        var kept = text.Length == raw.Length ? raw : text.ToString();
        return kept.Contains('\r', StringComparison.Ordinal) ? kept.Replace("\r\n", "\n", StringComparison.Ordinal) : kept;
    }

    private static SaveError? Picklist(Field field, string stored)
    {
        foreach (var value in field.Type == FieldType.MultiPicklist ? stored.Split(';') : [stored])
            if (!field.PicklistValues.Contains(value))
                return new SaveError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", $"{field.Label}: bad value for restricted picklist field: {value}", field.Name);
        return null;
    }

    private static SaveError OutOfRange(Field field, string raw) =>
        new("NUMBER_OUTSIDE_VALID_RANGE", $"{field.Label}: value outside of valid range on numeric field: {raw}", field.Name);

    private static SaveError WrongType(Field field, string raw) =>
        new("INVALID_TYPE_ON_FIELD_IN_RECORD", $"{field.Label}: value not of required type: {raw}", field.Name);

    private static int DigitsBeforePoint(string number) =>
        decimal.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
            ? decimal.Truncate(Math.Abs(value)) is var whole and not 0 ? whole.ToString(CultureInfo.InvariantCulture).Length : 0
            : number.Contains('E', StringComparison.OrdinalIgnoreCase) ? 99 : number.IndexOf('.', StringComparison.Ordinal);

    [GeneratedRegex(@"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")]
    private static partial Regex NumberShape();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$")]
    private static partial Regex DateTimeShape();
}
