using System.Globalization;
using System.Text;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Rest;

/// <summary>Event Monitoring: a log file of each day, which there is from the day after it.</summary>
public static class EventLogs
{
    private static readonly string[] Columns = ["EVENT_TYPE", "TIMESTAMP", "REQUEST_ID", "ORGANIZATION_ID", "USER_ID", "RUN_TIME", "URI"];

    public static void Add(OrgStore store, int days)
    {
        var type = store.Schema.Find("EventLogFile") ?? NewType(store);
        var table = store.Table(type);
        var today = DateOnly.FromDateTime(store.Time.GetUtcNow().UtcDateTime);
        for (var back = days; back > 0; back--)
        {
            var day = today.AddDays(-back).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
            var content = Encoding.UTF8.GetBytes(Log(store, day));
            var values = new string?[type.SlotCount];
            foreach (var (name, value) in ((string, string)[])[("EventType", "API"), ("LogDate", Stamp(day)), ("Interval", "Daily"), ("Sequence", "0"), ("ApiVersion", "68.0"),
                         ("LogFileLength", content.Length.ToString("0.0", CultureInfo.InvariantCulture)), ("LogFileContentType", "text/csv"), ("LogFileFieldNames", string.Join(',', Columns)),
                         ("LogFileFieldTypes", "String,DateTime,String,Id,Id,Number,String"), ("LogFile", store.KeepBlob(content))])
                if (type.Find(name) is { Source: FieldSource.Slot } field) values[field.Slot] = value;
            var id = store.NewId(table);
            var written = (uint)new DateTimeOffset(day.AddHours(27)).ToUnixTimeSeconds();
            table.Append(new Row
            {
                Id = id, Number = SalesforceId.Number(id), Values = values, Created = written, Modified = written, Modstamp = written, CreatedBy = store.AdminId, ModifiedBy = store.AdminId,
            });
        }
    }

    private static string Log(OrgStore store, DateTime day)
    {
        var log = new StringBuilder(string.Join(',', Columns.Select(column => $"\"{column}\""))).Append('\n');
        for (var hour = 0; hour < 24; hour++)
            log.Append(CultureInfo.InvariantCulture, $"\"API\",\"{day.AddHours(hour):yyyyMMddHHmmss.fff}\",\"R{hour}\",\"{store.OrganizationId}\",\"{store.AdminId}\",\"{hour * 7 % 90}\",\"/services/data\"\n");
        return log.ToString();
    }

    private static ObjectType NewType(OrgStore store)
    {
        var type = new ObjectType("EventLogFile", "0AT") { Createable = false, Updateable = false, Deletable = false, Undeletable = false, Replicateable = false, Setup = true };
        SystemFields.AddIdentity(type);
        SystemFields.AddDeletedFlag(type);
        foreach (var (name, kind, length) in ((string, FieldType, int)[])[("EventType", FieldType.String, 60), ("LogDate", FieldType.DateTime, 0), ("Interval", FieldType.Picklist, 255), ("Sequence", FieldType.Int, 9),
                     ("ApiVersion", FieldType.Double, 0), ("LogFileLength", FieldType.Double, 0), ("LogFileContentType", FieldType.String, 128), ("LogFileFieldNames", FieldType.TextArea, 32_000),
                     ("LogFileFieldTypes", FieldType.TextArea, 32_000), ("LogFile", FieldType.Base64, 0)])
            type.Add(name, kind, field => (field.Length, field.Createable, field.Updateable) = (length, false, false));
        SystemFields.AddAudit(type);
        store.Schema.Deploy(type);
        return type;
    }

    private static string Stamp(DateTime at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss'.000Z'", CultureInfo.InvariantCulture);
}
