using System.Text.Json;
using System.Xml.Linq;

namespace Appliance.Salesforce;

public sealed partial class Org
{
    private const int UndeletesPerCall = 200;
    private static readonly XNamespace Partner = "urn:partner.soap.sforce.com";

    /// <summary>
    /// Takes records out of the recycle bin, with what was deleted along with them; 200 a call, results in the same order. REST has no undelete,
    /// so this is SOAP. After a lost answer look which records live again: an undelete of a live record is refused.
    /// </summary>
    public async Task<IReadOnlyList<SaveResult>> UndeleteAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        var results = new List<SaveResult>(ids.Count);
        await _channel.VersionAsync(cancellationToken);
        foreach (var group in ids.Chunk(UndeletesPerCall))
            results.AddRange(await UndeleteGroupAsync(group, cancellationToken));
        return results;
    }

    private Task<List<SaveResult>> UndeleteGroupAsync(string[] ids, CancellationToken cancellationToken) =>
        _channel.ReadAsync(
            new(HttpMethod.Post, $"/services/Soap/u/{ApiVersion[1..]}", "Taking records out of the recycle bin")
            {
                Content = accessToken => Soap.Body(Partner, accessToken, new XElement(Partner + "undelete", ids.Select(id => new XElement(Partner + "ids", id))),
                    new XElement(Partner + "AllOrNoneHeader", new XElement(Partner + "allOrNone", "false"))),
                Soap = true,
                Accept = "text/xml",
                Repeat = Repeat.Never,
                AnswerWithin = OrgCall.Long,
            },
            async (answer, token) =>
            {
                var response = await Soap.ResponseAsync(answer.Body, Partner + "undeleteResponse", token);
                List<SaveResult> results = [.. response.Descendants().Where(e => e.Name.LocalName == "result").Select(Read)];
                return results.Count == ids.Length ? results : throw new JsonException("There is not one result for each id.");
            }, cancellationToken);

    private static SaveResult Read(XElement result) => new(
        result.Text("id") is { Length: > 0 } id ? id : null,
        result.Text("success") == "true",
        [.. result.Elements().Where(e => e.Name.LocalName == "errors").Select(e => new SaveError(
            e.Text("statusCode") ?? "", e.Text("message") ?? "",
            [.. e.Elements().Where(f => f.Name.LocalName == "fields" && f.Value.Length > 0).Select(f => f.Value)]))]);
}
