using CsCheck;
using OrgSimulator.Schema;

namespace OrgSimulator.Tests;

public sealed class SalesforceIdTests
{
    [Theory]
    [InlineData("001D000000IRFma", "001D000000IRFmaIAH")]
    [InlineData("003RO0000035WQg", "003RO0000035WQgYAM")]
    [InlineData("750R0000000zlh9", "750R0000000zlh9IAA")]
    [InlineData("0GaHn000005s2T4", "0GaHn000005s2T4KAI")]
    [InlineData("001XX0000000001", "001XX0000000001YAA")]
    public void Check_characters_are_those_of_real_ids(string id15, string id18) => Assert.Equal(id18, SalesforceId.Complete(id15));

    [Fact]
    public void A_number_survives_its_id_and_greater_numbers_give_greater_ids() => Gen.Select(Gen.Long[0, 1L << 50], Gen.Long[0, 1L << 50]).Sample((a, b) =>
    {
        var (first, second) = (SalesforceId.Compose("001", "Ab", a), SalesforceId.Compose("001", "Ab", b));
        return SalesforceId.Number(first) == a && Math.Sign(string.CompareOrdinal(first, 0, second, 0, 15)) == Math.Sign(a.CompareTo(b));
    });

    [Theory]
    [InlineData("")]
    [InlineData("001XX000000000")]
    [InlineData("001XX0000000001YAAA")]
    [InlineData("001XX-000000001")]
    public void What_is_no_id_is_refused(string text) => Assert.Null(SalesforceId.Complete(text));
}
