using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace Appliance.Salesforce;

/// <summary>SOAP as far as it is needed: what REST does not offer. The session stands in the body alone.</summary>
internal static class Soap
{
    private static readonly XNamespace s_envelope = "http://schemas.xmlsoap.org/soap/envelope/";

    /// <param name="api">Namespace of the API.</param>
    /// <param name="accessToken">The session.</param>
    /// <param name="call">The call; its namespace is <paramref name="api"/>.</param>
    /// <param name="headers">Headers beside the session's.</param>
    public static ByteArrayContent Body(XNamespace api, string accessToken, XElement call, params XElement[] headers)
    {
        var envelope = new XElement(s_envelope + "Envelope",
            new XElement(s_envelope + "Header", new XElement(api + "SessionHeader", new XElement(api + "sessionId", accessToken)), headers),
            new XElement(s_envelope + "Body", call));
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(envelope.ToString(SaveOptions.DisableFormatting)));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/xml") { CharSet = "utf-8" };
        return content;
    }

    /// <summary>A reader that resolves nothing and refuses a DTD: an answer is not to be trusted with files or memory of ours.</summary>
    public static XmlReader Reader(Stream answer) =>
        XmlReader.Create(answer, new XmlReaderSettings { Async = true, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreWhitespace = true });

    public static XmlReader Reader(TextReader text) => XmlReader.Create(text, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });

    /// <exception cref="JsonException">It is not the XML that was expected, or it breaks off: the channel takes that for a failed attempt.</exception>
    public static async Task<T> ReadAsync<T>(Stream answer, Func<XmlReader, Task<T>> read)
    {
        using var xml = Reader(answer);
        try
        {
            return await read(xml);
        }
        catch (Exception e) when (e is XmlException or FormatException)
        {
            throw new JsonException("The answer is not the XML that was expected.", e);
        }
    }

    /// <summary>The element that answers the call. A page of HTML in its place may be well-formed: read as an answer it would be an empty one.</summary>
    /// <param name="answer">The body.</param>
    /// <param name="response">The call's name and <c>Response</c>, in the API's namespace.</param>
    /// <param name="cancellationToken">Breaks off.</param>
    /// <exception cref="JsonException">It is another document.</exception>
    public static async Task<XElement> ResponseAsync(Stream answer, XName response, CancellationToken cancellationToken)
    {
        var document = await ReadAsync(answer, xml => XDocument.LoadAsync(xml, LoadOptions.None, cancellationToken));
        return document.Root?.Name == s_envelope + "Envelope" && document.Root.Element(s_envelope + "Body")?.Element(response) is { } element
            ? element : throw new JsonException($"The answer is no {response.LocalName}.");
    }

    /// <summary>Text of the first child of that name, whatever its namespace; null when there is none.</summary>
    public static string? Text(this XElement element, string child) => element.Elements().FirstOrDefault(e => e.Name.LocalName == child)?.Value;
}
