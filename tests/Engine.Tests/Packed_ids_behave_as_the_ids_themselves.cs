using System.Text;
using Appliance.Engine.Backups;
using CsCheck;
using Xunit;

namespace Engine.Tests;

public sealed class Packed_ids_behave_as_the_ids_themselves
{
    private static readonly Gen<string> Ids = Gen.Char["0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"].Array[15].Select(c => new string(c));

    [Fact]
    public void A_set_holds_exactly_what_was_added_and_case_matters() => Gen.Select(Ids.Array[0, 300], Ids.Array[1, 50]).Sample((added, asked) =>
    {
        var set = new IdSet();
        foreach (var id in added.Concat(added.Take(20))) set.Add(Encoding.ASCII.GetBytes(id));
        var model = added.ToHashSet(StringComparer.Ordinal);
        Assert.Equal(model.Count, set.CountDistinct());
        foreach (var id in asked.Concat(added).Concat(added.Select(a => a.ToUpperInvariant())))
            Assert.Equal(model.Contains(id), set.Contains(id));
    });

    [Fact]
    public void The_three_check_characters_do_not_count()
    {
        var set = new IdSet();
        set.Add("001D000000IRFmaIAH"u8);
        Assert.True(set.Contains("001D000000IRFma"));
        Assert.True(set.Contains("001D000000IRFmaXXX"));
        Assert.False(set.Contains("001D000000IRFmA"));
    }
}
