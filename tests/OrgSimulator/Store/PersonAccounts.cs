using OrgSimulator.Schema;

namespace OrgSimulator.Store;

/// <summary>
/// Accounts that are people. Each has a contact as its shadow, which the API reads but never writes: the account's own fields, its <c>Person…</c> fields
/// and its <c>…__pc</c> fields stand on both.
/// </summary>
public sealed class PersonAccounts(OrgStore store)
{
    private const string Invalid = "INVALID_PERSON_ACCOUNT_OPERATION";
    private static readonly string[] OwnNames = ["FirstName", "LastName", "MiddleName", "Salutation", "Suffix", "Phone", "Fax"];
    private (Field Account, Field Contact)[]? _pairs;

    /// <summary>Whether the org has them; decided once, when it starts.</summary>
    public bool Enabled { get; } = store.Schema["Account"].FindAny("IsPersonAccount") is { Hidden: false, Source: FieldSource.Slot }
        && store.Schema["Account"].FindAny("PersonContactId") is { Source: FieldSource.Slot };

    /// <summary>Judges the record and fills what follows from its being a person: Name and IsPersonAccount.</summary>
    public SaveError? Prepare(ObjectType type, RecordInput record, string?[] values, Row? old)
    {
        if (!Enabled) return null;
        if (type.Name == "Contact") return JudgeContact(type, values, old);
        if (type.Name != "Account") return null;
        var (flag, last, name) = (type["IsPersonAccount"], type["LastName"], type["Name"]);
        var person = old is null ? IsPersonType(values, type) ?? (values[last.Slot] is not null && values[name.Slot] is null) : old[flag.Slot] == "true";
        values[flag.Slot] = person ? "true" : "false";
        var foreign = record.Fields.Where(pair => pair.Value is not null).Select(pair => type.Find(pair.Key)).OfType<Field>().FirstOrDefault(field => person ? field == name : IsPersonField(field));
        if (foreign is not null)
            return new SaveError("INVALID_FIELD_FOR_INSERT_UPDATE", $"Account: bad field names on insert/update call: {foreign.Name}", foreign.Name);
        if (!person)
            return values[name.Slot] is null ? new SaveError("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", "Name") : null;
        if (values[last.Slot] is null) return new SaveError("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", "LastName");
        values[name.Slot] = values[type["FirstName"].Slot] is { } first ? $"{first} {values[last.Slot]}" : values[last.Slot];
        return null;
    }

    /// <summary>The shadow of a new person; the account must name it before it is saved. Null for a business.</summary>
    public Row? NewShadow(ObjectType type, string?[] values, Func<Table, string?[], Row> newRow)
    {
        if (!Enabled || type.Name != "Account" || values[type["IsPersonAccount"].Slot] != "true") return null;
        var contacts = store.Table("Contact");
        var shadow = new string?[contacts.Type.SlotCount];
        FieldWriter.Default(contacts.Type, shadow, store);
        Copy(values, shadow);
        if (contacts.Type.FindAny("IsPersonAccount") is { Source: FieldSource.Slot } flag) shadow[flag.Slot] = "true";
        if (contacts.Type.FindAny("OwnerId") is { } owner) shadow[owner.Slot] = values[type["OwnerId"].Slot];
        var row = newRow(contacts, shadow);
        values[type["PersonContactId"].Slot] = row.Id;
        return row;
    }

    public void AddShadow(Row account, Row? shadow, Journal journal)
    {
        if (shadow is null) return;
        var contacts = store.Table("Contact");
        shadow.Values[contacts.Type["AccountId"].Slot] = account.Id;
        journal.Append(contacts, shadow);
    }

    /// <summary>Brings the shadow of a changed person up to date.</summary>
    public void UpdateShadow(ObjectType type, Row account, Journal journal)
    {
        if (!Enabled || type.Name != "Account" || account[type["PersonContactId"].Slot] is not { } id) return;
        var contacts = store.Table("Contact");
        if (contacts.FindLive(id) is not { } shadow) return;
        var values = (string?[])shadow.Values.Clone();
        Copy(account.Values, values);
        journal.Replace(contacts, shadow, shadow with { Values = values, Modified = account.Modified, Modstamp = account.Modstamp, ModifiedBy = account.ModifiedBy });
    }

    /// <summary>A shadow goes with its account and not alone.</summary>
    public SaveError? JudgeDelete(ObjectType type, Row row) =>
        Enabled && type.Name == "Contact" && IsShadow(row) ? new SaveError(Invalid, "a contact of a person account is deleted with its account") : null;

    private SaveError? JudgeContact(ObjectType type, string?[] values, Row? old)
    {
        if (old is not null && IsShadow(old)) return new SaveError(Invalid, "a contact of a person account is changed through its account");
        var accounts = store.Schema["Account"];
        return values[type["AccountId"].Slot] is { } account && account != old?[type["AccountId"].Slot] && store.Table(accounts).Find(account)?[accounts["IsPersonAccount"].Slot] == "true"
            ? new SaveError(Invalid, "a contact cannot be put under a person account", "AccountId") : null;
    }

    private bool IsShadow(Row contact)
    {
        var (accounts, contacts) = (store.Schema["Account"], store.Schema["Contact"]);
        return contact[contacts["AccountId"].Slot] is { } id && store.Table(accounts).Find(id)?[accounts["PersonContactId"].Slot] == contact.Id;
    }

    /// <summary>What the record type says; null when the record has none.</summary>
    private bool? IsPersonType(string?[] values, ObjectType accounts)
    {
        if (accounts.FindAny("RecordTypeId") is not { Source: FieldSource.Slot } field || values[field.Slot] is not { } id) return null;
        var types = store.Table("RecordType");
        return types.Type.FindAny("IsPersonType") is { } flag && types.Find(id)?[flag.Slot] == "true";
    }

    private static bool IsPersonField(Field field) => field.Name is "FirstName" or "LastName" or "MiddleName" or "Salutation" or "Suffix"
        || field.Name.EndsWith("__pc", StringComparison.Ordinal) || field is { Source: FieldSource.Slot } && field.Name.StartsWith("Person", StringComparison.Ordinal) && field.Type != FieldType.Boolean;

    private void Copy(string?[] account, string?[] contact)
    {
        _pairs ??= [.. Pairs()];
        foreach (var (from, to) in _pairs) contact[to.Slot] = account[from.Slot];
    }

    private IEnumerable<(Field, Field)> Pairs()
    {
        var (accounts, contacts) = (store.Schema["Account"], store.Schema["Contact"]);
        foreach (var field in accounts.AllFields.Where(field => field.Source == FieldSource.Slot))
        {
            var twin = OwnNames.Contains(field.Name) ? field.Name
                : field.Name.EndsWith("__pc", StringComparison.Ordinal) ? field.Name[..^2] + "c"
                : field.Name.StartsWith("Person", StringComparison.Ordinal) && field.Name != "PersonContactId" ? field.Name["Person".Length..] : null;
            if (twin is not null && contacts.FindAny(twin) is { Source: FieldSource.Slot } other) yield return (field, other);
        }
    }
}
