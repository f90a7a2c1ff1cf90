using System.Collections.Immutable;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace Appliance.Salesforce;

/// <summary>What the org says of a retrieve.</summary>
internal sealed record RetrieveStatus(
    bool Done, bool Success, string? ErrorCode, string? Error, ImmutableArray<MetadataComponent> Properties, ImmutableArray<(string File, string Problem)> Messages)
{
    private const int BufferBytes = 64 * 1024;

    /// <summary>A zip may have 39 MB; more than this is no answer of Salesforce.</summary>
    private const long MostZipBytes = 100L << 20;

    /// <summary>Reads to the end of the answer, so that one that breaks off is noticed; the zip goes where it is wanted as it comes.</summary>
    public static async Task<RetrieveStatus> ReadAsync(XmlReader xml, Stream? zip, CancellationToken cancellationToken)
    {
        while (await xml.ReadAsync())
            if (xml is { NodeType: XmlNodeType.Element, LocalName: "result" }) break;
        if (xml.EOF || xml.IsEmptyElement) throw new JsonException("The status of the retrieve is missing.");
        var depth = xml.Depth;
        var told = new XElement("result");
        await xml.ReadAsync();
        while (!xml.EOF && xml.Depth > depth)
        {
            if (xml.NodeType != XmlNodeType.Element) await xml.ReadAsync();
            else if (xml.LocalName == "zipFile") await CopyAsync(xml, zip, cancellationToken);
            else told.Add(await XNode.ReadFromAsync(xml, cancellationToken));
        }
        while (await xml.ReadAsync()) { }
        return new RetrieveStatus(
            told.Text("done") == "true", told.Text("success") == "true", told.Text("errorStatusCode"), told.Text("errorMessage"),
            [.. told.Elements().Where(e => e.Name.LocalName == "fileProperties").Select(MetadataComponent.Of)],
            [.. told.Elements().Where(e => e.Name.LocalName == "messages").Select(m => (m.Text("fileName") ?? "", m.Text("problem") ?? ""))]);
    }

    private static async Task CopyAsync(XmlReader xml, Stream? zip, CancellationToken cancellationToken)
    {
        if (zip is null || xml.IsEmptyElement)
        {
            await xml.SkipAsync();
            return;
        }
        var buffer = new byte[BufferBytes];
        int read;
        while ((read = await xml.ReadElementContentAsBase64Async(buffer, 0, buffer.Length)) > 0)
        {
            if (zip.Length + read > MostZipBytes) throw new SalesforceException(FailureKind.Permanent, "The org sends more metadata at once than Salesforce allows.", "Check whether a proxy answers in the org's place.");
            await zip.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }

    /// <summary>Null when it succeeded.</summary>
    public SalesforceException? Failure() => Success ? null
        : ErrorCode == "LIMIT_EXCEEDED" || Error?.Contains("LIMIT_EXCEEDED", StringComparison.Ordinal) == true ? OverLimit(Error ?? "", null)
        : new SalesforceException(FailureKind.Permanent, $"The org could not gather the metadata. Salesforce says: {Error ?? "nothing"}{(ErrorCode is null ? "" : $" ({ErrorCode})")}",
            "The next backup asks again. If it stays so, retrieve the component by hand to see more.", ErrorCode);

    public static SalesforceException OverLimit(string said, Exception? cause) => new(FailureKind.Permanent,
        $"The metadata asked for at once is more than Salesforce gives. Salesforce says: {said}", "Nothing to do: it is asked for in smaller parts.", SalesforceException.MetadataLimit, inner: cause);
}
