namespace OrgSimulator.Metadata;

/// <summary>One kind of component, as describeMetadata tells it.</summary>
/// <param name="Name">Such as ApexClass.</param>
/// <param name="Folder">Directory in a package.</param>
/// <param name="Suffix">Of its file; empty for bundles, whose files stand in a directory of their own.</param>
/// <param name="InFolder">Its full names begin with that of a folder.</param>
/// <param name="MetaFile">A -meta.xml file goes with the file.</param>
public sealed record MetadataType(string Name, string Folder, string Suffix, bool InFolder = false, bool MetaFile = false)
{
    public bool Bundle => Suffix.Length == 0;

    /// <summary>Kinds that live inside the file of this one: name, element in the file.</summary>
    public IReadOnlyList<(string Name, string Element)> Children { get; init; } = [];

    public static IReadOnlyList<MetadataType> All { get; } =
    [
        new("CustomObject", "objects", "object")
        {
            Children = [("CustomField", "fields"), ("Index", "indexes"), ("BusinessProcess", "businessProcesses"), ("RecordType", "recordTypes"), ("CompactLayout", "compactLayouts"),
                ("WebLink", "webLinks"), ("ValidationRule", "validationRules"), ("SharingReason", "sharingReasons"), ("ListView", "listViews"), ("FieldSet", "fieldSets")],
        },
        new("ApexClass", "classes", "cls", MetaFile: true), new("ApexTrigger", "triggers", "trigger", MetaFile: true), new("ApexPage", "pages", "page", MetaFile: true),
        new("ApexComponent", "components", "component", MetaFile: true), new("StaticResource", "staticresources", "resource", MetaFile: true),
        new("AuraDefinitionBundle", "aura", ""), new("LightningComponentBundle", "lwc", ""), new("ExperienceBundle", "experiences", ""),
        new("Layout", "layouts", "layout"), new("Profile", "profiles", "profile"), new("PermissionSet", "permissionsets", "permissionset"),
        new("PermissionSetGroup", "permissionsetgroups", "permissionsetgroup"), new("CustomPermission", "customPermissions", "customPermission"),
        new("Role", "roles", "role"), new("Group", "groups", "group"), new("Queue", "queues", "queue"), new("CustomApplication", "applications", "app"),
        new("CustomTab", "tabs", "tab"), new("FlexiPage", "flexipages", "flexipage"), new("CustomLabels", "labels", "labels") { Children = [("CustomLabel", "labels")] },
        new("CustomMetadata", "customMetadata", "md"), new("CustomSite", "sites", "site"), new("Flow", "flows", "flow"), new("FlowDefinition", "flowDefinitions", "flowDefinition"),
        new("Workflow", "workflows", "workflow") { Children = [("WorkflowRule", "rules"), ("WorkflowFieldUpdate", "fieldUpdates"), ("WorkflowAlert", "alerts"), ("WorkflowTask", "tasks")] },
        new("GlobalValueSet", "globalValueSets", "globalValueSet"), new("StandardValueSet", "standardValueSets", "standardValueSet"),
        new("SharingRules", "sharingRules", "sharingRules") { Children = [("SharingOwnerRule", "sharingOwnerRules"), ("SharingCriteriaRule", "sharingCriteriaRules")] },
        new("AssignmentRules", "assignmentRules", "assignmentRules"), new("AutoResponseRules", "autoResponseRules", "autoResponseRules"), new("EscalationRules", "escalationRules", "escalationRules"),
        new("ApprovalProcess", "approvalProcesses", "approvalProcess"), new("DuplicateRule", "duplicateRules", "duplicateRule"), new("MatchingRules", "matchingRules", "matchingRule"),
        new("QuickAction", "quickActions", "quickAction"), new("ReportType", "reportTypes", "reportType"), new("NamedCredential", "namedCredentials", "namedCredential"),
        new("RemoteSiteSetting", "remoteSiteSettings", "remoteSite"), new("ConnectedApp", "connectedApps", "connectedApp"), new("HomePageLayout", "homePageLayouts", "homePageLayout"),
        new("CustomObjectTranslation", "objectTranslations", "objectTranslation"), new("Translations", "translations", "translation"), new("Settings", "settings", "settings"),
        new("PathAssistant", "pathAssistants", "pathAssistant"), new("InstalledPackage", "installedPackages", "installedPackage"),
        new("Report", "reports", "report", InFolder: true), new("Dashboard", "dashboards", "dashboard", InFolder: true),
        new("EmailTemplate", "email", "email", InFolder: true, MetaFile: true), new("Document", "documents", "*", InFolder: true, MetaFile: true),
    ];

    public static MetadataType? Named(string name) => All.FirstOrDefault(type => type.Name == name);

    /// <summary>The kind whose files hold components of the named child kind, and the element that each has there.</summary>
    public static (MetadataType Parent, string Element)? ParentOf(string child)
    {
        foreach (var type in All)
            foreach (var (name, element) in type.Children)
                if (name == child) return (type, element);
        return null;
    }

    /// <summary>Folders are components, too: ReportFolder, but EmailFolder for EmailTemplate.</summary>
    public static MetadataType? OfFolderType(string name) => name switch
    {
        "EmailFolder" => Named("EmailTemplate"),
        "ReportFolder" or "DashboardFolder" or "DocumentFolder" => Named(name[..^6]),
        _ => null,
    };
}
