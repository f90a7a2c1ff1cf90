namespace OrgSimulator.Schema;

/// <summary>The fields that the server itself keeps on every record.</summary>
public static class SystemFields
{
    public static void AddIdentity(ObjectType type) => type.Add("Id", FieldType.Id, field =>
    {
        field.Source = FieldSource.Id;
        field.Label = type.Label + " ID";
        field.Length = 18;
        field.IdLookup = true;
        ReadOnly(field);
    });

    public static void AddDeletedFlag(ObjectType type) => type.Add("IsDeleted", FieldType.Boolean, field =>
    {
        field.Source = FieldSource.IsDeleted;
        field.Label = "Deleted";
        ReadOnly(field);
    });

    public static void AddModstamp(ObjectType type) => AddStamp(type, "SystemModstamp", FieldSource.SystemModstamp);

    /// <summary>Owner, deleted flag and stamps of a custom object.</summary>
    public static void AddAudit(ObjectType type)
    {
        AddStamp(type, "CreatedDate", FieldSource.CreatedDate);
        AddUser(type, "CreatedById", FieldSource.CreatedById);
        AddStamp(type, "LastModifiedDate", FieldSource.LastModifiedDate);
        AddUser(type, "LastModifiedById", FieldSource.LastModifiedById);
        AddModstamp(type);
    }

    public static Field AddOwner(ObjectType type, params IEnumerable<string> owners) => type.Add("OwnerId", FieldType.Reference, field =>
    {
        field.Label = "Owner ID";
        field.Length = 18;
        field.Nillable = false;
        field.DefaultedOnCreate = true;
        field.ReferenceTo.AddRange(owners);
        field.RelationshipName = "Owner";
        field.DeleteRule = DeleteRule.Keep;
    });

    private static void AddStamp(ObjectType type, string name, FieldSource source) => type.Add(name, FieldType.DateTime, field =>
    {
        field.Source = source;
        ReadOnly(field);
    });

    private static void AddUser(ObjectType type, string name, FieldSource source) => type.Add(name, FieldType.Reference, field =>
    {
        field.Source = source;
        field.Length = 18;
        field.ReferenceTo.Add("User");
        field.RelationshipName = name[..^2];
        field.DeleteRule = DeleteRule.Keep;
        ReadOnly(field);
    });

    private static void ReadOnly(Field field)
    {
        field.Nillable = false;
        field.Createable = false;
        field.Updateable = false;
        field.DefaultedOnCreate = true;
    }
}
