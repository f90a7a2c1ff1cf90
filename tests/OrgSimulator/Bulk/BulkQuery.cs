using OrgSimulator.Rest;
using OrgSimulator.Schema;
using OrgSimulator.Soql;
using OrgSimulator.Store;

namespace OrgSimulator.Bulk;

/// <summary>What SOQL a bulk query takes; the refusals are in the words that connectors know.</summary>
public static class BulkQuery
{
    public static QueryPlan Plan(OrgStore store, string soql)
    {
        try
        {
            var query = Parser.Parse(soql);
            if (store.Schema.Find(query.From.Text) is { BulkRefused: true } refused)
                throw new ApiException(400, "INVALIDENTITY", $"Entity '{refused.Name}' is not supported by the Bulk API.");
            if (query.GroupBy.Count > 0 || query.Select.Any(item => item is SelectFunction function && Aggregates.IsAggregate(function.Function.Text)))
                throw new ApiException(400, "API_ERROR", "Aggregate Relationships not supported in Bulk Query");
            if (query.Offset is not null) throw new ApiException(400, "API_ERROR", "Offset not supported in Bulk Query");
            foreach (var item in query.Select)
                if (item switch
                    {
                        SelectTypeOf => "TYPEOF not supported in Bulk Query",
                        SelectChildren => "Nested queries are not supported in Bulk Query",
                        SelectGroup { Kind: not "STANDARD" } => "The SOQL FIELDS function is not supported with an unbounded set of fields in this API",
                        SelectFunction or SelectDistance => "Functions are not supported in Bulk Query",
                        _ => null,
                    } is { } message) throw new ApiException(400, "API_ERROR", message);
            var plan = Binder.Plan(store, soql);
            foreach (var path in plan.FlatPaths!)
            {
                if (path.Leaf.Type.IsCompound() && query.Select is not [SelectGroup]) throw new ApiException(400, "API_ERROR", "Selecting compound data not supported in Bulk Query");
                if (path.Leaf.Type == FieldType.Base64)
                    throw new ApiException(400, "API_ERROR", $"FeatureNotEnabled : Cannot serialize value for '{path.Leaf.Name}' in CSV format");
            }
            return plan;
        }
        catch (SoqlException refused)
        {
            throw new ApiException(400, refused.ErrorCode, refused.Message);
        }
    }
}
