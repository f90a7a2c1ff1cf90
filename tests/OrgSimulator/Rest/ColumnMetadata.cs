using System.Text.Json;
using OrgSimulator.Schema;
using OrgSimulator.Soql;

namespace OrgSimulator.Rest;

/// <summary>The undocumented answer to <c>columns=true</c> that <c>sf data query</c> cannot do without.</summary>
public static class ColumnMetadata
{
    public static void Write(Utf8JsonWriter json, QueryPlan plan)
    {
        json.WriteStartObject();
        json.WriteStartArray("columnMetadata");
        foreach (var column in plan.Columns) Column(json, column);
        json.WriteEndArray();
        json.WriteString("entityName", plan.Type.Name);
        json.WriteBoolean("groupBy", plan.Groups.Count > 0);
        json.WriteBoolean("idSelected", plan.Columns.OfType<FieldColumn>().Any(column => column.Field.Source == FieldSource.Id));
        json.WriteString("keyPrefix", plan.Type.KeyPrefix);
        json.WriteEndObject();
    }

    private static void Column(Utf8JsonWriter json, Column column)
    {
        switch (column)
        {
            case FieldColumn(var name, var field):
                Start(json, name, name, false, ApexType(field.Type), null, field);
                End(json, []);
                break;
            case ParentColumn parent:
                Start(json, parent.Name, parent.Name, false, null, parent.Lookup.Name, null);
                End(json, parent.Columns);
                break;
            case ComputedColumn computed:
                Start(json, computed.Name, computed.Name, true, null, null, null);
                End(json, []);
                break;
            case TypeOfColumn choice:
                Start(json, choice.Name, choice.Name, false, null, choice.Lookup.Name, null);
                End(json, []);
                break;
            case ChildrenColumn children:
                Start(json, children.Name, children.Name, true, null, null, null);
                End(json, children.Plan.Columns);
                break;
            case AggregateColumn aggregate:
                Start(json, aggregate.Name, aggregate.Function is null ? aggregate.Name : $"{aggregate.Function.ToLowerInvariant()}({aggregate.Path?.Text})",
                    aggregate.Function is not null, null, null, aggregate.Function is null ? aggregate.Path!.Leaf : null);
                End(json, []);
                break;
        }
    }

    private static void Start(Utf8JsonWriter json, string name, string display, bool aggregate, string? apexType, string? foreignKey, Field? field)
    {
        json.WriteStartObject();
        json.WriteBoolean("aggregate", aggregate);
        json.WriteString("apexType", apexType);
        json.WriteBoolean("booleanType", field?.Type == FieldType.Boolean);
        json.WriteString("columnName", name);
        json.WriteBoolean("custom", field?.Custom == true);
        json.WriteString("displayName", display);
        json.WriteString("foreignKeyName", foreignKey);
        json.WriteBoolean("insertable", field?.Createable == true);
        json.WriteBoolean("numberType", field is null ? aggregate : field.Type.IsNumber());
        json.WriteBoolean("textType", field?.Type.IsText() == true);
        json.WriteBoolean("updatable", field?.Updateable == true);
    }

    private static void End(Utf8JsonWriter json, IReadOnlyList<Column> joined)
    {
        json.WriteStartArray("joinColumns");
        foreach (var column in joined) Column(json, column);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string ApexType(FieldType type) => type switch
    {
        FieldType.Id or FieldType.Reference => "Id",
        FieldType.Boolean => "Boolean",
        FieldType.Int => "Integer",
        FieldType.Long => "Long",
        FieldType.Double or FieldType.Currency or FieldType.Percent => "Double",
        FieldType.Date => "Date",
        FieldType.DateTime => "Datetime",
        FieldType.Time => "Time",
        FieldType.Base64 => "Blob",
        _ => "String",
    };
}
