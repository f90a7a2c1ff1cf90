using System.Globalization;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Admin;

/// <param name="ChangePercent">Share of the live updateable records that get another value, in percent; at least one record.</param>
/// <param name="DeleteParents">How many records with children are deleted.</param>
/// <param name="PurgeShare">Share of those, 0 to 1, that also leave the recycle bin.</param>
/// <param name="Seed">Which ones.</param>
public sealed record DamageRequest(double ChangePercent = 1, int DeleteParents = 5, double PurgeShare = 0.5, int Seed = 1);

/// <summary>What was done; all numbers count records, but nulledLookups counts fields.</summary>
public sealed record DamageDone(int Changed, int DeletedParents, int Deleted, int Purged, int NulledLookups);

/// <summary>Damages the org the way careless people do: through the same door as every API, so that stamps, cascades and the bin are right.</summary>
public sealed class Damage(Dml dml)
{
    private readonly OrgStore _store = dml.Store;
    private readonly Targets _targets = new(dml.Store);

    public DamageDone Run(DamageRequest request)
    {
        var random = new Random(request.Seed);
        var changed = Change(request.ChangePercent, random);
        var (live, nulled) = (Live(), dml.NulledLookups);
        var (parents, purged) = Delete(request.DeleteParents, request.PurgeShare, random);
        return new DamageDone(changed, parents, live - Live(), purged, dml.NulledLookups - nulled);
    }

    private int Live() => _store.Schema.Objects.Sum(type => _store.Table(type).LiveCount);

    private int Change(double percent, Random random)
    {
        var candidates = _targets.UpdateableCount;
        if (percent <= 0 || candidates == 0) return 0;
        var wanted = (int)Math.Clamp((long)Math.Round(candidates * percent / 100), 1, candidates);
        var changed = 0;
        foreach (var (type, row) in _targets.Updateable(random.Next()))
        {
            if (changed == wanted) break;
            var fields = Targets.Fields(type).ToArray();
            random.Shuffle(fields);
            foreach (var field in fields)
            {
                if (NewValue(type, field, row, random) is not { } value) continue;
                var record = new RecordInput { Id = row.Id };
                record.Set(field.Name, value.Length == 0 ? null : value);
                if (!dml.Update(type, [record])[0].Success) continue;
                changed++;
                break;
            }
        }
        return changed;
    }

    /// <returns>Another value, "" to clear the field, or null when there is none to give.</returns>
    public string? NewValue(ObjectType type, Field field, Row row, Random random)
    {
        var old = row[field.Slot];
        switch (field.Type)
        {
            case FieldType.Boolean: return old == "true" ? "false" : "true";
            case FieldType.Int or FieldType.Long: return random.Next(1, 9).ToString(CultureInfo.InvariantCulture) is var digit && digit != old ? digit : "0";
            case FieldType.Double or FieldType.Currency or FieldType.Percent:
                return random.Next(1, 9).ToString(CultureInfo.InvariantCulture) + ".0" is var number && number != old ? number : "0.0";
            case FieldType.Date: return Another(old, $"19{random.Next(70, 99)}-0{random.Next(1, 9)}-1{random.Next(0, 9)}");
            case FieldType.DateTime: return Another(old, $"19{random.Next(70, 99)}-0{random.Next(1, 9)}-1{random.Next(0, 9)}T0{random.Next(0, 9)}:00:00.000Z");
            case FieldType.Time: return Another(old, $"0{random.Next(0, 9)}:30:00.000Z");
            case FieldType.Reference:
                if (field.ReferenceTo.Count == 0) return null;
                var target = _store.Schema.Find(field.ReferenceTo[random.Next(field.ReferenceTo.Count)]);
                var others = target is null ? [] : _store.Table(target).Live().Take(50).Where(other => other.Id != old && other.Id != row.Id).ToArray();
                return others.Length > 0 ? others[random.Next(others.Length)].Id : field.Nillable && old is not null ? "" : null;
            case FieldType.Picklist or FieldType.ComboBox or FieldType.MultiPicklist when field.PicklistValues.Count > 0:
                var values = field.PicklistValues.Where(value => value != old).ToArray();
                return values.Length > 0 ? values[random.Next(values.Length)] : null;
            default:
                if (field.Name == "Name" && old == row.Id) return null;
                var text = $"x{random.Next(1000)}@damaged.example";
                return field.Length is > 0 and < 24 ? text[..Math.Min(field.Length, 4)] : text;
        }

        static string Another(string? old, string value) => value == old ? "2001-01-01" + (value.Length > 10 ? value[10..] : "") : value;
    }

    private (int Parents, int Purged) Delete(int wanted, double purgeShare, Random random)
    {
        var toPurge = (int)Math.Round(wanted * purgeShare);
        var (deleted, purged, purgedParents) = (0, 0, 0);
        foreach (var (type, row) in _targets.Parents(random.Next()))
        {
            if (deleted == wanted) break;
            if (_store.Table(type).FindLive(row.Id) is null || !dml.Delete([row.Id])[0].Success) continue;
            deleted++;
            if (purgedParents >= toPurge) continue;
            var taken = Taken(_store.Table(type).Find(row.Id)!.DeletedWith);
            if (!taken.TrueForAll(item => Targets.IsRecreatable(item.Type, item.Row))) continue;
            dml.EmptyRecycleBin([row.Id]);
            purgedParents++;
            purged += taken.Count;
        }
        return (deleted, purged);
    }

    private List<(ObjectType Type, Row Row)> Taken(long deed) => [.. _store.Schema.Objects.SelectMany(type =>
        _store.Table(type).Deleted().Where(row => row.DeletedWith == deed).Select(row => (type, row)))];
}
