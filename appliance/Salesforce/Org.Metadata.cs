using System.Text.Json;
using System.Xml;
using System.Xml.Linq;

namespace Appliance.Salesforce;

/// <summary>A type of metadata, as the org describes it.</summary>
/// <param name="Folder">Directory of its files in a package.</param>
/// <param name="InFolder">Its components are listed folder by folder.</param>
/// <param name="MetaFile">A -meta.xml file goes with each file.</param>
/// <param name="Suffix">Of its files; null for bundles, whose files have a directory of their own.</param>
public sealed record MetadataType(string Name, string Folder, bool InFolder, bool MetaFile, string? Suffix)
{
    /// <summary>The type that lists the folders.</summary>
    public string FolderType => Name == "EmailTemplate" ? "EmailFolder" : Name + "Folder";
}

/// <param name="Folder">Where the type is one of folders.</param>
public sealed record MetadataQuery(string Type, string? Folder = null);

/// <summary>A component as the org lists it.</summary>
/// <param name="FileName">Its file in a package, such as classes/A.cls.</param>
/// <param name="LastModifiedDate">As Salesforce wrote it; empty where it tells none.</param>
/// <param name="Installed">It belongs to an installed managed package, which may hide its content. (That of an unlocked package can be read and changed: installedEditable.)</param>
public sealed record MetadataComponent(string Type, string FullName, string FileName, string Id, string LastModifiedDate, bool Installed)
{
    internal static MetadataComponent Of(XElement properties) => new(
        properties.Text("type") ?? "", properties.Text("fullName") ?? "", properties.Text("fileName") ?? "", properties.Text("id") ?? "", properties.Text("lastModifiedDate") ?? "",
        properties.Text("manageableState") is "installed");
}

/// <summary>One line of a package.xml.</summary>
public readonly record struct MetadataMember(string Type, string FullName);

/// <summary>The Metadata API: SOAP, because REST offers no retrieve.</summary>
public sealed partial class Org
{
    /// <summary>Queries that one listMetadata takes.</summary>
    public const int MetadataQueriesPerCall = 3;

    private const int RetrieveAttempts = 4;
    private static readonly XNamespace Metadata = "http://soap.sforce.com/2006/04/metadata";
    private static readonly TimeSpan FirstPoll = TimeSpan.FromSeconds(1), LongestPoll = TimeSpan.FromSeconds(30), RetrieveWithin = TimeSpan.FromHours(2);

    /// <summary>The types that the org has.</summary>
    public Task<IReadOnlyList<MetadataType>> DescribeMetadataAsync(CancellationToken cancellationToken) =>
        CallMetadataAsync<IReadOnlyList<MetadataType>>("Describing the org's metadata", version => new XElement(Metadata + "describeMetadata", new XElement(Metadata + "asOfVersion", version)),
            async (answer, token) =>
                [.. (await Soap.ResponseAsync(answer.Body, Metadata + "describeMetadataResponse", token)).Descendants(Metadata + "metadataObjects").Select(type => new MetadataType(
                    type.Text("xmlName") ?? "", type.Text("directoryName") ?? "", type.Text("inFolder") == "true", type.Text("metaFile") == "true",
                    type.Text("suffix") is { Length: > 0 } suffix ? suffix : null))],
            cancellationToken);

    /// <summary>The components of up to three types or folders; they come without saying which query they answer.</summary>
    public Task<IReadOnlyList<MetadataComponent>> ListMetadataAsync(IReadOnlyList<MetadataQuery> queries, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(queries.Count, MetadataQueriesPerCall);
        return CallMetadataAsync<IReadOnlyList<MetadataComponent>>($"Listing the components of {string.Join(", ", queries.Select(q => q.Folder is null ? q.Type : $"{q.Type} in {q.Folder}"))}",
            version => new XElement(Metadata + "listMetadata",
                queries.Select(q => new XElement(Metadata + "queries", q.Folder is null ? null : new XElement(Metadata + "folder", q.Folder), new XElement(Metadata + "type", q.Type))),
                new XElement(Metadata + "asOfVersion", version)),
            async (answer, token) => [.. (await Soap.ResponseAsync(answer.Body, Metadata + "listMetadataResponse", token)).Descendants(Metadata + "result").Select(MetadataComponent.Of)],
            cancellationToken);
    }

    /// <summary>
    /// The files of components, in a temporary file that goes when the answer is disposed. Waits until the org has gathered them. When the org has lost the result, it is
    /// asked to gather them again.
    /// </summary>
    /// <exception cref="SalesforceException">With <see cref="SalesforceException.MetadataLimit"/>: they are more than one retrieve may hold.</exception>
    public async Task<RetrievedMetadata> RetrieveMetadataAsync(IReadOnlyCollection<MetadataMember> members, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await RetrieveOnceAsync(members, cancellationToken);
            }
            catch (SalesforceException e) when (attempt < RetrieveAttempts && e.ErrorCode == SalesforceException.RetrieveLost)
            {
                // Gathering costs the org little; what was stored before is not asked for again.
            }
        }
    }

    private async Task<RetrievedMetadata> RetrieveOnceAsync(IReadOnlyCollection<MetadataMember> members, CancellationToken cancellationToken)
    {
        var id = await CallMetadataAsync("Asking the org to gather metadata", version => new XElement(Metadata + "retrieve", new XElement(Metadata + "request",
                new XElement(Metadata + "apiVersion", version),
                new XElement(Metadata + "singlePackage", "false"),
                new XElement(Metadata + "unpackaged",
                    members.GroupBy(m => m.Type, StringComparer.Ordinal).Select(type => new XElement(Metadata + "types",
                        type.Select(m => new XElement(Metadata + "members", m.FullName)), new XElement(Metadata + "name", type.Key))),
                    new XElement(Metadata + "version", version)))),
            async (answer, token) => (await Soap.ResponseAsync(answer.Body, Metadata + "retrieveResponse", token)).Descendants(Metadata + "id").FirstOrDefault()?.Value ?? throw new JsonException("The retrieve has no id."),
            cancellationToken);

        var (wait, waited) = (FirstPoll, TimeSpan.Zero);
        RetrieveStatus status;
        while (!(status = await StatusAsync(id, zip: null, cancellationToken)).Done)
        {
            if (waited > RetrieveWithin)
                throw new SalesforceException(FailureKind.Permanent, $"The org has not gathered the metadata within {RetrieveWithin.TotalHours:0} hours.", "The next backup asks again. If it stays so, ask Salesforce's support.");
            await Task.Delay(wait, _time, cancellationToken);
            waited += wait;
            wait = wait * 1.5 < LongestPoll ? wait * 1.5 : LongestPoll;
        }
        if (status.Failure() is { } failure) throw failure;
        // A file of its own: 39 MB for each part would be too much for memory beside the objects.
        var zip = NewTemporaryFile();
        try
        {
            status = await StatusAsync(id, zip, cancellationToken);
            return zip.Length > 0 ? RetrievedMetadata.Open(zip, status) : throw Lost(null);
        }
        catch
        {
            await zip.DisposeAsync();
            throw;
        }
    }

    private static FileStream NewTemporaryFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = FileOptions.Asynchronous | FileOptions.DeleteOnClose };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), options);
    }

    /// <param name="id">Of the retrieve.</param>
    /// <param name="zip">Takes the files when they are wanted; the org gives them once.</param>
    /// <param name="cancellationToken">Breaks off.</param>
    private async Task<RetrieveStatus> StatusAsync(string id, FileStream? zip, CancellationToken cancellationToken)
    {
        try
        {
            return await CallMetadataAsync(zip is null ? "Asking whether metadata is gathered" : "Reading gathered metadata",
                _ => new XElement(Metadata + "checkRetrieveStatus", new XElement(Metadata + "asyncProcessId", id), new XElement(Metadata + "includeZip", zip is null ? "false" : "true")),
                (answer, token) =>
                {
                    zip?.SetLength(0);
                    return Soap.ReadAsync(answer.Body, xml => RetrieveStatus.ReadAsync(xml, zip, token));
                }, cancellationToken);
        }
        catch (SalesforceException e) when (e.ErrorCode is "INVALID_CROSS_REFERENCE_KEY" or "INVALID_ID_FIELD" or "INVALID_LOCATOR")
        {
            throw Lost(e);
        }
    }

    private static SalesforceException Lost(SalesforceException? cause) => new(FailureKind.Permanent, "The org no longer has the metadata that it gathered.",
        "The next backup asks for it again.", SalesforceException.RetrieveLost, cause?.StatusCode, cause);

    private async Task<T> CallMetadataAsync<T>(string what, Func<string, XElement> call, Func<OrgAnswer, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        var version = (await _channel.VersionAsync(cancellationToken))[1..];
        try
        {
            return await _channel.ReadAsync(
                new(HttpMethod.Post, $"/services/Soap/m/{version}", what)
                {
                    Content = accessToken => Soap.Body(Metadata, accessToken, call(version), new XElement(Metadata + "CallOptions", new XElement(Metadata + "client", "appliance"))),
                    Soap = true,
                    Accept = "text/xml",
                    AnswerWithin = OrgCall.Long,
                }, read, cancellationToken);
        }
        catch (SalesforceException e) when (MetadataFailure(e) is { } judged)
        {
            throw judged;
        }
    }

    /// <summary>Codes that mean something else here than in the rest of the API.</summary>
    private static SalesforceException? MetadataFailure(SalesforceException e) => e.ErrorCode switch
    {
        "LIMIT_EXCEEDED" => RetrieveStatus.OverLimit(e.OrgText ?? e.Message, e),
        { } code when code.StartsWith("INSUFFICIENT_ACCESS", StringComparison.Ordinal) => new SalesforceException(FailureKind.Operator,
            $"The connected user may not read the org's metadata. Salesforce says: {e.OrgText ?? e.Message} ({code})",
            "Give the connected user \"Modify Metadata Through Metadata API Functions\" and \"View Setup and Configuration\", or \"Modify All Data\".", code, e.StatusCode, e),
        _ => null,
    };
}
