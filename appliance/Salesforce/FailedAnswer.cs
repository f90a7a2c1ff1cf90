using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;

namespace Appliance.Salesforce;

/// <summary>An answer that is not a success: what it says, and what that means for us.</summary>
internal sealed partial record FailedAnswer(int Status, string? Code, string Text)
{
    private const string WaitAndRetry = "Nothing to do: the call is repeated by itself. If it keeps failing, look at status.salesforce.com for the org's instance.";

    /// <summary>The session has ended, whichever dialect says so: REST and Bulk 401, userinfo 403 in plain text, SOAP fault 500.</summary>
    public bool SessionEnded => Status switch
    {
        // Two 401 answers are about the app, not about the session: a new token would not help (seen in jsforce).
        401 => !Text.Contains("This session is not valid for use with the REST API", StringComparison.Ordinal)
               && !Text.Contains("Connected app is not attached to Agent", StringComparison.Ordinal),
        403 => Text.StartsWith("Bad_OAuth_Token", StringComparison.Ordinal) || Text.StartsWith("Missing_OAuth_Token", StringComparison.Ordinal),
        500 => Code is "INVALID_SESSION_ID",
        _ => false,
    };

    public static FailedAnswer Parse(HttpStatusCode status, ReadOnlyMemory<byte> body)
    {
        if (TryJson(body) is var (code, message))
            return new((int)status, code, Tidy(message));
        if (TrySoap(body) is var (faultCode, fault))
            return new((int)status, faultCode, Tidy(fault));
        var text = Encoding.UTF8.GetString(body.Span[..Math.Min(body.Length, 300)]);
        return new((int)status, null, text.Contains('<', StringComparison.Ordinal) ? "" : Tidy(text));
    }

    /// <summary>Classes the failure once, where it is understood.</summary>
    public SalesforceException ToException(string what, bool creating)
    {
        var (kind, cause, remedy) = Judge();
        var said = Text.Length > 0 && cause.Length > 0 ? $"{cause} Salesforce says: {Text}" : cause + Text;
        if (said.Length == 0)
            said = $"the answer was HTTP {Status} without an explanation.";
        return new(kind, $"{what} failed: {said}{(Code is null ? "" : $" ({Code})")}", remedy, Code, Status)
        {
            OutcomeUnknown = creating && Status >= 500,
            OrgText = Text,
        };
    }

    private (FailureKind Kind, string Cause, string Remedy) Judge() => Code switch
    {
        "INVALID_SESSION_ID" => (FailureKind.Operator, "the session is not valid, even after a new token was asked for.",
            "Reconnect the org. If it happens again, check the connected app's session policies and IP restrictions."),
        "REQUEST_LIMIT_EXCEEDED" when Text.Contains("Concurrent", StringComparison.OrdinalIgnoreCase) =>
            (FailureKind.Transient, "the org has too many long calls at once.", WaitAndRetry),
        "REQUEST_LIMIT_EXCEEDED" => (FailureKind.Operator, "the org's API calls of the last 24 hours are used up.",
            "Wait until the rolling 24 hours free calls again, reduce other integrations, or add API calls to the org."),
        "LIMIT_EXCEEDED" => (FailureKind.Operator, "a daily limit of the Bulk API is used up.",
            "Wait until the rolling 24 hours free some of it again."),
        "API_DISABLED_FOR_ORG" or "API_CURRENTLY_DISABLED" => (FailureKind.Operator, "the API is switched off for this org or user.",
            "Give the connected user the permission \"API Enabled\", or use an edition with API access; then run again."),
        "STORAGE_LIMIT_EXCEEDED" => (FailureKind.Operator, "the org's storage is full.", "Free storage in the org or add more, then run again."),
        "TXN_SECURITY_METERING_ERROR" => (FailureKind.Operator, "a transaction security policy of the org stops this user.",
            "Exempt the connected user from the policy, then run again."),
        { } code when code.StartsWith("INSUFFICIENT_ACCESS", StringComparison.Ordinal) => (FailureKind.Operator,
            "the connected user lacks a permission.",
            "Give the connected user \"View All Data\" and \"Modify All Data\" and access to the object and its fields."),
        "UNABLE_TO_LOCK_ROW" => (FailureKind.Transient, "another process of the org holds the record.", WaitAndRetry),
        "QUERY_TIMEOUT" => (FailureKind.Permanent, "the query took the org too long.", "Read the object through the Bulk API, or in smaller ranges."),
        "INVALID_QUERY_LOCATOR" => (FailureKind.Permanent, "the org no longer knows this query's cursor.", "Start the read of this object again."),
        "INVALID_FIELD" or "INVALID_TYPE" => (FailureKind.Permanent, "", "Describe the object again: its fields, or the user's access to them, have changed."),
        "OAUTH_APP_BLOCKED" => (FailureKind.Operator, "the connected app is blocked in this org.", "Unblock or install the connected app in the org's setup."),
        _ => JudgeStatus(),
    };

    private (FailureKind, string, string) JudgeStatus() => Status switch
    {
        401 => (FailureKind.Operator, "the org does not accept this session.", "Reconnect the org with a user and an app that may use the REST API."),
        403 => (FailureKind.Operator, "the org forbids this call.", "Check the connected user's permissions and the connected app's policies."),
        406 when Text.Length == 0 => (FailureKind.Transient, "", WaitAndRetry),
        408 or 420 or 429 or >= 500 => (FailureKind.Transient, Status is 503 ? "the org is unavailable, perhaps under maintenance." : "", WaitAndRetry),
        404 or 410 => (FailureKind.Permanent, "", "Check that the object, the record or the job still exists and that the connected user can see it."),
        414 or 431 => (FailureKind.Permanent, "the query is too long for an address.", "Use the Bulk API for this object, or select fewer fields."),
        _ => (FailureKind.Permanent, "", "Look at the text: the org refuses this call as it is."),
    };

    private static (string? Code, string Message)? TryJson(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            if (root.ValueKind is JsonValueKind.Array && root.GetArrayLength() > 0)
                root = root[0];
            if (root.ValueKind is not JsonValueKind.Object)
                return null;
            return (Property(root, "errorCode") ?? Property(root, "error"), Property(root, "message") ?? Property(root, "error_description") ?? "");
        }
        catch (JsonException)
        {
            return null;
        }

        static string? Property(JsonElement element, string name) =>
            element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
    }

    private static (string? Code, string Message)? TrySoap(ReadOnlyMemory<byte> body)
    {
        if (body.Span.IndexOf("faultcode"u8) < 0)
            return null;
        try
        {
            using var xml = Soap.Reader(new StringReader(Encoding.UTF8.GetString(body.Span)));
            var document = XDocument.Load(xml);
            var code = document.Descendants().FirstOrDefault(e => e.Name.LocalName == "faultcode")?.Value;
            var text = document.Descendants().FirstOrDefault(e => e.Name.LocalName == "faultstring")?.Value;
            return (code?[(code.IndexOf(':', StringComparison.Ordinal) + 1)..], text ?? "");
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>Drops the caret drawing of query errors (it repeats the query) and anything that looks like a token.</summary>
    private static string Tidy(string text)
    {
        var marker = text.IndexOf("ERROR at Row:", StringComparison.Ordinal);
        if (marker >= 0 && text.IndexOf('\n', marker) is > 0 and var line)
            text = text[(line + 1)..];
        return Token().Replace(text.Trim(), "…");
    }

    [GeneratedRegex(@"00D\w{12,15}!\S+|eyJ[\w-]{10,}\.[\w-]+(\.[\w-]+)?|5Aep\S+")]
    private static partial Regex Token();
}
