using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using OrgSimulator.OAuth;
using OrgSimulator.Store;

namespace OrgSimulator.Soap;

/// <summary>The few calls of the partner API that have no REST twin: login, undelete, emptyRecycleBin, getServerTimestamp.</summary>
public sealed class SoapEndpoint(Dml dml, Sessions sessions, SimulatorOptions options)
{
    private static readonly XNamespace Envelope = "http://schemas.xmlsoap.org/soap/envelope/";
    private static readonly XNamespace Partner = "urn:partner.soap.sforce.com";
    private static readonly XNamespace Fault = "urn:fault.partner.soap.sforce.com";
    private static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";

    public async Task HandleAsync(HttpContext context, string version)
    {
        XElement answer;
        try
        {
            var request = await XDocument.LoadAsync(context.Request.Body, LoadOptions.None, context.RequestAborted);
            answer = Answer(request, version);
        }
        catch (XmlException problem)
        {
            answer = Refuse("soapenv:Client", problem.Message, null);
        }
        catch (SoapRefusal refusal)
        {
            answer = Refuse("sf:" + refusal.Code, $"{refusal.Code}: {refusal.Message}", refusal.Code);
        }
        var failed = answer.Name == Envelope + "Fault";
        var document = new XElement(Envelope + "Envelope", new XAttribute(XNamespace.Xmlns + "soapenv", Envelope), new XAttribute(XNamespace.Xmlns + "sf", Fault),
            new XAttribute(XNamespace.Xmlns + "xsi", Instance), new XElement(Envelope + "Body", answer));
        context.Response.StatusCode = failed ? 500 : 200;
        context.Response.ContentType = "text/xml;charset=UTF-8";
        await context.Response.WriteAsync("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + document.ToString(SaveOptions.DisableFormatting), Encoding.UTF8, context.RequestAborted);
    }

    private XElement Answer(XDocument request, string version)
    {
        var call = request.Root?.Element(Envelope + "Body")?.Elements().FirstOrDefault() ?? throw new SoapRefusal("INVALID_OPERATION", "The body holds no call");
        string Text(string name) => call.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value ?? "";
        if (call.Name.LocalName == "login")
            return Text("username") == options.User && Text("password").StartsWith(options.Password, StringComparison.Ordinal)
                ? Login(version)
                : throw new SoapRefusal("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.");
        var session = request.Root.Element(Envelope + "Header")?.Descendants().FirstOrDefault(element => element.Name.LocalName == "sessionId")?.Value;
        if (!sessions.IsLive(session)) throw new SoapRefusal("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session");
        var ids = call.Elements().Where(element => element.Name.LocalName == "ids").Select(element => element.Value.Trim()).ToList();
        if (ids.Count > 200) throw new SoapRefusal("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records into this call");
        return call.Name.LocalName switch
        {
            "undelete" => Results("undeleteResponse", dml.Undelete(ids)),
            "emptyRecycleBin" => Results("emptyRecycleBinResponse", dml.EmptyRecycleBin(ids)),
            "delete" => Results("deleteResponse", dml.Delete(ids)),
            "getServerTimestamp" => Response("getServerTimestampResponse", new XElement(Partner + "result", Element("timestamp", FieldReader.Stamp(dml.Store.Now)))),
            "logout" => Logout(session!),
            var name => throw new SoapRefusal("INVALID_OPERATION", $"The simulator does not know the operation {name}"),
        };
    }

    private XElement Logout(string session)
    {
        sessions.Revoke(session);
        return Response("logoutResponse");
    }

    private XElement Login(string version)
    {
        var store = dml.Store;
        return Response("loginResponse", new XElement(Partner + "result",
            Element("metadataServerUrl", $"{options.PublicUrl}/services/Soap/m/{version}/{store.OrganizationId[..15]}"),
            Element("passwordExpired", "false"), Element("sandbox", "false"),
            Element("serverUrl", $"{options.PublicUrl}/services/Soap/u/{version}/{store.OrganizationId[..15]}"),
            Element("sessionId", sessions.NewAccessToken(null)),
            Element("userId", store.AdminId),
            new XElement(Partner + "userInfo", Element("organizationId", store.OrganizationId), Element("organizationName", "Simulated Org"),
                Element("userEmail", options.User), Element("userFullName", "Sim Admin"), Element("userId", store.AdminId), Element("userName", options.User),
                Element("userTimeZone", "Europe/London"), Element("userType", "Standard"), Element("sessionSecondsValid", "7200"))));
    }

    private static XElement Results(string name, IReadOnlyList<SaveResult> results) => Response(name, [.. results.Select(result => new XElement(Partner + "result",
        result.Error is { } error
            ? new XElement(Partner + "errors", [.. error.Fields.Select(field => Element("fields", field)), Element("message", error.Message), Element("statusCode", error.Code)])
            : null,
        result.Id is { } id ? Element("id", id) : new XElement(Partner + "id", new XAttribute(Instance + "nil", "true")),
        Element("success", result.Success.ToString(CultureInfo.InvariantCulture).ToLowerInvariant())))]);

    private static XElement Response(string name, params IEnumerable<XElement> content) => new(Partner + name, content);

    private static XElement Element(string name, string value) => new(Partner + name, value);

    private static XElement Refuse(string code, string message, string? exceptionCode) => new(Envelope + "Fault",
        new XElement("faultcode", code), new XElement("faultstring", message),
        exceptionCode is null ? null : new XElement("detail", new XElement(Fault + "UnexpectedErrorFault",
            new XElement(Fault + "exceptionCode", exceptionCode), new XElement(Fault + "exceptionMessage", message))));

    private sealed class SoapRefusal(string code, string message) : Exception(message)
    {
        public string Code { get; } = code;
    }
}
