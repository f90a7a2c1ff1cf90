using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Admin;

/// <param name="Kind">drop-row, change-cell or lose-reference.</param>
/// <param name="Seed">Which record.</param>
public sealed record SabotageRequest(string Kind = "change-cell", int Seed = 1);

public sealed record SabotageDone(string Object, string Id, string? Field);

/// <summary>Spoils one record behind the back of every API, unstamped: a comparison of two orgs must find it.</summary>
public sealed class Sabotage(OrgStore store)
{
    public SabotageDone Run(SabotageRequest request)
    {
        if (request.Kind is not ("drop-row" or "change-cell" or "lose-reference")) throw new ArgumentException($"kind must be drop-row, change-cell or lose-reference, not {request.Kind}");
        lock (store.WriteLock)
        {
            foreach (var (type, row) in new Targets(store).Updateable(request.Seed))
            {
                if (request.Kind == "drop-row")
                {
                    store.Table(type).Replace(row, null);
                    return new SabotageDone(type.Name, row.Id, null);
                }
                var references = request.Kind == "lose-reference";
                var field = Targets.Fields(type).Find(field => row[field.Slot] is not null
                    && (references ? field.Type == FieldType.Reference : field.Type.IsText() && !field.RestrictedPicklist && field.Type != FieldType.MultiPicklist));
                if (field is null) continue;
                var values = (string?[])row.Values.Clone();
                values[field.Slot] = references ? null : values[field.Slot] == "spoilt" ? "SPOILT" : "spoilt";
                store.Table(type).Replace(row, row with { Values = values });
                return new SabotageDone(type.Name, row.Id, field.Name);
            }
        }
        throw new ArgumentException("the org has no record of that kind to spoil");
    }
}
