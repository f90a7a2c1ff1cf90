using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Appliance.Salesforce;

public sealed record OrgLimit(long Max, long Remaining);

/// <summary>The org's limits by Salesforce's names (<c>DailyApiRequests</c>, <c>DataStorageMB</c> …); up to five minutes old.</summary>
public sealed record OrgLimits(ImmutableDictionary<string, OrgLimit> All)
{
    public OrgLimit? DailyApiRequests => All.GetValueOrDefault("DailyApiRequests");
    public OrgLimit? DailyBulkV2QueryJobs => All.GetValueOrDefault("DailyBulkV2QueryJobs");
    public OrgLimit? DataStorageMB => All.GetValueOrDefault("DataStorageMB");
    public OrgLimit? FileStorageMB => All.GetValueOrDefault("FileStorageMB");
}

/// <summary>Who is signed in.</summary>
public sealed record OrgIdentity(string OrganizationId, string UserId, string UserName, string DisplayName);

/// <summary>The Organization record.</summary>
public sealed record OrganizationInfo(string Id, string Name, string OrganizationType, bool IsSandbox, string InstanceName);

public sealed record DeletedRecord(string Id, DateTimeOffset DeletedDate);

/// <param name="Records">Deleted between start and end.</param>
/// <param name="EarliestDateAvailable">The log of deletions does not reach further back.</param>
/// <param name="LatestDateCovered">The start of the next call.</param>
public sealed record DeletedRecords(ImmutableArray<DeletedRecord> Records, DateTimeOffset EarliestDateAvailable, DateTimeOffset LatestDateCovered);

public sealed partial class Org
{
    private const int CountsPerCall = 200;

    public async Task<OrgLimits> LimitsAsync(CancellationToken cancellationToken)
    {
        var limits = await _channel.ReadAsync(new(HttpMethod.Get, "limits", "Asking for the org's limits") { Look = true }, async (answer, token) =>
        {
            using var document = await answer.DocumentAsync(token);
            return new OrgLimits(document.RootElement.EnumerateObject()
                .Where(l => l.Value.ValueKind is JsonValueKind.Object && l.Value.TryGetProperty("Max", out _))
                .ToImmutableDictionary(l => l.Name, l => new OrgLimit(Number(l.Value, "Max"), Number(l.Value, "Remaining"))));
        }, cancellationToken);
        Budget.Looked(limits);
        return limits;
    }

    /// <summary>About how many rows each object has, without a query; objects that Salesforce does not tell are left out.</summary>
    public async Task<IReadOnlyDictionary<string, long>> RecordCountsAsync(IReadOnlyList<string> objectNames, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var names in objectNames.Chunk(CountsPerCall))
            await _channel.ReadAsync(new(HttpMethod.Get, $"limits/recordCount?sObjects={Uri.EscapeDataString(string.Join(',', names))}", "Asking for the number of records"), async (answer, token) =>
            {
                using var document = await answer.DocumentAsync(token);
                foreach (var counted in document.RootElement.GetProperty("sObjects").EnumerateArray()) counts[Text(counted, "name") ?? ""] = Number(counted, "count");
                return true;
            }, cancellationToken);
        return counts;
    }

    /// <summary>Looks at the limits again when others may have used bulk jobs since; who may not see them works without.</summary>
    private async Task EnterBulkAsync(BulkQuota quota, string what, CancellationToken cancellationToken)
    {
        if (Budget.Ceilings is not null && quota.Stale)
        {
            try
            {
                await LimitsAsync(cancellationToken);
            }
            catch (SalesforceException e) when (!e.OutOfQuota && !e.NeedsReconnect)
            {
                _log.LimitsNotSeen(e.Message);
            }
        }
        Budget.EnterBulk(quota, what);
    }

    public Task<OrgIdentity> IdentityAsync(CancellationToken cancellationToken) =>
        _channel.ReadAsync(new(HttpMethod.Get, "/services/oauth2/userinfo", "Asking who is signed in"), async (answer, token) =>
        {
            using var document = await answer.DocumentAsync(token);
            var user = document.RootElement;
            return new OrgIdentity(
                Text(user, "organization_id") ?? throw new JsonException("The answer names no organization."),
                Text(user, "user_id") ?? throw new JsonException("The answer names no user."),
                Text(user, "preferred_username") ?? "", Text(user, "name") ?? "");
        }, cancellationToken);

    public async Task<OrganizationInfo> OrganizationAsync(CancellationToken cancellationToken)
    {
        await foreach (var batch in QueryAsync("SELECT Id,Name,OrganizationType,IsSandbox,InstanceName FROM Organization", includeDeleted: false, cancellationToken))
            return new(batch.Text(0, 0), batch.Text(0, 1), batch.Text(0, 2), batch.Text(0, 3) == "true", batch.Text(0, 4));
        throw new SalesforceException(FailureKind.Operator, "Reading the Organization record failed: the user cannot see it.",
            "Give the connected user \"View Setup and Configuration\".");
    }

    /// <summary>Deletions of a replicateable object, at most 15 days back; whole minutes. The org trims this log, so gaps are possible.</summary>
    public Task<DeletedRecords> GetDeletedAsync(string objectName, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken) =>
        _channel.ReadAsync(
            new(HttpMethod.Get, $"sobjects/{Uri.EscapeDataString(objectName)}/deleted/?start={Moment(start)}&end={Moment(end)}", $"Asking for deletions of {objectName}"),
            async (answer, token) =>
            {
                using var document = await answer.DocumentAsync(token);
                var root = document.RootElement;
                return new DeletedRecords(
                    [.. root.GetProperty("deletedRecords").EnumerateArray().Select(r => new DeletedRecord(Text(r, "id") ?? "", Moment(r, "deletedDate")))],
                    Moment(root, "earliestDateAvailable"), Moment(root, "latestDateCovered"));
            }, cancellationToken);

    private static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static DateTimeOffset Moment(JsonElement element, string name) =>
        DateTimeOffset.TryParse(Text(element, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment)
            ? moment : throw new JsonException($"The answer has no {name}.");
}
