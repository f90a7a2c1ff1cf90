using System.Collections.Immutable;

namespace Appliance.Engine.Metadata;

/// <summary>Names of the picklists of standard fields: listMetadata does not tell them. Source: "StandardValueSet Names and Standard Picklist Fields" of the Metadata API Developer Guide.</summary>
internal static class StandardValueSets
{
    public static ImmutableArray<string> Names { get; } =
    [
        "AccountContactMultiRoles", "AccountContactRole", "AccountOwnership", "AccountRating", "AccountType", "AssetActionCategory", "AssetRelationshipType", "AssetStatus",
        "AssociatedLocationType", "CampaignMemberStatus", "CampaignStatus", "CampaignType", "CaseContactRole", "CaseOrigin", "CasePriority", "CaseReason", "CaseStatus", "CaseType",
        "ChangeRequestRelatedItemImpactLevel", "ContactRequestReason", "ContactRequestStatus", "ContactRole", "ContractContactRole", "ContractStatus", "EntitlementType", "EventSubject",
        "EventType", "FiscalYearPeriodName", "FiscalYearPeriodPrefix", "FiscalYearQuarterName", "FiscalYearQuarterPrefix", "FulfillmentStatus", "FulfillmentType", "IdeaCategory",
        "IdeaMultiCategory", "IdeaStatus", "IdeaThemeStatus", "IncidentCategory", "IncidentImpact", "IncidentPriority", "IncidentStatus", "IncidentSubCategory", "IncidentType",
        "IncidentUrgency", "Industry", "LeadSource", "LeadStatus", "LocationType", "OpportunityCompetitor", "OpportunityStage", "OpportunityType", "OrderItemSummaryChgRsn", "OrderStatus",
        "OrderSummaryRoutingSchdRsn", "OrderSummaryStatus", "OrderType", "PartnerRole", "ProblemCategory", "ProblemImpact", "ProblemPriority", "ProblemStatus", "ProblemSubCategory",
        "ProblemUrgency", "Product2Family", "QuantityUnitOfMeasure", "QuestionOrigin", "QuickTextCategory", "QuickTextChannel", "QuoteStatus", "ResourceAbsenceType", "ReturnOrderLineItemProcessPlan",
        "ReturnOrderLineItemReasonForRejection", "ReturnOrderLineItemReasonForReturn", "RoleInTerritory2", "SalesTeamRole", "Salutation", "ServiceAppointmentStatus", "ServiceContractApprovalStatus",
        "ServiceTerrMemRoleType", "ShiftStatus", "SocialPostClassification", "SocialPostEngagementLevel", "SocialPostReviewedStatus", "SolutionStatus", "TaskPriority", "TaskStatus", "TaskSubject",
        "TaskType", "UnitOfMeasure", "WorkOrderLineItemPriority", "WorkOrderLineItemStatus", "WorkOrderPriority", "WorkOrderStatus", "WorkStepStatus", "WorkTypeDefApptType", "WorkTypeGroupAddInfo",
    ];
}
