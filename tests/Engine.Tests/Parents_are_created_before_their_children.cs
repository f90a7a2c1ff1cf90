using Appliance.Engine.Restores;
using CsCheck;
using Xunit;

namespace Engine.Tests;

public sealed class Parents_are_created_before_their_children
{
    private static readonly Gen<(string[] Objects, Reference[] References)> Orgs =
        from count in Gen.Int[1, 12]
        let names = Enumerable.Range(0, count).Select(i => $"Object{i:D2}__c").ToArray()
        from references in Gen.Select(Gen.Int[0, count - 1], Gen.Int[0, count - 1], Gen.Int[0, 3], Gen.Bool)
            .Select(r => new Reference(names[r.Item1], $"F{r.Item3}__c", names[r.Item2], r.Item4)).Array[0, 40]
        select (names, references.DistinctBy(r => (r.Child, r.Field, r.Parent)).ToArray());

    [Fact]
    public void In_every_org_each_lookup_is_either_satisfied_by_the_order_or_deferred_or_named_as_unbreakable() => Orgs.Sample(org =>
    {
        var graph = ReferenceGraph.For(org.Objects, org.References);
        Assert.Equal(org.Objects.Order(StringComparer.Ordinal), graph.Order.Order(StringComparer.Ordinal));
        var place = graph.Order.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i);
        foreach (var r in org.References)
            Assert.True(
                place[r.Parent] < place[r.Child] || graph.Deferred.Contains((r.Child, r.Field)) || graph.Unbreakable.Contains($"{r.Child}.{r.Field}"),
                $"{r.Child}.{r.Field} → {r.Parent}");
    });

    [Fact]
    public void A_lookup_that_must_not_be_empty_is_never_deferred() => Orgs.Sample(org =>
    {
        var graph = ReferenceGraph.For(org.Objects, org.References);
        // A polymorphic field may be deferrable towards one parent; the field is what counts.
        var required = org.References.GroupBy(r => (r.Child, r.Field)).Where(g => g.All(r => !r.Deferrable)).Select(g => g.Key);
        Assert.DoesNotContain(required, r => graph.Deferred.Contains(r));
    });

    [Fact]
    public void An_org_without_cycles_defers_nothing()
    {
        var graph = ReferenceGraph.For(
            ["Contact", "Account", "Opportunity"],
            [new("Contact", "AccountId", "Account", true), new("Opportunity", "AccountId", "Account", true), new("Opportunity", "ContactId", "Contact", true)]);
        Assert.Equal(["Account", "Contact", "Opportunity"], graph.Order);
        Assert.Empty(graph.Deferred);
    }

    [Fact]
    public void A_cycle_is_broken_at_the_custom_lookup_and_the_standard_one_stays()
    {
        var graph = ReferenceGraph.For(
            ["Account", "Contact"], [new("Contact", "AccountId", "Account", true), new("Account", "Primary_Contact__c", "Contact", true)]);
        Assert.Equal(["Account", "Contact"], graph.Order);
        Assert.Equal(("Account", "Primary_Contact__c"), Assert.Single(graph.Deferred));
    }
}
