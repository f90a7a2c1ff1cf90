using Appliance.Salesforce;

namespace Salesforce.Tests;

public sealed class Ids_and_soql
{
    [Theory]
    [InlineData("001D000000IRFma", "001D000000IRFmaIAH")]
    [InlineData("003RO0000035WQg", "003RO0000035WQgYAM")]
    [InlineData("750R0000000zlh9", "750R0000000zlh9IAA")]
    [InlineData("0GaHn000005s2T4", "0GaHn000005s2T4KAI")]
    [InlineData("001XX0000000001", "001XX0000000001YAA")]
    public void Fifteen_characters_become_eighteen(string fifteen, string eighteen)
    {
        Assert.Equal(eighteen, SalesforceId.To18(fifteen));
        Assert.Equal(eighteen, SalesforceId.To18(eighteen));
        Assert.Equal(fifteen, eighteen, SalesforceId.Comparer);
        Assert.Equal(SalesforceId.Comparer.GetHashCode(fifteen), SalesforceId.Comparer.GetHashCode(eighteen));
    }

    [Fact]
    public void Ids_that_differ_in_case_only_are_different()
    {
        Assert.NotEqual("001D000000IRFma", "001D000000IRFmA", SalesforceId.Comparer);
        Assert.Equal("001D000000IRFmaIAH", "001D000000IRFmaXXX", SalesforceId.Comparer);   // scrubbed suffix
    }

    [Theory]
    [InlineData("")]
    [InlineData("001D000000IRFm")]
    [InlineData("001D000000IRFmaI")]
    [InlineData("001D000000IRF-a")]
    public void Other_texts_are_no_ids(string text)
    {
        Assert.False(SalesforceId.IsId(text));
        Assert.Throws<FormatException>(() => SalesforceId.To18(text));
    }

    [Fact]
    public void A_literal_keeps_its_quotes_and_breaks() =>
        Assert.Equal("""'O\'Brien \\ \n\t"x"'""", SoqlText.Quote("O'Brien \\ \n\t\"x\""));

    [Fact]
    public void A_select_is_put_together_from_its_parts() =>
        Assert.Equal("SELECT Id,Name FROM Account WHERE SystemModstamp >= 2026-11-01T08:00:00.500Z ORDER BY Id LIMIT 5",
            SoqlText.Select("Account", ["Id", "Name"],
                $"SystemModstamp >= {SoqlText.Literal(new DateTimeOffset(2026, 11, 1, 9, 0, 0, 500, TimeSpan.FromHours(1)))}", "Id", 5));

    [Fact]
    public void Long_queries_do_not_fit_an_address()
    {
        Assert.True(SoqlText.FitsUri(SoqlText.Select("Account", Enumerable.Range(0, 400).Select(i => $"A_custom_field_{i}__c"))));
        Assert.False(SoqlText.FitsUri(SoqlText.Select("Account", Enumerable.Range(0, 800).Select(i => $"A_custom_field_{i}__c"))));
    }
}
