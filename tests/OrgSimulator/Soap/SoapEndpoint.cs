using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using OrgSimulator.OAuth;
using OrgSimulator.Rest;
using OrgSimulator.Rules;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Soap;

/// <summary>
/// The partner API: login, records, queries, recycle bin, describe. Queries and describes go through the REST resources, whose
/// answers are then written as XML, so that both faces tell the same.
/// </summary>
public sealed class SoapEndpoint(Dml dml, Sessions sessions, SimulatorOptions options, ApiMeter meter, Func<ApiRequest, ApiAnswer> rest)
{
    public static readonly XNamespace Partner = "urn:partner.soap.sforce.com";
    private const int MostRecords = 200;
    private readonly OrgStore _store = dml.Store;

    public Task HandleAsync(HttpContext context, string version) => SoapEnvelope.HandleAsync(context, Partner, call => Answer(call, version));

    private XElement Answer(SoapCall call, string version)
    {
        if (call.Name == "login") return Login(call, version);
        if (!sessions.IsLive(call.Session)) throw SoapException.NoSession;
        if (meter.Used >= meter.Max) throw new SoapException("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
        meter.Count();
        var number = int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed : 68;
        SaveHeaders.Set(name => name == "Sforce-Duplicate-Rule-Header" && Header(call, "allowSave") ? "allowSave=true" : null);
        return call.Name switch
        {
            "create" => Response(call, Results(dml.Save(Records(call), insert: true, AllOrNone(call)))),
            "update" => Response(call, Results(dml.Save(Records(call), insert: false, AllOrNone(call)))),
            "upsert" => Response(call, Upsert(call)),
            "delete" => Response(call, Results(dml.Delete(Ids(call), AllOrNone(call)))),
            "undelete" => Response(call, Results(dml.Undelete(Ids(call)))),
            "emptyRecycleBin" => Response(call, Results(dml.EmptyRecycleBin(Ids(call)))),
            "retrieve" => Response(call, Retrieve(call, number)),
            "query" or "queryAll" => Response(call, [Query(call, number, $"{call.Name}?q={Uri.EscapeDataString(call.Text("queryString"))}")]),
            "queryMore" => Response(call, [Query(call, number, $"query/{call.Text("queryLocator").Trim()}")]),
            "describeSObject" => Response(call, [RestXml.Describe("result", Rest(call, number, $"sobjects/{call.Text("sObjectType").Trim()}/describe"))]),
            "describeSObjects" => Response(call, Describe(call, number)),
            "describeGlobal" => Response(call, [RestXml.Describe("result", Rest(call, number, "sobjects"))]),
            "getServerTimestamp" => Response(call, [new XElement(Partner + "result", Element("timestamp", FieldReader.Stamp(_store.Now)))]),
            "getUserInfo" => Response(call, [UserInfo("result")]),
            "logout" => Logout(call),
            _ => throw new SoapException("INVALID_OPERATION", $"The simulator does not know the operation {call.Name}"),
        };
    }

    private XElement Logout(SoapCall call)
    {
        sessions.Revoke(call.Session!);
        return Response(call, []);
    }

    private XElement Login(SoapCall call, string version)
    {
        if (!options.PasswordSignIn) throw new SoapException("INVALID_OPERATION", "SOAP API login() is disabled by default in this org.");
        if (call.Text("username") != options.User || !call.Text("password").StartsWith(options.Password, StringComparison.Ordinal))
            throw new SoapException("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.");
        return Response(call, [new XElement(Partner + "result",
            Element("metadataServerUrl", $"{options.PublicUrl}/services/Soap/m/{version}/{_store.OrganizationId[..15]}"),
            Element("passwordExpired", "false"), Element("sandbox", "false"),
            Element("serverUrl", $"{options.PublicUrl}/services/Soap/u/{version}/{_store.OrganizationId[..15]}"),
            Element("sessionId", sessions.NewAccessToken(null)), Element("userId", _store.AdminId), UserInfo("userInfo"))]);
    }

    private XElement UserInfo(string name) => new(Partner + name, Element("organizationId", _store.OrganizationId), Element("organizationName", "Simulated Org"),
        Element("userEmail", options.User), Element("userFullName", "Sim Admin"), Element("userId", _store.AdminId), Element("userName", options.User),
        Element("userTimeZone", "Europe/London"), Element("userType", "Standard"), Element("sessionSecondsValid", "7200"));

    private static List<string> Ids(SoapCall call)
    {
        var ids = call.Children("ids").Concat(call.Children("ID")).Select(element => element.Value.Trim()).ToList();
        return ids.Count <= MostRecords ? ids : throw new SoapException("EXCEEDED_ID_LIMIT", $"record limit reached. cannot submit more than {MostRecords} records into this call");
    }

    private List<(ObjectType Type, RecordInput Record)> Records(SoapCall call)
    {
        var records = call.Children("sObjects").ToList();
        if (records.Count > MostRecords) throw new SoapException("EXCEEDED_ID_LIMIT", $"record limit reached. cannot submit more than {MostRecords} records into this call");
        return records.ConvertAll(xml =>
        {
            var name = xml.Elements().FirstOrDefault(element => element.Name.LocalName == "type")?.Value.Trim() ?? "";
            var type = _store.Schema.Find(name) ?? throw new SoapException("INVALID_TYPE", $"sObject type '{name}' is not supported.");
            return (type, Record(xml));
        });
    }

    /// <summary>type, fieldsToNull, Id and the fields; an element with elements names a parent by one of its values.</summary>
    private static RecordInput Record(XElement xml)
    {
        var record = new RecordInput();
        foreach (var element in xml.Elements())
            switch (element.Name.LocalName)
            {
                case "type": break;
                case "fieldsToNull": record.Set(element.Value.Trim(), null); break;
                case "Id" or "id": record.Id = element.Value.Trim() is { Length: > 0 } id ? id : null; break;
                case var name when element.HasElements:
                    foreach (var key in element.Elements().Where(key => key.Name.LocalName != "type")) record.Set($"{name}.{key.Name.LocalName}", key.Value);
                    break;
                case var name: record.Set(name, element.Attribute(SoapEnvelope.Instance + "nil")?.Value == "true" ? null : element.Value); break;
            }
        return record;
    }

    private IEnumerable<XElement> Upsert(SoapCall call)
    {
        var records = Records(call);
        if (records.Count == 0) return [];
        var (type, keyName) = (records[0].Type, call.Text("externalIDFieldName").Trim());
        if (type.Find(keyName) is not { } key || !(key.ExternalId || key.IdLookup))
            throw new SoapException("INVALID_FIELD", $"Field name provided, {keyName} is not an External ID or indexed field for {type.Name}");
        return Results(dml.Upsert(type, key, records.ConvertAll(item => item.Record), AllOrNone(call)), withCreated: true);
    }

    private IEnumerable<XElement> Retrieve(SoapCall call, int version)
    {
        var ids = Ids(call);
        var body = JsonSerializer.SerializeToUtf8Bytes(new { ids, fields = call.Text("fieldList").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) });
        return Rest(call, version, $"composite/sobjects/{call.Text("sObjectType").Trim()}", "POST", body).EnumerateArray()
            .Select(record => record.ValueKind == JsonValueKind.Null ? Nil("result") : RestXml.Record("result", record));
    }

    private XElement Query(SoapCall call, int version, string path)
    {
        var answer = Rest(call, version, path);
        var result = RestXml.QueryResult("result", answer);
        return result;
    }

    private IEnumerable<XElement> Describe(SoapCall call, int version)
    {
        var types = call.Children("sObjectType").Select(element => element.Value.Trim()).ToList();
        if (types.Count > 100) throw new SoapException("LIMIT_EXCEEDED", "describeSObjects takes at most 100 objects");
        return types.Select(type => RestXml.Describe("result", Rest(call, version, $"sobjects/{type}/describe")));
    }

    /// <summary>The REST answer to the same question; its refusals become faults.</summary>
    private JsonElement Rest(SoapCall call, int version, string path, string method = "GET", byte[]? body = null)
    {
        var target = RequestTarget.Parse($"/services/data/v{version}.0/{path}");
        var batch = call.Call.Document?.Descendants().FirstOrDefault(element => element.Name.LocalName == "batchSize")?.Value;
        var answer = rest(new ApiRequest(method, version, target.Rest, target.Query, body ?? [], "application/json",
            name => name == "Sforce-Query-Options" && batch is not null ? $"batchSize={batch}" : null));
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes)) answer.Json!(json);
        using var document = JsonDocument.Parse(bytes.ToArray());
        var root = document.RootElement.Clone();
        if (answer.Status < 400) return root;
        var code = root[0].GetProperty("errorCode").GetString()!;
        throw new SoapException(code == "NOT_FOUND" ? "INVALID_TYPE" : code, root[0].GetProperty("message").GetString()!);
    }

    private static bool AllOrNone(SoapCall call) => Header(call, "allOrNone");

    private static bool Header(SoapCall call, string name) => call.Call.Document?.Descendants().Any(element => element.Name.LocalName == name && element.Value.Trim() == "true") == true;

    private static IEnumerable<XElement> Results(IReadOnlyList<SaveResult> results, bool withCreated = false) => results.Select(result => new XElement(Partner + "result",
        withCreated ? Element("created", result is { Success: true, Created: true } ? "true" : "false") : null,
        result.Error is { } error
            ? new XElement(Partner + "errors", [.. error.Fields.Select(field => Element("fields", field)), Element("message", error.Message), Element("statusCode", error.Code)])
            : null,
        result.Id is { } id ? Element("id", id) : Nil("id"),
        Element("success", result.Success.ToString(CultureInfo.InvariantCulture).ToLowerInvariant())));

    private static XElement Nil(string name) => new(Partner + name, new XAttribute(SoapEnvelope.Instance + "nil", "true"));

    private static XElement Response(SoapCall call, IEnumerable<XElement> content) => new(Partner + (call.Name + "Response"), content);

    private static XElement Element(string name, string value) => new(Partner + name, value);
}
