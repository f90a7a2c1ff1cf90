using OrgSimulator.Schema;

namespace OrgSimulator.Loading;

/// <summary>Turns person accounts on for the built-in schema; a recorded describe of such an org brings their fields itself.</summary>
public static class PersonAccountSchema
{
    private static readonly string[] Mirrored =
    [
        "Email", "Title", "Department", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone", "AssistantName", "LeadSource", "Birthdate", "HasOptedOutOfEmail", "HasOptedOutOfFax",
        "DoNotCall", "MailingStreet", "MailingCity", "MailingState", "MailingPostalCode", "MailingCountry", "OtherStreet", "OtherCity", "OtherState", "OtherPostalCode", "OtherCountry",
    ];

    public static void Add(OrgSchema schema)
    {
        var (account, contact) = (schema["Account"], schema["Contact"]);
        var types = schema["RecordType"];
        if (types.FindAny("IsPersonType") is null) types.Add("IsPersonType", FieldType.Boolean, ReadOnly);
        if (contact.FindAny("IsPersonAccount") is null) contact.Add("IsPersonAccount", FieldType.Boolean, ReadOnly);
        if (account.FindAny("IsPersonAccount") is null) account.Add("IsPersonAccount", FieldType.Boolean, ReadOnly);
        if (account.FindAny("PersonContactId") is null)
            account.Add("PersonContactId", FieldType.Reference, field =>
            {
                (field.Length, field.RelationshipName, field.DeleteRule, field.Createable, field.Updateable) = (18, "PersonContact", DeleteRule.Keep, false, false);
                field.ReferenceTo.Add("Contact");
            });
        foreach (var name in (string[])["FirstName", "LastName", "Salutation"]) Mirror(account, contact, name, name, "Name");
        foreach (var name in Mirrored) Mirror(account, contact, name, "Person" + name, null);
        foreach (var field in contact.AllFields.Where(field => field.Name.EndsWith("__c", StringComparison.Ordinal) && field.Source == FieldSource.Slot).ToArray())
            Mirror(account, contact, field.Name, field.Name[..^1] + "pc", null);
        (account["Name"].ExtraTypeInfo, account["Name"].Nillable) = ("switchablepersonname", true);
    }

    private static void ReadOnly(Field field)
    {
        (field.Nillable, field.Createable, field.Updateable, field.DefaultedOnCreate, field.DefaultValue) = (false, false, false, true, "false");
    }

    private static void Mirror(ObjectType account, ObjectType contact, string from, string name, string? compound)
    {
        if (contact.FindAny(from) is not { } twin || account.FindAny(name) is not null) return;
        var field = new Field(name, twin.Type)
        {
            Label = twin.Label, Length = twin.Length, Precision = twin.Precision, Scale = twin.Scale, CompoundName = compound, RestrictedPicklist = twin.RestrictedPicklist,
            DefaultValue = twin.DefaultValue, DefaultedOnCreate = twin.DefaultedOnCreate, Nillable = twin.Type != FieldType.Boolean, ExtraTypeInfo = twin.ExtraTypeInfo,
        };
        field.PicklistValues.AddRange(twin.PicklistValues);
        account.Add(field);
    }
}
