namespace OrgSimulator.Schema;

/// <summary>The field types of describe, spelled as Salesforce spells them (see <see cref="FieldTypes.Name"/>).</summary>
public enum FieldType
{
    Id, String, TextArea, Boolean, Int, Long, Double, Currency, Percent, Date, DateTime, Time, Email, Phone, Url,
    Picklist, MultiPicklist, ComboBox, Reference, Base64, Address, Location, EncryptedString, AnyType,
    ComplexValue, Json, DataCategoryGroupReference,
}

public static class FieldTypes
{
    public static string Name(this FieldType type) => type switch
    {
        FieldType.Id => "id",
        FieldType.String => "string",
        FieldType.TextArea => "textarea",
        FieldType.Boolean => "boolean",
        FieldType.Int => "int",
        FieldType.Long => "long",
        FieldType.Double => "double",
        FieldType.Currency => "currency",
        FieldType.Percent => "percent",
        FieldType.Date => "date",
        FieldType.DateTime => "datetime",
        FieldType.Time => "time",
        FieldType.Email => "email",
        FieldType.Phone => "phone",
        FieldType.Url => "url",
        FieldType.Picklist => "picklist",
        FieldType.MultiPicklist => "multipicklist",
        FieldType.ComboBox => "combobox",
        FieldType.Reference => "reference",
        FieldType.Base64 => "base64",
        FieldType.Address => "address",
        FieldType.Location => "location",
        FieldType.EncryptedString => "encryptedstring",
        FieldType.AnyType => "anyType",
        FieldType.ComplexValue => "complexvalue",
        FieldType.Json => "json",
        FieldType.DataCategoryGroupReference => "datacategorygroupreference",
    };

    public static string SoapName(this FieldType type) => type switch
    {
        FieldType.Id or FieldType.Reference => "tns:ID",
        FieldType.Boolean => "xsd:boolean",
        FieldType.Int => "xsd:int",
        FieldType.Long => "xsd:long",
        FieldType.Double or FieldType.Currency or FieldType.Percent => "xsd:double",
        FieldType.Date => "xsd:date",
        FieldType.DateTime => "xsd:dateTime",
        FieldType.Time => "xsd:time",
        FieldType.Base64 => "xsd:base64Binary",
        FieldType.Address => "urn:address",
        FieldType.Location => "urn:location",
        FieldType.AnyType or FieldType.ComplexValue => "xsd:anyType",
        FieldType.Json => "urn:json",
        _ => "xsd:string",
    };

    public static FieldType? Parse(string name) =>
        Enum.GetValues<FieldType>().Cast<FieldType?>().FirstOrDefault(type => type!.Value.Name() == name);

    public static bool IsNumber(this FieldType type) =>
        type is FieldType.Int or FieldType.Long or FieldType.Double or FieldType.Currency or FieldType.Percent;

    public static bool IsText(this FieldType type) => type is FieldType.String or FieldType.TextArea or FieldType.Email or FieldType.Phone
        or FieldType.Url or FieldType.Picklist or FieldType.MultiPicklist or FieldType.ComboBox or FieldType.EncryptedString or FieldType.AnyType
        or FieldType.Json or FieldType.DataCategoryGroupReference;

    /// <summary>Compound fields are read only views over their components and never travel through Bulk.</summary>
    public static bool IsCompound(this FieldType type) => type is FieldType.Address or FieldType.Location;
}
