using System.Text.Json;
using OrgSimulator.Schema;
using OrgSimulator.Soql;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>Describe answers with every key that the real ones have, in their order (API 59 and later).</summary>
public sealed class DescribeJson(OrgStore store, ApiRequest request)
{
    private const string MasterRecordType = "012000000000000AAA";

    public void Global(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("encoding", "UTF-8");
        json.WriteNumber("maxBatchSize", 200);
        json.WriteStartArray("sobjects");
        foreach (var type in store.Schema.Objects.OrderBy(type => type.Name, StringComparer.Ordinal)) Summary(json, type);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void Summary(Utf8JsonWriter json, ObjectType type)
    {
        if (type.RecordedSummary is { } told)
        {
            new RecordedDescribeJson(request).Object(json, told, new Dictionary<string, Action>());
            return;
        }
        json.WriteStartObject();
        json.WriteBoolean("activateable", false);
        json.WriteString("associateEntityType", type.AssociateEntityType);
        json.WriteString("associateParentEntity", type.AssociateParentEntity);
        Flags(json, type);
        json.WriteString("label", type.Label);
        json.WriteString("labelPlural", type.LabelPlural);
        json.WriteBoolean("layoutable", !type.Setup);
        json.WriteBoolean("mergeable", type.Name is "Account" or "Contact" or "Lead" or "Case");
        json.WriteBoolean("mruEnabled", !type.Setup);
        json.WriteString("name", type.Name);
        Capabilities(json, type);
        Urls(json, type);
        json.WriteEndObject();
    }

    public void Object(Utf8JsonWriter json, ObjectType type)
    {
        if (type.Recorded is { } told)
        {
            Recorded(json, type, told);
            return;
        }
        json.WriteStartObject();
        json.WriteStartArray("actionOverrides");
        json.WriteEndArray();
        json.WriteBoolean("activateable", false);
        json.WriteString("associateEntityType", type.AssociateEntityType);
        json.WriteString("associateParentEntity", type.AssociateParentEntity);
        Children(json, type);
        json.WriteBoolean("compactLayoutable", !type.Setup);
        json.WriteBoolean("createable", type.Createable);
        json.WriteBoolean("custom", type.Custom);
        json.WriteBoolean("customSetting", type.CustomSetting);
        json.WriteBoolean("deepCloneable", false);
        json.WriteNull("defaultImplementation");
        json.WriteBoolean("deletable", type.Deletable);
        json.WriteBoolean("deprecatedAndHidden", type.DeprecatedAndHidden);
        json.WriteNull("extendedBy");
        json.WriteNull("extendsInterfaces");
        json.WriteBoolean("feedEnabled", false);
        json.WriteStartArray("fields");
        foreach (var field in type.Fields) Field(json, type, field);
        json.WriteEndArray();
        json.WriteBoolean("hasSubtypes", false);
        json.WriteNull("implementedBy");
        json.WriteNull("implementsInterfaces");
        json.WriteBoolean("isInterface", false);
        json.WriteBoolean("isSubtype", false);
        json.WriteString("keyPrefix", type.KeyPrefix);
        json.WriteString("label", type.Label);
        json.WriteString("labelPlural", type.LabelPlural);
        json.WriteBoolean("layoutable", !type.Setup);
        json.WriteNull("listviewable");
        json.WriteNull("lookupLayoutable");
        json.WriteBoolean("mergeable", type.Name is "Account" or "Contact" or "Lead" or "Case");
        json.WriteBoolean("mruEnabled", !type.Setup);
        json.WriteString("name", type.Name);
        json.WriteStartArray("namedLayoutInfos");
        json.WriteEndArray();
        json.WriteNull("networkScopeFieldName");
        json.WriteBoolean("queryable", type.Queryable);
        RecordTypes(json, type);
        json.WriteBoolean("replicateable", type.Replicateable);
        json.WriteBoolean("retrieveable", type.Retrieveable);
        json.WriteBoolean("searchLayoutable", !type.Setup);
        json.WriteBoolean("searchable", !type.Setup);
        json.WriteString("sobjectDescribeOption", "FULL");
        json.WriteStartArray("supportedScopes");
        Scope(json, $"All {type.LabelPlural.ToLowerInvariant()}", "everything");
        Scope(json, $"My {type.LabelPlural.ToLowerInvariant()}", "mine");
        json.WriteEndArray();
        json.WriteBoolean("triggerable", !type.Setup);
        json.WriteBoolean("undeletable", type.Undeletable);
        json.WriteBoolean("updateable", type.Updateable);
        Urls(json, type);
        json.WriteEndObject();
    }

    private void Recorded(Utf8JsonWriter json, ObjectType type, JsonElement told)
    {
        var recorded = new RecordedDescribeJson(request);
        recorded.Object(json, told, new Dictionary<string, Action>
        {
            ["fields"] = () =>
            {
                json.WriteStartArray();
                foreach (var field in type.Fields)
                    if (field.Recorded is null) Field(json, type, field);
                    else RecordedDescribeJson.Field(json, type, field);
                json.WriteEndArray();
            },
            ["childRelationships"] = () =>
            {
                json.WriteStartArray();
                foreach (var link in told.GetProperty("childRelationships").EnumerateArray()) recorded.Value(json, link);
                // What the recording cannot know: lookups that came with the data.
                foreach (var link in store.Schema.ChildrenOf(type).Where(link => link.Lookup is { Recorded: null, Hidden: false } && (link.Lookup.Custom || link.Child.Custom))) Child(json, link);
                json.WriteEndArray();
            },
            ["recordTypeInfos"] = () =>
            {
                json.WriteStartArray();
                var known = told.GetProperty("recordTypeInfos").EnumerateArray().ToList();
                foreach (var info in known) recorded.Value(json, info);
                var ids = known.Select(info => SalesforceId.Complete(info.GetProperty("recordTypeId").GetString())).ToHashSet();
                foreach (var row in RecordTypeRows(type).Where(row => !ids.Contains(row.Id))) RecordType(json, type, row);
                json.WriteEndArray();
            },
        });
    }

    private static void Flags(Utf8JsonWriter json, ObjectType type)
    {
        json.WriteBoolean("createable", type.Createable);
        json.WriteBoolean("custom", type.Custom);
        json.WriteBoolean("customSetting", type.CustomSetting);
        json.WriteBoolean("deepCloneable", false);
        json.WriteBoolean("deletable", type.Deletable);
        json.WriteBoolean("deprecatedAndHidden", type.DeprecatedAndHidden);
        json.WriteBoolean("feedEnabled", false);
        json.WriteBoolean("hasSubtypes", false);
        json.WriteBoolean("isInterface", false);
        json.WriteBoolean("isSubtype", false);
        json.WriteString("keyPrefix", type.AssociateEntityType is null ? type.KeyPrefix : null);
    }

    private static void Capabilities(Utf8JsonWriter json, ObjectType type)
    {
        json.WriteBoolean("queryable", type.Queryable);
        json.WriteBoolean("replicateable", type.Replicateable);
        json.WriteBoolean("retrieveable", type.Retrieveable);
        json.WriteBoolean("searchable", !type.Setup);
        json.WriteBoolean("triggerable", !type.Setup);
        json.WriteBoolean("undeletable", type.Undeletable);
        json.WriteBoolean("updateable", type.Updateable);
    }

    private void Urls(Utf8JsonWriter json, ObjectType type)
    {
        var own = $"{request.Base}/sobjects/{type.Name}";
        json.WriteStartObject("urls");
        if (!type.Setup)
        {
            json.WriteString("compactLayouts", own + "/describe/compactLayouts");
            json.WriteString("layouts", own + "/describe/layouts");
            json.WriteString("approvalLayouts", own + "/describe/approvalLayouts");
            json.WriteString("listviews", own + "/listviews");
            json.WriteString("quickActions", own + "/quickActions");
        }
        json.WriteString("rowTemplate", own + "/{ID}");
        json.WriteString("describe", own + "/describe");
        json.WriteString("sobject", own);
        json.WriteEndObject();
    }

    private void Children(Utf8JsonWriter json, ObjectType type)
    {
        json.WriteStartArray("childRelationships");
        foreach (var link in store.Schema.ChildrenOf(type).Where(link => !link.Lookup.Hidden)) Child(json, link);
        json.WriteEndArray();
    }

    private static void Child(Utf8JsonWriter json, ChildLink link)
    {
        json.WriteStartObject();
        json.WriteBoolean("cascadeDelete", link.Lookup.DeleteRule == DeleteRule.Cascade);
        json.WriteString("childSObject", link.Child.Name);
        json.WriteBoolean("deprecatedAndHidden", false);
        json.WriteString("field", link.Lookup.Name);
        json.WriteStartArray("junctionIdListNames");
        json.WriteEndArray();
        json.WriteStartArray("junctionReferenceTo");
        json.WriteEndArray();
        json.WriteString("relationshipName", Binder.ChildName(link));
        json.WriteBoolean("restrictedDelete", link.Lookup.DeleteRule == DeleteRule.Restrict);
        json.WriteEndObject();
    }

    private IEnumerable<Row> RecordTypeRows(ObjectType type)
    {
        var table = store.Table("RecordType");
        return type.Name == "RecordType" ? [] : table.Live().Where(row => type.Name.Equals(row[table.Type["SobjectType"].Slot], StringComparison.OrdinalIgnoreCase));
    }

    private void RecordTypes(Utf8JsonWriter json, ObjectType type)
    {
        json.WriteStartArray("recordTypeInfos");
        foreach (var row in RecordTypeRows(type)) RecordType(json, type, row);
        RecordType(json, type, MasterRecordType, "Master", "Master", true, true);
        json.WriteEndArray();
    }

    private void RecordType(Utf8JsonWriter json, ObjectType type, Row row)
    {
        var columns = store.Schema["RecordType"];
        RecordType(json, type, row.Id, row[columns["DeveloperName"].Slot] ?? "", row[columns["Name"].Slot] ?? "", row[columns["IsActive"].Slot] == "true", false);
    }

    private void RecordType(Utf8JsonWriter json, ObjectType type, string id, string developerName, string name, bool active, bool master)
    {
        json.WriteStartObject();
        json.WriteBoolean("active", active);
        json.WriteBoolean("available", true);
        json.WriteBoolean("defaultRecordTypeMapping", master);
        json.WriteString("developerName", developerName);
        json.WriteBoolean("master", master);
        json.WriteString("name", name);
        json.WriteString("recordTypeId", id);
        json.WriteStartObject("urls");
        json.WriteString("layout", $"{request.Base}/sobjects/{type.Name}/describe/layouts/{id}");
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Scope(Utf8JsonWriter json, string label, string name)
    {
        json.WriteStartObject();
        json.WriteString("label", label);
        json.WriteString("name", name);
        json.WriteEndObject();
    }

    private static void Field(Utf8JsonWriter json, ObjectType type, Field field)
    {
        var text = field.Type.IsText() || field.Type is FieldType.Id or FieldType.Reference;
        json.WriteStartObject();
        json.WriteBoolean("aggregatable", field.Aggregatable);
        json.WriteBoolean("aiPredictionField", false);
        json.WriteBoolean("autoNumber", field.AutoNumber);
        json.WriteNumber("byteLength", field.Type is FieldType.Id or FieldType.Reference ? 18 : text ? field.Length * 3 : 0);
        json.WriteBoolean("calculated", field.Calculated);
        json.WriteString("calculatedFormula", field.Formula);
        json.WriteBoolean("cascadeDelete", field.DeleteRule == DeleteRule.Cascade);
        json.WriteBoolean("caseSensitive", field.CaseSensitive);
        json.WriteString("compoundFieldName", field.CompoundName);
        json.WriteNull("controllerName");
        json.WriteBoolean("createable", field.Createable && type.Createable);
        json.WriteBoolean("custom", field.Custom);
        if (field.Type == FieldType.Boolean) json.WriteBoolean("defaultValue", field.DefaultValue == "true");
        else json.WriteNull("defaultValue");
        json.WriteNull("defaultValueFormula");
        json.WriteBoolean("defaultedOnCreate", field.DefaultedOnCreate);
        json.WriteBoolean("dependentPicklist", false);
        json.WriteBoolean("deprecatedAndHidden", false);
        json.WriteNumber("digits", field.Type == FieldType.Int ? field.Length : 0);
        json.WriteBoolean("displayLocationInDecimal", false);
        json.WriteBoolean("encrypted", field.Shield != Shield.None);
        json.WriteBoolean("externalId", field.ExternalId);
        json.WriteString("extraTypeInfo", field.ExtraTypeInfo);
        json.WriteBoolean("filterable", field.Filterable);
        json.WriteNull("filteredLookupInfo");
        json.WriteBoolean("formulaTreatNullNumberAsZero", field.BlanksAreZero);
        json.WriteBoolean("groupable", field.Groupable);
        json.WriteBoolean("highScaleNumber", false);
        json.WriteBoolean("htmlFormatted", field.Html);
        json.WriteBoolean("idLookup", field.IdLookup || field.ExternalId);
        json.WriteString("inlineHelpText", field.HelpText);
        json.WriteString("label", field.Label);
        json.WriteNumber("length", text ? field.Length : 0);
        json.WriteString("mask", field.MaskType is null ? null : "asterisk");
        json.WriteString("maskType", field.MaskType);
        json.WriteString("name", field.Name);
        json.WriteBoolean("nameField", field.NameField);
        json.WriteBoolean("namePointing", field.Polymorphic);
        json.WriteBoolean("nillable", field.Nillable);
        json.WriteBoolean("permissionable", field.Nillable && field.Createable);
        Picklist(json, field);
        json.WriteBoolean("polymorphicForeignKey", field.Polymorphic);
        json.WriteNumber("precision", field.Precision);
        json.WriteBoolean("queryByDistance", field.Type.IsCompound());
        json.WriteNull("referenceTargetField");
        json.WriteStartArray("referenceTo");
        foreach (var target in field.ReferenceTo) json.WriteStringValue(target);
        json.WriteEndArray();
        json.WriteString("relationshipName", field.RelationshipName);
        if (field.RelationshipOrder is { } order) json.WriteNumber("relationshipOrder", order);
        else json.WriteNull("relationshipOrder");
        json.WriteBoolean("restrictedDelete", field.DeleteRule == DeleteRule.Restrict);
        json.WriteBoolean("restrictedPicklist", field.RestrictedPicklist);
        json.WriteNumber("scale", field.Scale);
        json.WriteBoolean("searchPrefilterable", field.Type == FieldType.Reference);
        json.WriteString("soapType", field.Type.SoapName());
        json.WriteBoolean("sortable", field.Sortable);
        json.WriteString("type", field.Type.Name());
        json.WriteBoolean("unique", field.Unique);
        json.WriteBoolean("updateable", field.Updateable && type.Updateable);
        json.WriteBoolean("writeRequiresMasterRead", field.WriteRequiresMasterRead);
        json.WriteEndObject();
    }

    private static void Picklist(Utf8JsonWriter json, Field field)
    {
        json.WriteStartArray("picklistValues");
        foreach (var value in field.PicklistValues)
        {
            json.WriteStartObject();
            json.WriteBoolean("active", true);
            json.WriteBoolean("defaultValue", value == field.DefaultValue);
            json.WriteString("label", value);
            json.WriteNull("validFor");
            json.WriteString("value", value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
