using System.Globalization;
using System.Text.RegularExpressions;
using Appliance.Salesforce;

namespace Appliance.Engine.Templates;

/// <summary>Writes one filter as SOQL by the type of its field, or says what is wrong with it.</summary>
internal static partial class FilterText
{
    /// <param name="path">What stands before the field's name: the way from a child up to this object, with its point.</param>
    public static (string? Soql, string? Mistake) Write(TemplateFilter filter, ObjectDescribe describe, string path)
    {
        var at = $"{describe.Name}.{filter.Field}";
        if (describe.Field(filter.Field) is not { } field) return (null, $"{at}: there is no such field, or the connected user does not see it.");
        if (field.Encrypted) return (null, $"{at}: it is encrypted (Shield), so there is no filter by it.");
        if (!field.Filterable) return (null, $"{at}: Salesforce does not let this field be filtered.");
        if (!TemplateFilter.Operators.Contains(filter.Operator)) return (null, $"{at}: there is no operator '{filter.Operator}'; there are {string.Join(", ", TemplateFilter.Operators)}.");
        var name = path + field.Name;
        var value = filter.Value ?? "";
        if (filter.Operator is "contains" or "not contains" or "starts with") return Like(filter, field, name, value, at);
        if (filter.Operator is "includes" or "excludes" && field.Type != "multipicklist") return (null, $"{at}: '{filter.Operator}' is for fields of several choices.");
        if (filter.Operator is "in" or "not in" or "includes" or "excludes")
        {
            var literals = value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(v => Literal(field, v)).ToList();
            if (literals.Count == 0 || literals.Contains(null)) return (null, $"{at}: '{value}' is no list of values of the type {field.Type}.");
            return ($"{name} {filter.Operator.ToUpperInvariant()} ({string.Join(',', literals)})", null);
        }
        if (value.Length == 0) return filter.Operator is "=" or "!=" ? ($"{name} {filter.Operator} null", null) : (null, $"{at}: '{filter.Operator}' wants a value.");
        if (filter.Operator is not ("=" or "!=") && field.Type is "boolean" or "id" or "reference" or "multipicklist") return (null, $"{at}: '{filter.Operator}' does not go with the type {field.Type}.");
        return Literal(field, value) is { } literal ? ($"{name} {filter.Operator} {literal}", null) : (null, $"{at}: '{value}' is no value of the type {field.Type}.");
    }

    private static (string?, string?) Like(TemplateFilter filter, FieldDescribe field, string name, string value, string at)
    {
        if (field.Type is not ("string" or "picklist" or "email" or "phone" or "url" or "textarea" or "combobox")) return (null, $"{at}: '{filter.Operator}' is for text.");
        if (value.Length == 0) return (null, $"{at}: '{filter.Operator}' wants a value.");
        var escaped = SoqlText.Quote(value)[1..^1].Replace("%", "\\%", StringComparison.Ordinal).Replace("_", "\\_", StringComparison.Ordinal);
        var like = $"{name} LIKE '{(filter.Operator == "starts with" ? "" : "%")}{escaped}%'";
        return (filter.Operator == "not contains" ? $"(NOT {like})" : like, null);
    }

    private static string? Literal(FieldDescribe field, string value) => field.Type switch
    {
        "boolean" => value.ToLowerInvariant() is "true" or "false" ? value.ToLowerInvariant() : null,
        "int" or "long" or "double" or "currency" or "percent" => decimal.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number.ToString(CultureInfo.InvariantCulture) : null,
        "date" => DateWord().IsMatch(value) || DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) ? value : null,
        "datetime" => DateWord().IsMatch(value) ? value
            : DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) ? SoqlText.Literal(moment) : null,
        "id" or "reference" => SalesforceId.IsId(value) ? SoqlText.Quote(value) : null,
        _ => SoqlText.Quote(value),
    };

    [GeneratedRegex("^(TODAY|YESTERDAY|TOMORROW|(LAST|THIS|NEXT)_(WEEK|MONTH|QUARTER|YEAR|FISCAL_QUARTER|FISCAL_YEAR)|(LAST|NEXT)_90_DAYS|(LAST|NEXT)_N_(DAYS|WEEKS|MONTHS|QUARTERS|YEARS|FISCAL_QUARTERS|FISCAL_YEARS):[1-9][0-9]{0,4}|N_(DAYS|WEEKS|MONTHS|QUARTERS|YEARS)_AGO:[1-9][0-9]{0,4})$")]
    private static partial Regex DateWord();
}
