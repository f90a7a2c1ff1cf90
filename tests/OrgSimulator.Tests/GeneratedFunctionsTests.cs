using CsCheck;
using OrgSimulator.Generating;
using OrgSimulator.Loading;
using OrgSimulator.Schema;

namespace OrgSimulator.Tests;

/// <summary>What is made on demand must be found on demand: every function can be turned round.</summary>
public sealed class GeneratedFunctionsTests
{
    [Fact]
    public void A_permutation_is_undone_by_its_way_back() => Gen.Select(Gen.Int[1, 5000], Gen.ULong).Sample((count, seed) =>
    {
        var permutation = new Permutation(count, seed);
        var places = Enumerable.Range(0, count).Select(i => permutation[i]).ToArray();
        return places.Order().SequenceEqual(Enumerable.Range(0, count).Select(i => (long)i)) && places.Select(permutation.Back).SequenceEqual(Enumerable.Range(0, count).Select(i => (long)i));
    }, iter: 200);

    [Fact]
    public void Children_are_found_without_a_look_at_the_others() => Gen.Select(Gen.Int[1, 4000], Gen.Int[1, 900], Gen.ULong, Gen.Bool).Sample((children, parents, seed, skewed) =>
    {
        var assignment = new Assignment(children, parents, seed, skewed);
        var byParent = Enumerable.Range(0, children).ToLookup(child => assignment.Parent(child), child => (long)child);
        return Enumerable.Range(0, parents).All(parent => assignment.Children(parent).Order().SequenceEqual(byParent[parent].Order()) && assignment.Count(parent) == byParent[parent].Count());
    }, iter: 200);

    [Fact]
    public void A_few_parents_have_thousands_of_children_and_most_have_few()
    {
        var assignment = new Assignment(1_000_000, 200_000, 7, skewed: true);
        var counts = Enumerable.Range(0, 200_000).Select(parent => assignment.Count(parent)).OrderDescending().ToList();
        Assert.InRange(counts[0], 15_000, 20_000);
        Assert.InRange(counts[100_000], 1, 6);
        Assert.Equal(1_000_000, counts.Sum());
    }

    [Fact]
    public void Who_was_changed_since_is_told_without_a_scan() => Gen.Select(Gen.Int[1, 3000], Gen.Int, Gen.Int[0, 40_000_000], Gen.Int[1, 3_000_000]).Sample((count, seed, from, length) =>
    {
        var times = new Timeline(Dice.For(seed, "x"), count, new DateOnly(2026, 11, 1));
        var since = times[0].Created - 100_000 + (uint)from;
        var until = since + (uint)length;
        var told = times.Changed(since, until, long.MaxValue)!.ToHashSet();
        return Enumerable.Range(0, count).Where(i => times[i].Modified >= since && times[i].Modified < until).All(i => told.Contains(i))
            && Enumerable.Range(1, count - 1).All(i => times[i].Created >= times[i - 1].Created && times[i].Modified >= times[i].Created);
    }, iter: 200);

    [Fact]
    public void A_value_read_alone_is_the_value_read_with_all_others_and_lookups_name_records()
    {
        var store = OrgBuilder.Build(new SimulatorOptions { Generate = 4000, Seed = 11 });
        foreach (var table in store.Schema.Objects.Select(store.Table))
        {
            if (table.Snapshot().Made is not { } made) continue;
            foreach (var row in table.All())
            {
                var alone = made.Row(row.Number);
                var whole = made.Values(row.Number);
                for (var slot = 0; slot < whole.Length; slot++) Assert.True(whole[slot] == alone[slot], $"{table.Type.Name} {table.Type.Fields.First(f => f.Slot == slot)} {row.Id}: {whole[slot]} or {alone[slot]}");
                foreach (var lookup in table.Type.Fields.Where(field => field is { Type: FieldType.Reference, Source: FieldSource.Slot }))
                    if (row[lookup.Slot] is { } id && id != store.AdminId)
                        Assert.True(store.Find(id) is not null && (table.Snapshot().LiveCount > 500 || table.Children(lookup, [id]).Exists(child => child.Number == row.Number)), $"{table.Type.Name}.{lookup.Name} {id}");
            }
        }
    }

    [Fact]
    public void The_same_seed_and_day_make_the_same_org_and_another_seed_another()
    {
        static List<string?> Names(int seed) => [.. OrgBuilder.Build(new SimulatorOptions { Generate = 500, Seed = seed, AsOf = new DateOnly(2026, 11, 1) }).Table("Contact").All()
            .SelectMany(row => row.Values.Append(row.Id).Append(row.Modstamp.ToString(System.Globalization.CultureInfo.InvariantCulture)))];
        Assert.Equal(Names(3), Names(3));
        Assert.NotEqual(Names(3), Names(4));
    }
}
