using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Admin;

/// <summary>What may be harmed so that a restore through the API can still make it good.</summary>
public sealed class Targets(OrgStore store)
{
    /// <summary>Business objects whose records the API can create.</summary>
    public static bool IsRestorable(ObjectType type) => type is { Createable: true, Queryable: true, Setup: false, KeyPrefix: not null } && type.QueryRefusal is null
        && !type.Name.EndsWith("__e", StringComparison.Ordinal) && !type.Name.EndsWith("__mdt", StringComparison.Ordinal);

    /// <summary>A record that numbers itself cannot get its old number again, nor can the standard price book be made anew.</summary>
    public static bool IsRecreatable(ObjectType type, Row row) => IsRestorable(type) && type.Fields.All(field => !field.AutoNumber)
        && !(type.Name == "Pricebook2" && row[type["IsStandard"].Slot] == "true");

    public IEnumerable<(ObjectType Type, Row Row)> Updateable() => store.Schema.Objects.Where(type => IsRestorable(type) && type.Updateable && Fields(type).Count > 0)
        .SelectMany(type => store.Table(type).Live().Where(row => type.Name != "Pricebook2" || row[type["IsStandard"].Slot] != "true").Select(row => (type, row)));

    /// <summary>Fields whose value can be changed and changed back.</summary>
    public static List<Field> Fields(ObjectType type) => [.. type.Fields.Where(field => field is { Source: FieldSource.Slot, Updateable: true, Unique: false, ExternalId: false }
        && field.Type != FieldType.Base64 && !field.Type.IsCompound() && field.Name != "OwnerId" && field.Name != "RecordTypeId"
        && (type.Name, field.Name) is not (("ContentVersion", "ContentUrl") or ("ContentVersion", "TagCsv")))];

    /// <summary>Live records that have live children and whose loss leaves nothing behind that an update could not repair.</summary>
    public List<(ObjectType Type, Row Row)> Parents()
    {
        var parents = new List<(ObjectType, Row)>();
        foreach (var type in store.Schema.Objects.Where(type => IsRestorable(type) && type.Deletable && type.Undeletable))
        {
            var withChildren = new HashSet<string>(StringComparer.Ordinal);
            var beyondRepair = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (child, lookup) in store.Schema.ChildrenOf(type))
            {
                if (lookup.Source != FieldSource.Slot) continue;
                var set = lookup.DeleteRule switch
                {
                    DeleteRule.Cascade => withChildren,
                    DeleteRule.SetNull when lookup.Updateable && child.Updateable => withChildren,
                    _ => beyondRepair,
                };
                foreach (var row in store.Table(child).Live())
                    if (row[lookup.Slot] is { } parent) set.Add(parent);
            }
            parents.AddRange(store.Table(type).Live().Where(row => withChildren.Contains(row.Id) && !beyondRepair.Contains(row.Id)
                && !(type.Name == "Pricebook2" && row[type["IsStandard"].Slot] == "true")).Select(row => (type, row)));
        }
        return parents;
    }
}
