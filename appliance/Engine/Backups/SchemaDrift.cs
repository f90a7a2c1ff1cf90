using System.Collections.Immutable;
using Appliance.Salesforce;

namespace Appliance.Engine.Backups;

/// <summary>What an administrator has changed in one object since the snapshot before. It never fails a run; the certificate repeats it.</summary>
/// <param name="ReadWhole">
/// A field is new, of another type, or made again under its name: no stamp of an old row tells what it holds now, so changes alone will not do.
/// </param>
internal sealed record SchemaDrift(ImmutableArray<string> Notes, bool ReadWhole)
{
    private const int FieldsNamed = 20;

    public static SchemaDrift None { get; } = new([], false);

    /// <summary>The object was not in the snapshot before.</summary>
    public static SchemaDrift New { get; } = new(["the object is new since the snapshot before"], false);

    /// <summary>The schema of the snapshot before cannot be read.</summary>
    public static SchemaDrift Unknown { get; } = new(["the schema of the snapshot before cannot be read"], true);

    public static SchemaDrift Between(ObjectDescribe before, ObjectScope now)
    {
        var was = before.Fields.ToDictionary(f => f.Name, StringComparer.Ordinal);
        var stored = now.Columns.ToHashSet(StringComparer.Ordinal);
        var (added, retyped, again) = (new List<string>(), new List<string>(), new List<string>());
        foreach (var field in now.Describe.Fields.Where(f => stored.Contains(f.Name)))
        {
            if (!was.TryGetValue(field.Name, out var old)) added.Add(field.Name);
            else if (field.DurableId is { } id && old.DurableId is { } known && id != known) again.Add(field.Name);
            else if ((old.Type, old.Scale, old.Calculated) != (field.Type, field.Scale, field.Calculated)) retyped.Add(old.Type == field.Type ? field.Name : $"{field.Name} ({old.Type}, now {field.Type})");
        }
        // Fields that a template had left out before are no drift; those that it leaves out now are told as skipped.
        var today = now.Describe.Fields.Select(f => f.Name).Concat(now.LeftOut.Select(f => f.Name)).ToHashSet(StringComparer.Ordinal);
        var removed = before.Fields.Select(f => f.Name).Where(name => !today.Contains(name)).ToList();
        var anew = before.KeyPrefix is { } prefix && now.Describe.KeyPrefix is { } other && prefix != other;
        // While they are never seen, one that was made again is not noticed, and the manifest says so; when that changes the object is read whole once.
        var doubtful = now.Describe.FieldIdsUnseen ? before.Fields.Any(f => f.DurableId is not null) : before.FieldIdsUnseen;
        string?[] notes =
        [
            anew ? $"the object was deleted and made again since the snapshot before: its Ids begin with {now.Describe.KeyPrefix}, they began with {before.KeyPrefix}" : null,
            Told("fields added", added), Told("fields removed; older snapshots keep their values", removed), Told("fields of another type", retyped),
            Told("fields deleted and made again under their names", again),
            doubtful ? "the ids of its custom fields could not be seen in one of the two runs: it was read whole, as if each had been made again" : null,
        ];
        return new SchemaDrift([.. notes.OfType<string>()], doubtful || added.Count + retyped.Count + again.Count > 0);
    }

    private static string? Told(string what, List<string> fields) => fields.Count == 0 ? null
        : $"{what}: {string.Join(", ", fields.Take(FieldsNamed))}{(fields.Count > FieldsNamed ? $" and {fields.Count - FieldsNamed} more" : "")}";
}
