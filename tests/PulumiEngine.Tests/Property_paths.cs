using CsCheck;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using PulumiEngine.Values;

namespace PulumiEngine.Tests;

public sealed class Property_paths
{
    private static readonly Gen<Value> Leaf = Gen.OneOf(Gen.Int[0, 3].Select(n => Value.ForNumber(n)), Gen.Bool.Select(Value.ForBool), Gen.Char["abc"].Select(c => Value.ForString($"{c}")));

    private static readonly Gen<Value> Tree = Gen.Recursive<Value>((depth, inner) => depth > 3
        ? Leaf
        : Gen.OneOf(Leaf, inner.Array[0, 3].Select(v => Value.ForList(v)), Gen.Dictionary(Gen.Char["abcd"].Select(c => $"{c}"), inner)[0, 3].Select(AsStruct), inner.Select(PropertyValues.Secret)));

    private static readonly Gen<Struct> Members = Gen.Dictionary(Gen.Char["wxyz"].Select(c => $"{c}"), Tree)[0, 4].Select(d => AsStruct(d).StructValue);

    [Fact]
    public void Name_no_difference_between_equals_and_one_wherever_there_is_one() => Gen.Select(Members, Members).Sample((a, b) =>
    {
        Assert.Empty(PropertyPath.Differences(a, a.Clone()));
        Assert.Empty(PropertyPath.Differences(a, PropertyValues.Bare(a)));      // being secret makes no difference
        Assert.Equal(PropertyValues.Bare(a).Equals(PropertyValues.Bare(b)), PropertyPath.Differences(a, b).Count == 0);
    });

    [Fact]
    public void Kept_where_they_differ_make_the_new_the_old_at_the_top() => Gen.Select(Members, Members).Sample((old, now) =>
    {
        var tops = PropertyPath.Differences(old, now).Select(p => PropertyPath.Segments(p)[0]).Distinct();
        var kept = tops.Aggregate(now, (n, path) => PropertyPath.Keep(n, old, path));
        Assert.Empty(PropertyPath.Differences(old, kept));
    });

    [Theory]
    [InlineData("tags", "tags.owner", true)]
    [InlineData("tags.owner", "tags.owner", true)]
    [InlineData("tags.owner", "tags.cost", false)]
    [InlineData("disks.size", "disks[0].size", true)]
    [InlineData("disks[1].size", "disks[0].size", false)]
    [InlineData("disks[*].size", "disks[3].size", true)]
    [InlineData("*", "anything", true)]
    [InlineData("tags[\"a.b\"]", "tags[\"a.b\"]", true)]
    [InlineData("tag", "tags", false)]
    public void Touch_what_lies_at_or_below_them(string option, string changed, bool touches) => Assert.Equal(touches, PropertyPath.Touches(option, changed));

    [Theory]
    [InlineData("""{"a":{"b":1,"c":2}}""", """{"a":{"b":9,"c":9}}""", "a.b", """{"a":{"b":1,"c":9}}""")]
    [InlineData("""{"a":[{"b":1},{"b":2}]}""", """{"a":[{"b":9},{"b":9}]}""", "a[*].b", """{"a":[{"b":1},{"b":2}]}""")]
    [InlineData("""{}""", """{"a":1}""", "a", """{}""")]
    [InlineData("""{"a":1}""", """{}""", "a", """{"a":1}""")]
    [InlineData("""{"a":1}""", """{"a":2}""", "b", """{"a":2}""")]
    public void Keep_the_old_value_where_they_point(string old, string now, string path, string kept) =>
        Assert.Equal(Parse(kept), PropertyPath.Keep(Parse(now), Parse(old), path));

    private static Struct Parse(string json) => JsonParser.Default.Parse<Struct>(json);

    private static Value AsStruct(Dictionary<string, Value> members)
    {
        var result = new Struct();
        foreach (var (name, value) in members) result.Fields[name] = value;
        return Value.ForStruct(result);
    }
}
