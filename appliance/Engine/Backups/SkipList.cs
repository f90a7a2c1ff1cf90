using Appliance.Salesforce;

namespace Appliance.Engine.Backups;

/// <summary>
/// Which objects a default backup leaves out, and why. Every entry has a reason that the certificate of completeness repeats, so that
/// nothing is missing silently. Source: the SOQL guide's restrictions and the lists that other backup products publish.
/// </summary>
public static class SkipList
{
    /// <summary>The reason to leave the object out, or null when it is to be read.</summary>
    public static string? ReasonToSkip(ObjectSummary summary) => summary switch
    {
        { DeprecatedAndHidden: true } => "deprecated and hidden by Salesforce",
        { Name: var name } when name.EndsWith("ChangeEvent", StringComparison.Ordinal) => "change events are a stream, no rows are stored",
        { Name: var name } when name.EndsWith("__e", StringComparison.Ordinal) => "platform events are a stream, no rows are stored",
        { Name: var name } when name.EndsWith("EventStream", StringComparison.Ordinal) => "an event stream, no rows are stored",
        { Name: var name } when name.EndsWith("__x", StringComparison.Ordinal) => "external object: its data lives in another system",
        { Name: var name } when name.EndsWith("__mdt", StringComparison.Ordinal) => "custom metadata belongs to the metadata backup",
        { Name: var name } when name.EndsWith("ViewStat", StringComparison.Ordinal) || name.EndsWith("VoteStat", StringComparison.Ordinal)
            => "view and vote statistics, computed by Salesforce",
        { Name: var name } when Virtual.Contains(name) => "computed by Salesforce for each question, no rows of its own",
        { Name: var name } when OnlyInsideOthers.Contains(name) => "can be read only as part of another object",
        { Name: var name } when Logs.Contains(name) => "a log that cannot be restored",
        { Queryable: false } => "Salesforce does not let this object be queried",
        { Retrieveable: false } => "Salesforce does not let single rows of this object be read",
        _ => null,
    };

    private static readonly HashSet<string> Virtual =
    [
        "UserRecordAccess", "FieldDefinition", "EntityDefinition", "EntityParticle", "UserEntityAccess", "UserFieldAccess", "PicklistValueInfo",
        "RelationshipInfo", "RelationshipDomain", "SearchLayout", "OwnerChangeOptionInfo", "PlatformAction", "SiteDetail", "AppTabMember",
        "ColorDefinition", "IconDefinition", "DataStatistics", "FlexQueueItem", "FlowVersionView", "FlowVariableView", "FlowTestView",
        "RelatedListDefinition", "RelatedListColumnDefinition", "ApexTypeImplementor", "NetworkUserHistoryRecent", "CollaborationGroupRecord",
        "Announcement", "ContentHubItem", "DatacloudDandBCompany", "DatacloudContact", "DatacloudCompany", "DatacloudAddress", "Publisher",
    ];

    private static readonly HashSet<string> OnlyInsideOthers =
    [
        "ActivityHistory", "OpenActivity", "AggregateResult", "AttachedContentDocument", "AttachedContentNote", "CombinedAttachment",
        "NoteAndAttachment", "OwnedContentDocument", "FolderedContentDocument", "LookedUpFromActivity", "Name", "ProcessInstanceHistory",
        "EmailStatus", "FeedLike", "FeedTrackedChange", "FeedSignal", "DataType", "ContentBody", "OutgoingEmail", "OutgoingEmailRelation",
        "ListViewChartInstance", "QuoteTemplateRichTextData", "Vote", "IdeaComment", "ContentFolderItem", "ContentFolderMember",
    ];

    private static readonly HashSet<string> Logs =
    [
        "EventLogFile", "LoginHistory", "LoginEvent", "SetupAuditTrail", "AsyncApexJob", "CronTrigger", "CronJobDetail", "BackgroundOperation",
        "RecentlyViewed", "ApexLog", "AuthSession", "LoginGeo", "LoginIp",
    ];
}
