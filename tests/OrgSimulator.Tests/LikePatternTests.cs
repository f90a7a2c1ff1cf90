using System.Text;
using CsCheck;
using OrgSimulator.Soql;

namespace OrgSimulator.Tests;

public sealed class LikePatternTests
{
    [Theory]
    [InlineData("a%", "Anna", true)]
    [InlineData("a%", "banana", false)]
    [InlineData("%nan%", "banana", true)]
    [InlineData("b_n_n_", "BANANA", true)]
    [InlineData("banana_", "banana", false)]
    [InlineData("%", "", true)]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("abc", "abc\n", false)]
    [InlineData("a%c", "a\nb\nc", true)]
    [InlineData("%a%b%a", "xaybza", true)]
    [InlineData(".*", "abc", false)]
    [InlineData("\uE000_", "%x", true)]
    [InlineData("\uE000_", "xx", false)]
    [InlineData("a\uE001", "a_", true)]
    [InlineData("a\uE001", "ab", false)]
    public void Percent_is_any_text_and_underscore_any_letter(string pattern, string text, bool matches) => Assert.Equal(matches, new LikePattern(pattern).Matches(text));

    /// <summary>The plain meaning, with all its ways back: slow, and so only for short texts.</summary>
    private static bool Means(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        if (pattern.Length == 0) return text.Length == 0;
        if (pattern[0] != '%') return text.Length > 0 && (pattern[0] == '_' || pattern[0] == text[0]) && Means(pattern[1..], text[1..]);
        for (var skip = 0; skip <= text.Length; skip++)
            if (Means(pattern[1..], text[skip..])) return true;
        return false;
    }

    [Fact]
    public void It_means_what_all_ways_back_would_find() => Gen.Select(Letters("%_AB"), Letters("AB")).Sample((pattern, text) =>
        Assert.Equal(Means(pattern, text), new LikePattern(pattern).Matches(text)), iter: 20_000);

    private static Gen<string> Letters(string from) => Gen.Int[0, from.Length - 1].Array[0, 9].Select(places => places.Aggregate(new StringBuilder(), (text, place) => text.Append(from[place])).ToString());
}
