using System.Net;
using System.Text.RegularExpressions;

namespace Demo;

/// <summary>Plays the browser that Salesforce's sign-in sees: follows redirects, fills in the login form, comes back to the appliance's callback.</summary>
internal sealed partial class OrgSignIn(HttpClient browser, Uri appliance)
{
    /// <summary>Signs in and allows the appliance in.</summary>
    /// <returns>The connected org's id in the appliance.</returns>
    public async Task<string> WalkAsync(Uri authorize, string user, string password, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, authorize);
        for (var step = 0; step < 20; step++)
        {
            var at = request.RequestUri!;
            using var answer = await SendAsync(request, cancellationToken);
            var redirected = (int)answer.StatusCode is >= 300 and < 400 && answer.Headers.Location is not null;
            var here = Uri.Compare(at, appliance, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) == 0;
            if (here && redirected && at.AbsolutePath == "/oauth/callback") return ConnectedOrg(new Uri(at, answer.Headers.Location!));
            var page = redirected ? "" : await answer.Content.ReadAsStringAsync(cancellationToken);
            if (here && !redirected) throw Refused("the appliance", at, answer.StatusCode, page);
            if (!redirected && !answer.IsSuccessStatusCode) throw Refused("the org's sign-in", at, answer.StatusCode, page);
            request = redirected
                ? new HttpRequestMessage(HttpMethod.Get, new Uri(at, answer.Headers.Location!))
                : FillIn(at, page, user, password);
        }
        throw new DemoFailure("The org's sign-in goes round in circles.", "See the simulator's log.");
    }

    /// <summary>The value of one query parameter of an address, or null.</summary>
    public static string? Query(Uri address, string name) =>
        address.Query.TrimStart('?').Split('&').Select(p => p.Split('=', 2)).Where(p => p.Length == 2 && p[0] == name)
            .Select(p => Uri.UnescapeDataString(p[1])).FirstOrDefault();

    /// <summary>The callback leads to the new org's page, or to a page that says what went wrong.</summary>
    private static string ConnectedOrg(Uri page) =>
        Guid.TryParse(page.Segments[^1], out var id)
            ? id.ToString()
            : throw new DemoFailure($"The appliance could not connect the org: {Query(page, "cause") ?? page.PathAndQuery}", Query(page, "remedy") ?? "See the server's log.");

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            try
            {
                return await browser.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException lost)
            {
                throw new DemoFailure($"{request.RequestUri!.GetLeftPart(UriPartial.Authority)} does not answer during sign-in: {lost.Message}",
                    "Look whether the appliance and the simulator still run.", lost);
            }
        }
    }

    private static HttpRequestMessage FillIn(Uri at, string page, string user, string password)
    {
        var form = Form().Match(page);
        if (!form.Success) throw new DemoFailure($"The sign-in page at {at.AbsolutePath} holds no form.", "See the simulator's log.");
        var fields = new Dictionary<string, string>();
        var pressed = false;        // the first button is the one that goes on; a later one refuses
        foreach (var input in Input().Matches(form.Value).Select(m => m.Value))
        {
            if (Attribute(input, "name") is not { } name) continue;
            var button = Attribute(input, "type") is "submit" or "button";
            if (button && pressed) continue;
            pressed |= button;
            fields[name] = Attribute(input, "type") switch
            {
                "hidden" => Attribute(input, "value") ?? "",
                "password" => password,
                "submit" or "checkbox" => Attribute(input, "value") ?? "",
                _ => user,
            };
        }
        return new HttpRequestMessage(HttpMethod.Post, new Uri(at, Attribute(form.Groups["tag"].Value, "action") ?? "")) { Content = new FormUrlEncodedContent(fields) };
    }

    private static string? Attribute(string tag, string name) =>
        Regex.Match(tag, $"""\b{name}\s*=\s*(?:"([^"]*)"|'([^']*)')""", RegexOptions.IgnoreCase) is { Success: true } match
            ? WebUtility.HtmlDecode(match.Groups[1].Value + match.Groups[2].Value)
            : null;

    private static DemoFailure Refused(string who, Uri at, HttpStatusCode status, string page)
    {
        var text = WebUtility.HtmlDecode(Tags().Replace(page, " "));
        text = Blanks().Replace(text, " ").Trim();
        return new DemoFailure($"Connecting the org was refused by {who} at {at.AbsolutePath} ({(int)status}): {text[..Math.Min(text.Length, 400)]}",
            "See the logs of the appliance and of the simulator.");
    }

    [GeneratedRegex("(?<tag><form\\b[^>]*>).*?</form>", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Form();

    [GeneratedRegex("<(?:input|button)\\b[^>]*>", RegexOptions.IgnoreCase)]
    private static partial Regex Input();

    [GeneratedRegex("<(script|style)\\b.*?</\\1>|<[^>]+>", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Tags();

    [GeneratedRegex("\\s+")]
    private static partial Regex Blanks();
}
