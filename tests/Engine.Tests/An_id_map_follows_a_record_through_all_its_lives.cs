using Appliance.Engine.Restores;
using Xunit;

namespace Engine.Tests;

public sealed class An_id_map_follows_a_record_through_all_its_lives
{
    [Fact]
    public void A_record_lost_and_restored_twice_is_found_under_its_last_id()
    {
        var map = new IdMap();
        map.Add("A", "B");
        map.Add("B", "C");
        Assert.Equal("C", map.Resolve("A"));
        Assert.Equal("C", map.Resolve("B"));
        Assert.Equal("Z", map.Resolve("Z"));
    }

    [Fact]
    public void A_later_restore_of_the_same_snapshot_replaces_the_mapping()
    {
        var map = new IdMap();
        map.Add("A", "B");
        map.Add("A", "C");
        Assert.Equal("C", map.Resolve("A"));
    }

    [Fact]
    public void A_record_found_standing_has_a_place_and_keeps_its_id()
    {
        var map = new IdMap();
        map.Add("A", "A");
        Assert.True(map.Contains("A"));
        Assert.Equal("A", map.Resolve("A"));
    }
}
