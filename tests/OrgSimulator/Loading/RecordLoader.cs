using OrgSimulator.Schema;
using OrgSimulator.Store;

namespace OrgSimulator.Loading;

/// <summary>
/// Turns loaded records into rows: gives Ids, resolves keys, spreads the stamps over the past year up to two days ago.
/// No triggers of any kind run, as if the records had come about long ago.
/// </summary>
public sealed class RecordLoader(OrgStore store, TextWriter warnings)
{
    private readonly Dictionary<string, Dictionary<string, string>> _ids = new(StringComparer.OrdinalIgnoreCase);

    public void Load(IReadOnlyList<LoadedObject> objects)
    {
        var ids = new List<List<string>>();
        foreach (var loaded in objects)
        {
            var table = store.Table(loaded.Name);
            var own = new List<string>(loaded.Records.Count);
            var sets = loaded.KeySets.ConvertAll(KeySet);
            foreach (var record in loaded.Records)
            {
                var id = store.NewId(table);
                own.Add(id);
                if (record.Key.Length == 0) continue;
                foreach (var keys in sets)
                {
                    if (!keys.TryAdd(record.Key, id) && loaded.KeysAreUnique)
                        throw new LoadException(record.Place, null, $"the id '{record.Key}' stands twice in {loaded.Name}", "Give every record an id of its own");
                    keys[record.Key] = id;
                }
            }
            ids.Add(own);
        }
        for (var i = 0; i < objects.Count; i++) Append(objects[i], ids[i]);
    }

    private Dictionary<string, string> KeySet(string name) => _ids.TryGetValue(name, out var keys) ? keys : _ids[name] = new(StringComparer.Ordinal);

    private void Append(LoadedObject loaded, List<string> ids)
    {
        var table = store.Table(loaded.Name);
        var type = table.Type;
        var ages = new Ages(store, type.Name, ids.Count);
        for (var i = 0; i < ids.Count; i++)
        {
            var values = new string?[type.SlotCount];
            foreach (var value in loaded.Records[i].Values) Set(type, values, value, loaded.Records[i].Place);
            FieldWriter.Default(type, values, store);
            var (created, modified) = ages.Next(i);
            FieldWriter.Number(table, values, DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeSeconds(created).UtcDateTime));
            if (type.NameField is { Source: FieldSource.Slot } name && type.Custom) values[name.Slot] ??= ids[i];
            if (type.Name == "RecordType")
            {
                values[type["Name"].Slot] ??= values[type["DeveloperName"].Slot];
                values[type["IsActive"].Slot] = "true";
            }
            StandardRules.Derive(type, values, store);
            table.Append(new Row
            {
                Id = ids[i], Number = SalesforceId.Number(ids[i]), Values = values, Created = created, Modified = modified, Modstamp = modified,
                CreatedBy = store.AdminId, ModifiedBy = store.AdminId,
            });
        }
    }

    private void Set(ObjectType type, string?[] values, LoadedValue value, string place)
    {
        if (string.IsNullOrEmpty(value.Text) || type.FindAny(value.Field) is not { Source: FieldSource.Slot } field) return;
        if (value.Reference is { } set)
        {
            if (_ids.TryGetValue(set, out var keys) && keys.TryGetValue(value.Text, out var id)) values[field.Slot] = id;
            else warnings.WriteLine($"warning: {place}: {type.Name}.{field.Name} points to '{value.Text}', which is not in the data; left empty");
        }
        else if (field.Type == FieldType.Reference)
            warnings.WriteLine($"warning: {place}: {type.Name}.{field.Name} holds '{value.Text}', which names no record of the data; left empty");
        else if (field.Type == FieldType.Base64) values[field.Slot] = store.KeepBlob(Convert.FromBase64String(value.Text));
        else if (Coercion.TryStore(field, value.Text, out var stored, out var error)) values[field.Slot] = stored;
        else throw new LoadException(place, null, $"{type.Name}.{field.Name}: {error!.Message}", "Correct the value in the file");
    }
}

/// <summary>Creation and change times of loaded records: in creation order, over the past year, none younger than two days.</summary>
public sealed class Ages(OrgStore store, string objectName, int count)
{
    private const uint Day = 86_400;
    private readonly Random _random = new(store.Seed * 31 + objectName.Sum(letter => letter));
    private readonly uint _newest = store.Now - 2 * Day;

    public (uint Created, uint Modified) Next(int index)
    {
        var step = 363.0 * Day / Math.Max(1, count);
        var created = (uint)(_newest - 363 * Day + index * step + _random.NextDouble() * step);
        return (created, created + (uint)(_random.NextDouble() * _random.NextDouble() * (_newest - created)));
    }
}
