using OrgSimulator.Generating;
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

    /// <summary>How many live records could be changed.</summary>
    public long UpdateableCount => Changeable().Sum(table => (long)table.Snapshot.LiveCount);

    /// <summary>Live records that may be changed, each once, in an order that the seed gives; none is made before it is asked for.</summary>
    public IEnumerable<(ObjectType Type, Row Row)> Updateable(int seed)
    {
        var tables = Changeable();
        var places = tables.Sum(table => table.Snapshot.Places);
        if (places == 0) yield break;
        var order = new Permutation(places, (uint)seed);
        for (long i = 0; i < places; i++)
        {
            var place = order[i];
            foreach (var (type, snapshot) in tables)
            {
                if (place < snapshot.Places)
                {
                    if (snapshot.At(place) is { IsDeleted: false } row && !IsStandardPricebook(type, row)) yield return (type, row);
                    break;
                }
                place -= snapshot.Places;
            }
        }
    }

    private List<(ObjectType Type, TableSnapshot Snapshot)> Changeable() => [.. store.Schema.Objects.Where(type => IsRestorable(type) && type.Updateable && Fields(type).Count > 0)
        .Select(type => (type, store.Table(type).Snapshot()))];

    private static bool IsStandardPricebook(ObjectType type, Row row) => type.Name == "Pricebook2" && row[type["IsStandard"].Slot] == "true";

    /// <summary>Fields whose value can be changed and changed back.</summary>
    public static List<Field> Fields(ObjectType type) => [.. type.Fields.Where(field => field is { Source: FieldSource.Slot, Updateable: true, Unique: false, ExternalId: false }
        && field.Type != FieldType.Base64 && !field.Type.IsCompound() && field.Name != "OwnerId" && field.Name != "RecordTypeId"
        && (type.Name, field.Name) is not (("ContentVersion", "ContentUrl") or ("ContentVersion", "TagCsv")))];

    /// <summary>
    /// Live records that have live children and whose loss leaves nothing behind that an update could not repair, in turns: one of each object, then the next.
    /// Objects that number themselves come last: theirs cannot be purged. Of each object the seed gives the order, and only so many records are looked at.
    /// </summary>
    public IEnumerable<(ObjectType Type, Row Row)> Parents(int seed)
    {
        const int most = 2000;
        var searches = store.Schema.Objects.Where(type => IsRestorable(type) && type.Deletable && type.Undeletable && store.Table(type).LiveCount > 0)
            .OrderBy(type => type.Fields.Any(field => field.AutoNumber)).ThenBy(type => Dice.For(seed, type.Name).Roll(0, 0)).Select(type => Parents(type, seed).GetEnumerator()).ToList();
        while (searches.Count > 0)
        {
            for (var i = 0; i < searches.Count; i++)
            {
                if (searches[i].MoveNext()) yield return searches[i].Current;
                else searches.RemoveAt(i--);
            }
        }

        IEnumerable<(ObjectType, Row)> Parents(ObjectType type, int shuffle)
        {
            var snapshot = store.Table(type).Snapshot();
            var order = new Permutation(snapshot.Places, (uint)shuffle);
            var links = store.Schema.ChildrenOf(type).Where(link => link.Lookup.Source == FieldSource.Slot).ToArray();
            for (long i = 0; i < Math.Min(snapshot.Places, most); i++)
                if (snapshot.At(order[i]) is { IsDeleted: false } row && !IsStandardPricebook(type, row) && IsParent(links, row)) yield return (type, row);
        }
    }

    private bool IsParent(ChildLink[] links, Row row)
    {
        var parent = false;
        foreach (var (child, lookup) in links)
        {
            var repairable = lookup.DeleteRule == DeleteRule.Cascade || lookup.DeleteRule == DeleteRule.SetNull && lookup.Updateable && child.Updateable;
            if (parent && repairable) continue;
            lock (store.WriteLock)
                if (store.Table(child).Children(lookup, [row.Id]).Count > 0)
                {
                    if (!repairable) return false;
                    parent = true;
                }
        }
        return parent;
    }
}
