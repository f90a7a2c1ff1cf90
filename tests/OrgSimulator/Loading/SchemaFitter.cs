using System.Globalization;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Loading;

/// <summary>Makes the schema fit the data: unknown objects and fields are added, known ones widened where a value would not fit.</summary>
public sealed class SchemaFitter(OrgSchema schema)
{
    public void Fit(LoadedObject loaded)
    {
        var type = schema.Find(loaded.Name);
        if (type is null)
        {
            type = CustomObjects.New(loaded.Name);
            if (!type.Custom) type.KeyPrefix = schema.NextPrefix('z');
            schema.Add(type);
        }
        var columns = new Dictionary<string, List<string>>(StringComparer.OrdinalIgnoreCase);
        var names = new List<string>();
        foreach (var record in loaded.Records)
            foreach (var value in record.Values)
            {
                if (!columns.TryGetValue(value.Field, out var texts))
                {
                    columns[value.Field] = texts = [];
                    names.Add(value.Field);
                }
                if (value.Reference is null && value.Text is { } text) texts.Add(text);
            }
        foreach (var (field, target) in loaded.Lookups)
            if (Known(type, field) is { } known)
            {
                if (known.Type != FieldType.Reference)
                    throw new LoadException(IndexedFolder.IndexName, null, $"{type.Name}.{field} is declared a lookup, but it is a {known.Type.Name()} field", "Remove it from lookups or rename it");
                if (!known.ReferenceTo.Contains(target, StringComparer.OrdinalIgnoreCase) && !known.ReferenceTo.Contains("*")) known.ReferenceTo.Add(target);
            }
            else type.Add(CustomObjects.Lookup(schema, type, field, target));
        foreach (var name in names.Where(name => !loaded.Lookups.ContainsKey(name)))
        {
            if (Known(type, name) is { } known) Widen(known, columns[name]);
            else type.Add(Infer(name, columns[name]));
        }
        Relax(type, loaded);
    }

    /// <summary>A field that a recorded describe left out but the data has is there in this org.</summary>
    private static Field? Known(ObjectType type, string name)
    {
        if (type.FindAny(name) is not { } field) return null;
        if (field.Hidden) type.Hide(field, false);
        return field;
    }

    /// <summary>A type for a column that no schema knows, from all its values.</summary>
    public static Field Infer(string name, IReadOnlyList<string> values)
    {
        var field = new Field(name, InferType(values));
        switch (field.Type)
        {
            case FieldType.Boolean:
                (field.Nillable, field.DefaultedOnCreate, field.DefaultValue) = (false, true, "false");
                break;
            case FieldType.Int: field.Length = 9; break;
            case FieldType.Double: (field.Precision, field.Scale) = (18, 6); break;
            case FieldType.TextArea: field.Length = Math.Max(32_768, values.Max(value => value.Length)); break;
            case FieldType.String: field.Length = 255; break;
        }
        return field;
    }

    private static FieldType InferType(IReadOnlyList<string> values)
    {
        if (values.Count == 0) return FieldType.String;
        if (values.All(value => value is "true" or "false" or "TRUE" or "FALSE")) return FieldType.Boolean;
        if (values.All(IsInt)) return FieldType.Int;
        if (values.All(IsDouble)) return FieldType.Double;
        if (values.All(value => value.Length == 10 && Coercion.Date(value) is not null)) return FieldType.Date;
        if (values.All(value => value.Length > 10 && Coercion.DateTime(value) is not null)) return FieldType.DateTime;
        return values.Any(value => value.Length > 255 || value.Contains('\n', StringComparison.Ordinal)) ? FieldType.TextArea : FieldType.String;
    }

    /// <summary>Whole numbers as Salesforce would print them; "007" and telephone numbers stay text.</summary>
    private static bool IsInt(string value) =>
        value.Length <= 9 && int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
        && number.ToString(CultureInfo.InvariantCulture) == value;

    private static bool IsDouble(string value) => value.Length <= 18 && Coercion.Number(value) is { } stored && (stored == value || IsInt(value));

    private static void Widen(Field field, List<string> values)
    {
        if (field.Source != FieldSource.Slot || field.Type == FieldType.Reference || field.Type == FieldType.Base64) return;
        var longest = 0;
        foreach (var value in values)
        {
            longest = Math.Max(longest, value.Length);
            if (field.Type.IsText()) AddPicklistValues(field, value);
            else if (!Coercion.TryStore(field, value, out _, out _))
            {
                // The data wins: the org this came from had another type here.
                var fitting = Infer(field.Name, values);
                (field.Type, field.Length, field.Precision, field.Scale, field.Nillable) = (fitting.Type, fitting.Length, fitting.Precision, fitting.Scale, true);
                field.DefaultValue = null;
                return;
            }
        }
        if (field.Type.IsText() && field.Length > 0 && longest > field.Length)
        {
            field.Length = longest;
            if (longest > 255 && field.Type == FieldType.String) field.Type = FieldType.TextArea;
        }
    }

    private static void AddPicklistValues(Field field, string value)
    {
        if (!field.RestrictedPicklist) return;
        foreach (var one in field.Type == FieldType.MultiPicklist ? value.Split(';') : [value])
            if (!field.PicklistValues.Contains(one)) field.PicklistValues.Add(one);
    }

    /// <summary>A required field that some record leaves empty is not required in this org.</summary>
    private static void Relax(ObjectType type, LoadedObject loaded)
    {
        foreach (var field in type.Fields.Where(field => field.Required && field.Source == FieldSource.Slot))
            if (loaded.Records.Exists(record => !record.Values.Any(value => value.Text is { Length: > 0 } && value.Field.Equals(field.Name, StringComparison.OrdinalIgnoreCase))))
                field.Nillable = true;
    }
}
