using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using OrgSimulator.Store;

namespace OrgSimulator.Metadata;

/// <summary>The status of a deployment; SOAP and REST tell the same, the one in XML, the other in JSON.</summary>
public sealed class DeployResult(MetadataJob job, OrgStore store, bool details)
{
    /// <summary>Names and values in the order of the API; a nested list of pairs is an object, a list of such lists an array.</summary>
    private List<(string Name, object? Value)> Values()
    {
        var messages = (job.Deployment?.Messages ?? []).Where(message => message.FullName != "package.xml").ToList();
        var stamp = FieldReader.Stamp(job.Created);
        var status = job.DeployStatus;
        var values = new List<(string, object?)> { ("checkOnly", job.Options.CheckOnly) };
        if (job.Canceled) values.Add(("canceledBy", store.AdminId));
        if (job.Done) values.Add(("completedDate", stamp));
        values.AddRange([("createdBy", store.AdminId), ("createdByName", "Sim Admin"), ("createdDate", stamp)]);
        if (details)
            values.Add(("details", new List<(string, object?)>
            {
                ("componentFailures", (job.Deployment?.Messages ?? []).Where(message => !message.Success).Select(Message).ToList()),
                ("componentSuccesses", (job.Deployment?.Messages ?? []).Where(message => message.Success).Select(Message).ToList()),
                ("runTestResult", new List<(string, object?)> { ("numFailures", 0), ("numTestsRun", 0), ("totalTime", 0.0) }),
            }));
        values.Add(("done", job.Done));
        if (job.Refusal is { } refusal) values.AddRange([("errorMessage", $"{refusal.Code}: {refusal.Message}"), ("errorStatusCode", refusal.Code)]);
        values.AddRange([("id", job.Id), ("ignoreWarnings", job.Options.IgnoreWarnings), ("lastModifiedDate", stamp),
            ("numberComponentErrors", messages.Count(message => !message.Success)),
            ("numberComponentsDeployed", status is "Succeeded" or "SucceededPartial" ? messages.Count(message => message.Success) : 0),
            ("numberComponentsTotal", messages.Count), ("numberTestErrors", 0), ("numberTestsCompleted", 0), ("numberTestsTotal", 0),
            ("rollbackOnError", job.Options.RollbackOnError), ("runTestsEnabled", false), ("startDate", stamp), ("status", status), ("success", status == "Succeeded")]);
        return values;
    }

    private List<(string, object?)> Message(DeployMessage message)
    {
        var values = new List<(string, object?)>
        {
            ("changed", message.Changed), ("componentType", message.Type), ("created", message.Created), ("createdDate", FieldReader.Stamp(job.Created)), ("deleted", message.Deleted),
            ("fileName", message.FileName), ("fullName", message.FullName),
        };
        if (message.Id is { } id && message.Success) values.Add(("id", id));
        if (message.Line is { } line) values.AddRange([("lineNumber", line), ("columnNumber", message.Column)]);
        if (message.Problem is { } problem) values.AddRange([("problem", problem), ("problemType", message.Success ? "Warning" : "Error")]);
        values.Add(("success", message.Success));
        return values;
    }

    public XElement Xml() => Xml("result", Values());

    public void Write(Utf8JsonWriter json) => Write(json, Values());

    private static XElement Xml(string name, object? value) => value switch
    {
        List<(string Name, object? Value)> pairs => new(PackageXml.Namespace + name,
            pairs.SelectMany(pair => pair.Value is List<List<(string, object?)>> many ? many.Select(one => Xml(pair.Name, one)) : [Xml(pair.Name, pair.Value)])),
        bool flag => new(PackageXml.Namespace + name, flag ? "true" : "false"),
        double number => new(PackageXml.Namespace + name, number.ToString("0.0", CultureInfo.InvariantCulture)),
        _ => new(PackageXml.Namespace + name, Convert.ToString(value, CultureInfo.InvariantCulture)),
    };

    private static void Write(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case List<(string Name, object? Value)> pairs:
                json.WriteStartObject();
                foreach (var (name, inner) in pairs)
                {
                    json.WritePropertyName(name);
                    Write(json, inner);
                }
                json.WriteEndObject();
                break;
            case List<List<(string, object?)>> many:
                json.WriteStartArray();
                foreach (var one in many) Write(json, one);
                json.WriteEndArray();
                break;
            case bool flag: json.WriteBooleanValue(flag); break;
            case int number: json.WriteNumberValue(number); break;
            case double number: json.WriteNumberValue(number); break;
            case null: json.WriteNullValue(); break;
            default: json.WriteStringValue((string)value); break;
        }
    }
}
