namespace OrgSimulator.Schema;

/// <summary>Objects that cannot be read like others: not at all, only by certain filters, or only through REST. Read by SOQL and by the Bulk API.</summary>
public static class QueryRestrictions
{
    public const string ContentDocumentLink = "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId "
        + "using the equals operator or multiple Id's using the IN operator.";

    /// <summary>Made up on the fly from other data: they want a filter on a reified column.</summary>
    private static readonly HashSet<string> Reified = new(StringComparer.OrdinalIgnoreCase)
    {
        "UserRecordAccess", "FieldDefinition", "EntityParticle", "UserEntityAccess", "UserFieldAccess", "PicklistValueInfo", "RelationshipInfo", "RelationshipDomain", "SearchLayout",
        "OwnerChangeOptionInfo", "PlatformAction", "SiteDetail", "AppTabMember", "ColorDefinition", "IconDefinition", "DataStatistics", "FlexQueueItem", "FlowVersionView",
        "FlowVariableView", "FlowTestView", "RelatedListDefinition", "RelatedListColumnDefinition", "ApexTypeImplementor", "NetworkUserHistoryRecent", "CollaborationGroupRecord",
        "Announcement",
    };

    /// <summary>Live in another system and are asked for by a key.</summary>
    private static readonly Dictionary<string, string> Remote = new(StringComparer.OrdinalIgnoreCase) { ["ContentHubItem"] = "ContentHubRepositoryId", ["DatacloudDandBCompany"] = "DunsNumber" };

    private static readonly HashSet<string> Unreadable = new(StringComparer.OrdinalIgnoreCase)
    {
        "ActivityHistory", "OpenActivity", "AggregateResult", "AttachedContentDocument", "CombinedAttachment", "NoteAndAttachment", "OwnedContentDocument", "FolderedContentDocument",
        "LookedUpFromActivity", "Name", "ProcessInstanceHistory", "EmailStatus", "FeedLike", "FeedTrackedChange", "FeedSignal", "DataType", "ContentBody", "OutgoingEmail",
        "OutgoingEmailRelation", "ListViewChartInstance", "DatacloudAddress", "QuoteTemplateRichTextData",
    };

    private static readonly HashSet<string> OnlyRest = new(StringComparer.OrdinalIgnoreCase)
    {
        "AcceptedEventRelation", "DeclinedEventRelation", "UndecidedEventRelation", "EventWhoRelation", "TaskWhoRelation", "CaseStatus", "ContractStatus", "OrderStatus", "PartnerRole",
        "SolutionStatus", "TaskPriority", "TaskStatus", "ServiceAppointmentStatus", "WorkOrderStatus", "WorkOrderLineItemStatus", "ShiftStatus", "WorkStepStatus",
        "FieldSecurityClassification", "RecentlyViewed", "AssetTokenEvent", "AttachedContentNote",
    };

    /// <summary>Puts the marks on an object. Called once, when the schema is complete.</summary>
    public static void Apply(ObjectType type)
    {
        if (OnlyRest.Contains(type.Name)) type.BulkRefused = true;
        if (Unreadable.Contains(type.Name) || type.AssociateEntityType == "ChangeEvent" || EndsWith(type, "ChangeEvent", "__e", "EventStream")) type.Queryable = false;
        else if (EndsWith(type, "__x")) Refuse(type, "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", $"{type.Name} lives in another system, which does not answer", []);
        else if (Remote.TryGetValue(type.Name, out var key)) Refuse(type, "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION", $"Where clauses should contain {key}", [key]);
        else if (Reified.Contains(type.Name))
            Refuse(type, "MALFORMED_QUERY", $"{type.Name}: a filter on a reified column is required [UserId,DurableId]", type.Name == "UserRecordAccess" ? ["UserId"] : ["DurableId", "UserId", "Id"]);
        else
            switch (type.Name)
            {
                case "Vote":
                    Refuse(type, "MALFORMED_QUERY", "When querying the Vote object, you must filter using the following syntax: ParentId = [single ID], Parent.Type = [single Type], "
                        + "Id = [single ID], or Id IN [list of ID's].", ["ParentId", "Parent.Type", "Id"]);
                    break;
                case "ContentFolderItem" or "ContentFolderMember":
                    Refuse(type, "MALFORMED_QUERY", $"Implementation restriction: {type.Name} requires a filter by a single Id, ChildRecordId or ParentContentFolderId using the equals operator",
                        ["Id", "ChildRecordId", "ParentContentFolderId"]);
                    type.SingleFilter = true;
                    break;
                case "IdeaComment":
                    Refuse(type, "MALFORMED_QUERY", "Implementation restriction: IdeaComment requires a filter by a single Id, CommunityId or IdeaId using the equals operator",
                        ["Id", "CommunityId", "IdeaId"]);
                    type.SingleFilter = true;
                    break;
            }
    }

    private static bool EndsWith(ObjectType type, params string[] endings) => Array.Exists(endings, ending => type.Name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));

    private static void Refuse(ObjectType type, string code, string message, string[] filters)
    {
        type.QueryRefusal = (code, message);
        type.MandatoryFilters = filters;
    }
}
