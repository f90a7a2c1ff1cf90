using System.Collections.Immutable;
using Appliance.Engine.Metadata;
using CsCheck;
using Xunit;

namespace Engine.Tests.Metadata;

public sealed class Parts_of_metadata_keep_within_the_limits
{
    private static readonly string[] Beside = ["Profile", "PermissionSet", "Translations"], SpokenOf = ["CustomObject", "Layout", "CustomObjectTranslation", "ApexClass", "Flow"], Plain = ["Report", "StaticResource", "Role"];

    private static readonly string[] Types = [.. Beside, .. SpokenOf, .. SpokenOf, .. Plain, .. Plain];

    private static readonly Gen<PlannedComponent[]> Components =
        Gen.Select(Gen.Int[0, Types.Length - 1].Select(i => Types[i]), Gen.Int[0, 60], Gen.Int[1, 30], Gen.Long[1, 400_000])
            .Select((type, number, files, bytes) => new PlannedComponent(type, Name(type, number), "", "", "", files, bytes)).Array[0, 120]
            .Select(all => all.DistinctBy(c => c.Key).ToArray());

    // From two on: where one file is the limit, a profile stands beside an object all the same, for alone it tells nothing.
    private static readonly Gen<PartLimits> Limits = Gen.Select(Gen.Int[2, 200], Gen.Long[2, 2_000_000]).Select((files, bytes) => new PartLimits(files, bytes));

    [Fact]
    public void Everything_is_asked_for_and_each_profile_beside_everything_that_it_may_speak_of() => Gen.Select(Components, Limits).Sample((components, limits) =>
    {
        var parts = MetadataPlan.For(components, limits);
        Assert.Equal(components.Select(c => c.Key).Order(), parts.SelectMany(p => p.All).Select(c => c.Key).Distinct().Order());
        Assert.Equal(components.Where(c => Plain.Contains(c.Type)).Select(c => c.Key).Order(), parts.SelectMany(p => p.Own).Where(c => Plain.Contains(c.Type)).Select(c => c.Key).Order());     // once
        Assert.All(parts, p => Assert.True(p.All.Any() && p.All.DistinctBy(c => c.Key).Count() == p.All.Count()));
        Assert.Equal(parts.Length, parts.Select(p => p.Name).Distinct().Count());
        foreach (var teller in components.Where(c => Beside.Contains(c.Type)))
        {
            var told = parts.Where(p => p.Beside.Contains(teller)).SelectMany(p => p.Own).ToHashSet();
            Assert.True(components.Where(c => SpokenOf.Contains(c.Type)).All(told.Contains));
            Assert.DoesNotContain(told, c => Plain.Contains(c.Type));
        }
    });

    [Fact]
    public void No_part_is_larger_than_told_unless_one_component_is() => Gen.Select(Components, Limits).Sample((components, limits) =>
    {
        foreach (var part in MetadataPlan.For(components, limits))
            Assert.True(limits.Holds(part.All.Sum(c => c.Files), part.All.Sum(c => c.Bytes)) || part.All.Any(c => !limits.Half().Holds(c.Files, c.Bytes)));
    });

    [Fact]
    public void An_object_stays_with_its_layouts_and_translations_where_they_fit() => Gen.Select(Components, Limits).Sample((components, limits) =>
    {
        var parts = MetadataPlan.For(components.Where(c => !Beside.Contains(c.Type)), limits);
        foreach (var family in components.Where(c => c.Type is "CustomObject" or "Layout" or "CustomObjectTranslation").GroupBy(c => c.FullName.Split('-')[0]))
            if (limits.Holds(family.Sum(c => c.Files), family.Sum(c => c.Bytes))) Assert.Single(parts, p => p.Own.Any(family.Contains));
    });

    [Fact]
    public void The_same_components_in_any_order_make_the_same_plan() => Gen.Select(Components, Limits, Gen.Int).Sample((components, limits, seed) =>
    {
        var shuffled = components.ToArray();
        new Random(seed).Shuffle(shuffled);
        Assert.Equal(Text(MetadataPlan.For(components, limits)), Text(MetadataPlan.For(shuffled, limits)));
        static string Text(ImmutableArray<MetadataPart> parts) => string.Join('\n', parts.Select(p => $"{p.Name}: {string.Join(' ', p.All.Select(c => c.Key))}"));
    });

    [Fact]
    public void Halves_ask_for_the_same_together_and_come_down_to_single_components() => Gen.Select(Components, Limits).Sample((components, limits) =>
    {
        foreach (var part in MetadataPlan.For(components, limits))
        {
            if (part.Halves() is not var (first, second))
            {
                Assert.Single(part.All);
                continue;
            }
            Assert.Equal(part.All.Select(c => c.Key).ToHashSet(), first.All.Concat(second.All).Select(c => c.Key).ToHashSet());
            Assert.True(first.All.Count() < part.All.Count() && second.All.Count() < part.All.Count());
            Assert.Equal((part.Name + ".1", part.Name + ".2"), (first.Name, second.Name));
            if (part.Own.Length == 1 && part.Beside.Length == 1) continue;                  // nothing is left but to part them
            var pairs = new[] { first, second }.SelectMany(h => h.Own.SelectMany(o => h.Beside.Select(b => (o.Key, b.Key)))).ToHashSet();
            Assert.True(part.Own.SelectMany(o => part.Beside.Select(b => (o.Key, b.Key))).All(pairs.Contains));
        }
    });

    private static string Name(string type, int number) => type switch
    {
        "CustomObject" => $"Object{number % 15}__c",
        "Layout" => $"Object{number % 15}__c-Layout {number}",
        "CustomObjectTranslation" => $"Object{number % 15}__c-{(number % 2 == 0 ? "de" : "fr")}",
        _ => $"{type}{number}",
    };
}
