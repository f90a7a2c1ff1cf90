using ExampleStacks;
using Xunit;

namespace Cloud.Tests;

public sealed class Two_stacks_in_one_account
{
    /// <summary>Names that a cloud gives once in an account, project or region. All others get their ending from Pulumi.</summary>
    private static readonly string[] Once = ["aws:kms/alias:Alias name", "aws:cloudwatch/metricAlarm:MetricAlarm name", "gcp:serviceaccount/account:Account accountId"];

    [Theory]
    [InlineData("aws-gp3-customer", "acme", "Acme")]
    [InlineData("aws-gp3-customer", "a.b", "a-b")]
    [InlineData("gcp-pd-ssd-customer", "acme", "Acme")]
    [InlineData("gcp-pd-ssd-customer", "the-customer-with-a-long-name-a", "the-customer-with-a-long-name-b")]
    public async Task Have_no_name_in_common(string example, string one, string other)
    {
        var first = await NamesAsync(example, one);
        Assert.NotEmpty(first);
        Assert.Empty(first.Intersect(await NamesAsync(example, other)));
    }

    private static async Task<IReadOnlyList<string>> NamesAsync(string example, string name)
    {
        var preview = (await new StackUnderTest(Examples.Called(ExampleStack.Named(example), name)).PreviewAsync()).MustSucceed();
        return [.. Once.Select(o => o.Split(' ')).SelectMany(o => preview.Steps.Where(s => s.Type == o[0]).Select(s => $"{o[0]} {s.Inputs.Fields[o[1]].StringValue}"))];
    }
}
