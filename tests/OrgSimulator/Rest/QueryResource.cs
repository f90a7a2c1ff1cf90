using System.Globalization;
using System.Text.Json;
using OrgSimulator.Schema;
using OrgSimulator.Soql;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>query, queryAll, their following pages, columns=true and explain.</summary>
public sealed class QueryResource(OrgStore store, Cursors cursors)
{
    private const int MostGroups = 2000;

    public ApiAnswer Handle(ApiRequest request)
    {
        if (request.Method != "GET") throw ApiException.NotAllowed(request.Method, "HEAD, GET");
        var all = request.Path[0].Equals("queryAll", StringComparison.OrdinalIgnoreCase);
        if (request.Path.Count > 1) return Following(request, request.Path[1]);
        if (request.Query.TryGetValue("explain", out var explained)) return Explain(explained);
        if (!request.Query.TryGetValue("q", out var soql)) throw new ApiException(400, "MALFORMED_QUERY", "A query string has to be specified");
        return Run(request, soql, all);
    }

    private ApiAnswer Run(ApiRequest request, string soql, bool includeDeleted)
    {
        var plan = Plan(soql);
        if (request.Query.TryGetValue("columns", out var columns) && columns.Equals("true", StringComparison.OrdinalIgnoreCase))
            return ApiAnswer.Of(json => ColumnMetadata.Write(json, plan));
        if (plan.IsCount)
        {
            var count = new QueryResult(plan, store, includeDeleted).Total;
            return ApiAnswer.Of(json => Envelope(json, count, null, () => { }));
        }
        if (plan.IsAggregate)
        {
            var groups = Aggregates.Run(plan, store, includeDeleted);
            if (groups.Count > MostGroups)
                throw new ApiException(400, "EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch");
            return ApiAnswer.Of(json => Envelope(json, groups.Count, null, () =>
            {
                foreach (var group in groups) RecordJson.Aggregate(json, plan, group);
            }));
        }
        return Page(request, new Cursors.Cursor(plan, new QueryResult(plan, store, includeDeleted), includeDeleted, store.Now), null, 0);
    }

    private ApiAnswer Following(ApiRequest request, string locator)
    {
        var dash = locator.LastIndexOf('-');
        if (dash < 0 || !int.TryParse(locator.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var offset)
            || SalesforceId.Complete(locator.AsSpan(0, dash)) is not { } id || cursors.Find(id) is not { } cursor || offset > cursor.Rows.Total)
            throw new ApiException(400, "INVALID_QUERY_LOCATOR", "invalid query locator");
        return Page(request, cursor, id, offset);
    }

    private ApiAnswer Page(ApiRequest request, Cursors.Cursor cursor, string? id, int offset)
    {
        var size = PageSize(request, cursor.Plan);
        var writer = new RecordJson(store, request.Base)
        {
            MostChildren = size, Open = (plan, children) => cursors.Open(new Cursors.Cursor(plan, QueryResult.Held(plan, store, children), cursor.IncludeDeleted, store.Now)),
        };
        var rows = cursor.Rows.Page(offset, size);
        rows = rows[..writer.Fitting(cursor.Plan, rows, size, cursor.IncludeDeleted)];
        string? next = null;
        if (offset + rows.Count < cursor.Rows.Total) next = $"{request.Base}/query/{id ?? cursors.Open(cursor)}-{offset + rows.Count}";
        return ApiAnswer.Of(json => Envelope(json, cursor.Rows.Total, next, () => writer.Records(json, cursor.Plan, rows, cursor.IncludeDeleted), pages: true));
    }

    /// <summary>2,000 by default; the header may ask for 200 to 2,000; two long text fields bring it down to 200.</summary>
    private static int PageSize(ApiRequest request, QueryPlan plan)
    {
        var size = 2000;
        if (request.Header("Sforce-Query-Options") is { } options)
            foreach (var option in options.Split(',', ';'))
                if (option.Split('=') is [var name, var value] && name.Trim().Equals("batchSize", StringComparison.OrdinalIgnoreCase)
                    && int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var asked))
                    size = Math.Clamp(asked, 200, 2000);
        var longTexts = plan.Columns.OfType<FieldColumn>().Count(column => column.Field is { Custom: true, LongText: true });
        return longTexts >= 2 ? Math.Min(size, 200) : size;
    }

    private QueryPlan Plan(string soql)
    {
        try
        {
            return Binder.Plan(store, soql);
        }
        catch (SoqlException refused)
        {
            throw new ApiException(400, refused.ErrorCode, refused.Message);
        }
    }

    private ApiAnswer Explain(string soql)
    {
        var plan = Plan(soql);
        var cardinality = store.Table(plan.Type).LiveCount;
        return ApiAnswer.Of(json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("plans");
            json.WriteStartObject();
            json.WriteNumber("cardinality", cardinality);
            json.WriteStartArray("fields");
            json.WriteEndArray();
            json.WriteString("leadingOperationType", "TableScan");
            json.WriteStartArray("notes");
            json.WriteEndArray();
            json.WriteNumber("relativeCost", 1.0);
            json.WriteNumber("sobjectCardinality", cardinality);
            json.WriteString("sobjectType", plan.Type.Name);
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteString("sourceQuery", soql);
            json.WriteEndObject();
        });
    }

    private static void Envelope(Utf8JsonWriter json, int total, string? next, Action records, bool pages = false)
    {
        json.WriteStartObject();
        json.WriteNumber("totalSize", total);
        json.WriteBoolean("done", next is null);
        if (pages && next is not null) json.WriteString("nextRecordsUrl", next);
        json.WriteStartArray("records");
        records();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
