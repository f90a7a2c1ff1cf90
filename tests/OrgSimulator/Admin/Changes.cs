using OrgSimulator.Generating;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Admin;

/// <param name="Count">How many changes; 0 when hours are given.</param>
/// <param name="Hours">As many as the org has in so many hours, at its rate of changes.</param>
public sealed record ChangeRequest(int Count = 0, double Hours = 0);

public sealed record ChangesDone(int Updated, int Inserted, int Deleted, int Refused);

/// <summary>
/// The daily life of an org: of ten changes seven update, two insert, one deletes. The n-th change of a seed is always the same one, and all go through
/// the door of every API, with the stamps of the moment.
/// </summary>
public sealed class Changes(Dml dml, SimulatorOptions options)
{
    private readonly OrgStore _store = dml.Store;
    private readonly Damage _values = new(dml);
    private readonly Arrivals _arrivals = new(dml);
    private readonly Dice _dice = Dice.For(dml.Store.Seed, "changes");
    private readonly Lock _lock = new();
    private long _number;
    private long _due;

    public ChangesDone Run(ChangeRequest request)
    {
        if (request.Count < 0 || request.Hours < 0) throw new ArgumentException("count and hours cannot be negative");
        if (request.Hours > 0 && options.ChangesPerHour == 0) throw new ArgumentException("the org has no rate of changes; start it with --changes-per-hour, or give a count");
        lock (_lock) return Run(request.Count + (long)(request.Hours * options.ChangesPerHour));
    }

    /// <summary>Catches up with the rate of the org; asked before each call, so that an org at rest stays as it is until somebody looks.</summary>
    public void CatchUp()
    {
        if (options.ChangesPerHour == 0) return;
        lock (_lock)
        {
            var due = (long)((_store.Time.GetUtcNow() - _store.Started).TotalHours * options.ChangesPerHour);
            if (due <= _due) return;
            Run(Math.Min(due - _due, 100_000));
            _due = due;
        }
    }

    private ChangesDone Run(long count)
    {
        var done = new ChangesDone(0, 0, 0, 0);
        var types = _store.Schema.Objects.Where(type => Targets.IsRestorable(type) && type.Updateable && Targets.Fields(type).Count > 0).ToList();
        for (long i = 0; i < count; i++)
        {
            var number = _number++;
            if (Pick(types, number) is not var (type, row))
            {
                done = done with { Refused = done.Refused + 1 };
                continue;
            }
            var kind = _dice.Roll(1, number, 10);
            if (kind < 7 && Update(type, row, number)) done = done with { Updated = done.Updated + 1 };
            else if (kind is 7 or 8 && _arrivals.Insert(type) is not null) done = done with { Inserted = done.Inserted + 1 };
            else if (kind == 9 && type.Deletable && dml.Delete([row.Id])[0].Success) done = done with { Deleted = done.Deleted + 1 };
            else done = done with { Refused = done.Refused + 1 };
        }
        return done;
    }

    private (ObjectType, Row)? Pick(List<ObjectType> types, long number)
    {
        var snapshots = types.ConvertAll(type => _store.Table(type).Snapshot());
        var places = snapshots.Sum(snapshot => snapshot.Places);
        for (var attempt = 0; places > 0 && attempt < 50; attempt++)
        {
            var place = (long)(_dice.Roll(2 + attempt, number) % (ulong)places);
            for (var i = 0; i < types.Count; i++)
            {
                if (place < snapshots[i].Places)
                {
                    if (snapshots[i].At(place) is { IsDeleted: false } row && !(types[i].Name == "Pricebook2")) return (types[i], row);
                    break;
                }
                place -= snapshots[i].Places;
            }
        }
        return null;
    }

    private bool Update(ObjectType type, Row row, long number)
    {
        var random = new Random((int)_dice.Roll(100, number));
        var fields = Targets.Fields(type).ToArray();
        random.Shuffle(fields);
        foreach (var field in fields)
        {
            if (_values.NewValue(type, field, row, random) is not { } value) continue;
            var record = new RecordInput { Id = row.Id };
            record.Set(field.Name, value.Length == 0 ? null : value);
            if (dml.Update(type, [record])[0].Success) return true;
        }
        return false;
    }
}
