using System.Globalization;
using System.Xml.Linq;
using OrgSimulator.OAuth;
using OrgSimulator.Rest;
using OrgSimulator.Soap;
using OrgSimulator.Store;

namespace OrgSimulator.Metadata;

/// <summary>The Metadata API over SOAP: describe, list, retrieve, deploy. The session stands in the body alone.</summary>
public sealed class MetadataEndpoint(OrgMetadata metadata, MetadataJobs jobs, Sessions sessions, ApiMeter meter)
{
    private static readonly XNamespace Api = PackageXml.Namespace;
    private readonly OrgStore _store = metadata.Store;

    public Task HandleAsync(HttpContext context) => SoapEnvelope.HandleAsync(context, Api, Answer);

    private XElement Answer(SoapCall call)
    {
        if (!sessions.IsLive(call.Session)) throw SoapException.NoSession;
        if (meter.Used >= meter.Max) throw new SoapException("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
        meter.Count();
        if (!_store.Rules.Rules.ModifyMetadata)
            throw new SoapException("INSUFFICIENT_ACCESS", "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions");
        return call.Name switch
        {
            "describeMetadata" => Response(call, Describe()),
            "listMetadata" => Response(call, List(call)),
            "retrieve" => Response(call, Started(Retrieve(call), "state")),
            "checkRetrieveStatus" => Response(call, RetrieveStatus(call)),
            "deploy" => Response(call, Started(Deploy(call), "state")),
            "checkDeployStatus" => Response(call, DeployStatus(call)),
            "cancelDeploy" => Response(call, Cancel(call)),
            _ => throw new SoapException("INVALID_OPERATION", $"The simulator does not know the operation {call.Name}"),
        };
    }

    private static IEnumerable<XElement> Describe() =>
    [
        new(Api + "result", MetadataType.All.Select(type => new XElement(Api + "metadataObjects", type.Children.Select(child => Element("childXmlNames", child.Name)),
                Element("directoryName", type.Folder), Element("inFolder", Flag(type.InFolder)), Element("metaFile", Flag(type.MetaFile)),
                type.Suffix is "" or "*" ? null : Element("suffix", type.Suffix), Element("xmlName", type.Name))),
            Element("organizationNamespace", ""), Element("partialSaveAllowed", "true"), Element("testRequired", "false")),
    ];

    private IEnumerable<XElement> List(SoapCall call)
    {
        var queries = call.Children("queries").ToList();
        if (queries.Count > 3) throw new SoapException("LIMIT_EXCEEDED", "A maximum of 3 ListMetadataQuery elements can be passed in a listMetadata call");
        var results = new List<XElement>();
        foreach (var query in queries)
        {
            var type = query.Elements().FirstOrDefault(element => element.Name.LocalName == "type")?.Value.Trim() ?? "";
            var folder = query.Elements().FirstOrDefault(element => element.Name.LocalName == "folder")?.Value.Trim();
            if (MetadataType.Named(type) is null && MetadataType.ParentOf(type) is null && MetadataType.OfFolderType(type) is null)
                throw new SoapException("INVALID_TYPE", $"Unknown type:{type}");
            if (_store.Rules.Rules.UnlistedMetadata.Contains(type)) throw new SoapException("INVALID_TYPE", $"Cannot use: {type} in this organization");
            results.AddRange(metadata.List(type, folder).Select(listed => Properties("result", listed with { Type = type })));
        }
        return results;
    }

    private MetadataJob Retrieve(SoapCall call)
    {
        var request = call.Child("request") ?? call.Child("retrieveRequest") ?? throw new SoapException("INVALID_OPERATION", "A retrieve needs a request");
        if (request.Elements().FirstOrDefault(element => element.Name.LocalName == "unpackaged") is not { } unpackaged)
            throw new SoapException("INVALID_CROSS_REFERENCE_KEY", "No package named in the request; the simulator has unpackaged components only");
        var single = request.Elements().Any(element => element.Name.LocalName == "singlePackage" && element.Value.Trim() == "true");
        return jobs.Retrieve(PackageXml.Read(unpackaged), single ? "" : "unpackaged/");
    }

    private IEnumerable<XElement> RetrieveStatus(SoapCall call)
    {
        var job = Find(call, "09S");
        job.Check();
        var found = job.Retrieved;
        var result = new XElement(Api + "result", Element("done", Flag(job.Done)));
        if (found?.Failure is { } failure) result.Add(Element("errorMessage", failure), Element("errorStatusCode", failure.Split(':')[0]));
        if (found is { Failure: null }) result.Add(found.Properties.Select(listed => Properties("fileProperties", listed)));
        result.Add(Element("id", job.Id));
        if (found is not null) result.Add(found.Messages.Select(message => new XElement(Api + "messages", Element("fileName", message.File), Element("problem", message.Problem))));
        result.Add(Element("status", !job.Done ? "InProgress" : found!.Failure is null ? "Succeeded" : "Failed"), Element("success", Flag(found is { Failure: null })));
        result.Add(job.Done && call.Text("includeZip") != "false" && job.TakeZip() is { } zip ? Element("zipFile", Convert.ToBase64String(zip))
            : new XElement(Api + "zipFile", new XAttribute(SoapEnvelope.Instance + "nil", "true")));
        return [result];
    }

    private MetadataJob Deploy(SoapCall call)
    {
        byte[] zip;
        try
        {
            zip = Convert.FromBase64String(call.Text("ZipFile").Trim());
        }
        catch (FormatException)
        {
            throw new SoapException("INVALID_ZIP_FILE", "ZipFile is not base64");
        }
        if (zip.Length > Retrieval.MostZippedBytes) throw new SoapException("LIMIT_EXCEEDED", $"Maximum size of request reached. Maximum size of request is {Retrieval.MostZippedBytes} bytes");
        var options = call.Child("DeployOptions");
        bool On(string name) => options?.Elements().Any(element => element.Name.LocalName == name && element.Value.Trim() == "true") == true;
        return jobs.Deploy(zip, new DeployOptions(On("checkOnly"), On("rollbackOnError"), On("singlePackage"), On("purgeOnDelete"), On("ignoreWarnings")));
    }

    private IEnumerable<XElement> DeployStatus(SoapCall call)
    {
        var job = Find(call, "0Af");
        job.Check();
        return [new DeployResult(job, _store, call.Text("includeDetails") == "true").Xml()];
    }

    private IEnumerable<XElement> Cancel(SoapCall call)
    {
        var text = call.Children("string").Concat(call.Children("id")).FirstOrDefault()?.Value.Trim() ?? "";
        var job = jobs.Find(text) ?? throw new SoapException("INVALID_ID_FIELD", $"invalid id: {text}");
        if (!job.Cancel()) throw new SoapException("INVALID_ID_FIELD", "Deployment already completed");
        return [new XElement(Api + "result", Element("done", "true"), Element("id", job.Id))];
    }

    private MetadataJob Find(SoapCall call, string prefix)
    {
        var id = call.Text("asyncProcessId").Trim();
        return id.StartsWith(prefix, StringComparison.Ordinal) && jobs.Find(id) is { } job ? job : throw new SoapException("INVALID_CROSS_REFERENCE_KEY", $"invalid cross reference id: {id}");
    }

    private static IEnumerable<XElement> Started(MetadataJob job, string name) => [new(Api + "result", Element("done", "false"), Element("id", job.Id), Element(name, "Queued"))];

    private XElement Properties(string name, Listed listed) => new(Api + name,
        Element("createdById", _store.AdminId), Element("createdByName", "Sim Admin"), Element("createdDate", FieldReader.Stamp(listed.Created)),
        Element("fileName", listed.FileName), Element("fullName", listed.FullName), Element("id", listed.Id),
        Element("lastModifiedById", _store.AdminId), Element("lastModifiedByName", "Sim Admin"), Element("lastModifiedDate", FieldReader.Stamp(listed.Modified)),
        Element("manageableState", "unmanaged"), Element("type", listed.Type));

    private static XElement Response(SoapCall call, IEnumerable<XElement> content) => new(Api + (call.Name + "Response"), content);

    private static XElement Element(string name, string value) => new(Api + name, value);

    private static string Flag(bool value) => value.ToString(CultureInfo.InvariantCulture).ToLowerInvariant();
}
