using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace OrgSimulator.Soap;

/// <summary>A call that SOAP refuses; code and message as the fault carries them.</summary>
public sealed class SoapException(string code, string message) : Exception(message)
{
    public string Code { get; } = code;

    public static SoapException NoSession { get; } = new("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session");
}

/// <summary>What a SOAP client sent: the call, and the session that only the header names.</summary>
public sealed record SoapCall(XElement Call, string? Session)
{
    public string Name => Call.Name.LocalName;

    public string Text(string name) => Child(name)?.Value ?? "";

    public XElement? Child(string name) => Call.Elements().FirstOrDefault(element => element.Name.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase));

    public IEnumerable<XElement> Children(string name) => Call.Elements().Where(element => element.Name.LocalName.Equals(name, StringComparison.OrdinalIgnoreCase));
}

/// <summary>Envelope, faults and their HTTP status, the same for the partner and the metadata API.</summary>
public static class SoapEnvelope
{
    public static readonly XNamespace Envelope = "http://schemas.xmlsoap.org/soap/envelope/";
    public static readonly XNamespace Instance = "http://www.w3.org/2001/XMLSchema-instance";

    /// <param name="context">The call.</param>
    /// <param name="api">Namespace of the answers.</param>
    /// <param name="answer">Gives the response element of a call.</param>
    public static async Task HandleAsync(HttpContext context, XNamespace api, Func<SoapCall, XElement> answer)
    {
        var partner = api == "urn:partner.soap.sforce.com";
        XNamespace fault = partner ? "urn:fault.partner.soap.sforce.com" : api;
        XElement body;
        try
        {
            var request = await XDocument.LoadAsync(context.Request.Body, LoadOptions.None, context.RequestAborted);
            body = answer(Read(request));
        }
        catch (XmlException problem)
        {
            body = Fault("soapenv:Client", problem.Message, null, fault);
        }
        catch (SoapException refusal)
        {
            body = Fault("sf:" + refusal.Code, $"{refusal.Code}: {refusal.Message}", refusal.Code, fault);
        }
        await WriteAsync(context, api, fault, body);
    }

    /// <summary>A call refused before it is looked at.</summary>
    public static Task RefuseAsync(HttpContext context, string code, string message)
    {
        var partner = context.Request.Path.StartsWithSegments("/services/Soap/u", StringComparison.OrdinalIgnoreCase);
        XNamespace fault = partner ? "urn:fault.partner.soap.sforce.com" : "http://soap.sforce.com/2006/04/metadata";
        return WriteAsync(context, partner ? "urn:partner.soap.sforce.com" : fault, fault, Fault("sf:" + code, $"{code}: {message}", code, fault));
    }

    private static async Task WriteAsync(HttpContext context, XNamespace api, XNamespace fault, XElement body)
    {
        var partner = api == "urn:partner.soap.sforce.com";
        var failed = body.Name == Envelope + "Fault";
        // Clients read names without looking up prefixes: sf stands for faults and records only, everything else has none.
        var document = new XElement(Envelope + "Envelope", new XAttribute(XNamespace.Xmlns + "soapenv", Envelope), failed ? null : new XAttribute("xmlns", api),
            failed || partner ? new XAttribute(XNamespace.Xmlns + "sf", failed ? fault : RestXml.SObject) : null,
            new XAttribute(XNamespace.Xmlns + "xsi", Instance), new XElement(Envelope + "Body", body));
        context.Response.StatusCode = failed ? 500 : 200;
        context.Response.ContentType = "text/xml;charset=UTF-8";
        var bytes = Encoding.UTF8.GetBytes("<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + document.ToString(SaveOptions.DisableFormatting));
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static SoapCall Read(XDocument request)
    {
        var root = request.Root!;
        var call = root.Element(Envelope + "Body")?.Elements().FirstOrDefault() ?? throw new SoapException("INVALID_OPERATION", "The body holds no call");
        return new SoapCall(call, root.Element(Envelope + "Header")?.Descendants().FirstOrDefault(element => element.Name.LocalName == "sessionId")?.Value.Trim());
    }

    private static XElement Fault(string code, string message, string? exceptionCode, XNamespace fault) => new(Envelope + "Fault",
        new XElement("faultcode", code), new XElement("faultstring", message),
        exceptionCode is null ? null : new XElement("detail", new XElement(fault + "UnexpectedErrorFault",
            new XElement(fault + "exceptionCode", exceptionCode), new XElement(fault + "exceptionMessage", message))));
}
