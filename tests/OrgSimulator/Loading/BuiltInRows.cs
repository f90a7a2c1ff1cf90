using OrgSimulator.Rules;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Loading;

/// <summary>The organisation, its admin, a profile, the standard price book and the status values: there from the first day.</summary>
public static class BuiltInRows
{
    public static void Add(OrgStore store, SimulatorOptions options)
    {
        Append(store, "Organization", store.OrganizationId, ("Name", "Simulated Org"), ("OrganizationType", "Enterprise Edition"), ("InstanceName", "SIM1"), ("IsSandbox", "false"),
            ("LanguageLocaleKey", "en_US"), ("DefaultLocaleSidKey", "en_GB"), ("TimeZoneSidKey", "Europe/London"), ("FiscalYearStartMonth", "1"), ("Country", "GB"));
        Append(store, "Profile", store.ProfileId, ("Name", "System Administrator"), ("UserType", "Standard"));
        Append(store, "User", store.AdminId, ("Username", options.User), ("FirstName", "Sim"), ("LastName", "Admin"), ("Email", options.User), ("Alias", "admin"),
            ("CommunityNickname", "admin"), ("IsActive", "true"), ("TimeZoneSidKey", "Europe/London"), ("LocaleSidKey", "en_GB"), ("EmailEncodingKey", "UTF-8"),
            ("LanguageLocaleKey", "en_US"), ("ProfileId", store.ProfileId), ("UserType", "Standard"));
        foreach (var user in options.Rules.Users) AddUser(store, user);
        Append(store, "Pricebook2", store.NewId(store.Table("Pricebook2")), ("Name", "Standard Price Book"), ("IsActive", "true"), ("IsStandard", "true"), ("IsArchived", "false"));
        AddStatuses(store, "CaseStatus", "New", "Working", "Escalated", "Closed");
        AddStatuses(store, "TaskStatus", "Not Started", "In Progress", "Completed", "Deferred");
    }

    private static void AddUser(OrgStore store, OrgUser user)
    {
        var alias = user.Username.Split('@')[0];
        Append(store, "User", store.NewId(store.Table("User")), ("Username", user.Username), ("LastName", user.LastName ?? alias), ("Email", user.Username),
            ("Alias", alias[..Math.Min(8, alias.Length)]), ("CommunityNickname", alias), ("IsActive", user.Active ? "true" : "false"), ("TimeZoneSidKey", "Europe/London"),
            ("LocaleSidKey", "en_GB"), ("EmailEncodingKey", "UTF-8"), ("LanguageLocaleKey", "en_US"), ("ProfileId", store.ProfileId), ("UserType", "Standard"));
    }

    /// <summary>Record types that came with their Ids; those made later have higher ones.</summary>
    public static void AddRecordTypes(OrgStore store, IEnumerable<(string Object, string Id, string DeveloperName, string Name, bool Active)> recordTypes)
    {
        var table = store.Table("RecordType");
        foreach (var (type, id, developerName, name, active) in recordTypes.DistinctBy(item => SalesforceId.Number(item.Id)).OrderBy(item => SalesforceId.Number(item.Id)))
        {
            Append(store, "RecordType", id, ("SobjectType", type), ("DeveloperName", developerName), ("Name", name), ("IsActive", active ? "true" : "false"),
                ("IsPersonType", IsPersonType(developerName)));
            table.NextNumber = Math.Max(table.NextNumber, SalesforceId.Number(id) + 1);
        }
    }

    /// <summary>Record types that metadata declares and no data brought.</summary>
    public static void AddDeclared(OrgStore store, IEnumerable<(string Object, string DeveloperName, string Name, bool Active)> recordTypes)
    {
        var table = store.Table("RecordType");
        var (types, names) = (table.Type["SobjectType"].Slot, table.Type["DeveloperName"].Slot);
        foreach (var (type, developerName, name, active) in recordTypes)
            if (!table.Live().Any(row => type.Equals(row[types], StringComparison.OrdinalIgnoreCase) && developerName.Equals(row[names], StringComparison.OrdinalIgnoreCase)))
                Append(store, "RecordType", store.NewId(table), ("SobjectType", type), ("DeveloperName", developerName), ("Name", name),
                    ("IsActive", active ? "true" : "false"), ("IsPersonType", IsPersonType(developerName)));
    }

    /// <summary>A describe does not say which record types are those of people; their names do.</summary>
    private static string IsPersonType(string developerName) => developerName.Contains("Person", StringComparison.OrdinalIgnoreCase) ? "true" : "false";

    private static void AddStatuses(OrgStore store, string objectName, params string[] names)
    {
        var prefix = objectName == "CaseStatus" ? "01J" : "01K";
        for (var i = 0; i < names.Length; i++)
            Append(store, objectName, SalesforceId.Compose(prefix, store.Instance, store.FirstNumber + i), ("MasterLabel", names[i]), ("ApiName", names[i]),
                ("SortOrder", (i + 1).ToString(System.Globalization.CultureInfo.InvariantCulture)), ("IsDefault", i == 0 ? "true" : "false"),
                ("IsClosed", names[i] is "Closed" or "Completed" ? "true" : "false"));
    }

    private static void Append(OrgStore store, string objectName, string id, params (string Field, string Value)[] fields)
    {
        var table = store.Table(objectName);
        var values = new string?[table.Type.SlotCount];
        foreach (var (field, value) in fields)
            if (table.Type.FindAny(field) is { Source: FieldSource.Slot } known) values[known.Slot] = value;
        FieldWriter.Default(table.Type, values, store);
        var longAgo = store.Now - 400 * 86_400;
        table.Append(new Row
        {
            Id = id, Number = SalesforceId.Number(id), Values = values, Created = longAgo, Modified = longAgo, Modstamp = longAgo,
            CreatedBy = store.AdminId, ModifiedBy = store.AdminId,
        });
    }
}
