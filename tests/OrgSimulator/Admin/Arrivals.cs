using System.Globalization;
using OrgSimulator.Generating;
using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Admin;

/// <summary>New records that resemble those that are there, for changes and faults.</summary>
public sealed class Arrivals(Dml dml)
{
    private readonly OrgStore _store = dml.Store;
    private int _arrived;

    /// <summary>Makes the records and gives them the stamp, which may lie in the past.</summary>
    public IReadOnlyList<string> Arrive(ObjectType type, int count, uint stamp)
    {
        lock (_store.WriteLock)
        {
            var ids = new List<string>(count);
            for (var i = 0; i < count; i++)
            {
                if (Insert(type) is not { } id) throw new ArgumentException($"no record of {type.Name} can be made up here: it wants values that only its users know");
                var table = _store.Table(type);
                var row = table.Find(id)!;
                table.Replace(row, row with { Created = stamp, Modified = stamp, Modstamp = stamp });
                ids.Add(id);
            }
            return ids;
        }
    }

    /// <returns>The Id, or null when the org refuses what it is offered.</returns>
    public string? Insert(ObjectType type)
    {
        var number = _arrived++;
        var snapshot = _store.Table(type).Snapshot();
        for (var attempt = 0; attempt < 20; attempt++)
        {
            var record = new RecordInput();
            var pattern = snapshot.Places == 0 ? null : snapshot.At((long)(Dice.For(_store.Seed, type.Name).Roll(attempt, number) % (ulong)snapshot.Places));
            if (pattern is { IsDeleted: true }) continue;
            foreach (var field in type.Fields.Where(field => field is { Source: FieldSource.Slot, Createable: true } && field.Type != FieldType.Base64))
            {
                var value = pattern?[field.Slot];
                if (field.Unique || field.ExternalId && value is not null) value = string.Create(CultureInfo.InvariantCulture, $"N{_store.Seed}-{number}-{attempt}");
                if (value is null && pattern is null && field.Required) value = Stand(field, number);
                if (value is not null) record.Set(field.Name, value);
            }
            if (dml.Insert(type, [record])[0] is { Success: true, Id: { } id }) return id;
            if (snapshot.Places == 0) return null;
        }
        return null;
    }

    /// <summary>Something that fits where nothing can be copied.</summary>
    private string? Stand(Field field, int number) => field.Type switch
    {
        FieldType.Reference => field.ReferenceTo.Select(_store.Schema.Find).OfType<ObjectType>().Select(target => _store.Table(target).Live().FirstOrDefault()?.Id).OfType<string>().FirstOrDefault(),
        FieldType.Date => "2026-01-01",
        FieldType.DateTime => "2026-01-01T00:00:00.000Z",
        _ when field.Type.IsNumber() => "1",
        _ when field.PicklistValues.Count > 0 => field.PicklistValues[0],
        _ => string.Create(CultureInfo.InvariantCulture, $"New {number}"),
    };
}
