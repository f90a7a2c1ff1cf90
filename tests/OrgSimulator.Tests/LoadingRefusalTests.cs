using OrgSimulator.Loading;

namespace OrgSimulator.Tests;

public sealed class LoadingRefusalTests
{
    [Theory]
    [InlineData("""[{"object":"Account","file":"../a.csv","lookups":{}}]""", "lies outside the folder")]
    [InlineData("""[{"object":"Account","file":"/etc/hostname","lookups":{}}]""", "lies outside the folder")]
    [InlineData("""[{"object":"Account","file":"","lookups":{}}]""", "lies outside the folder")]
    [InlineData("""[{"object":"Acc ount","file":"a.csv","lookups":{}}]""", "'Acc ount' is no API name")]
    [InlineData("""[{"object":"","file":"a.csv","lookups":{}}]""", "'' is no API name")]
    [InlineData("""[{"object":"1st","file":"a.csv","lookups":{}}]""", "'1st' is no API name")]
    [InlineData("""[{"object":"Account","file":"a.csv","lookups":{"ParentId":"../x"}}]""", "'../x' is no API name")]
    [InlineData("""[{"object":"Account","file":"b.csv","lookups":{"Name":"Account"}}]""", "Account.Name is declared a lookup, but it is a string field")]
    [InlineData("""[{"object":"Account","file":"a.csv","lookups":{}}]""", "a.csv, line 2: a quote stands inside a value that is not quoted")]
    [InlineData("""[7]""", "an entry lacks object")]
    [InlineData("""{"object":"Account"}""", "an entry lacks object")]
    public void An_index_that_cannot_be_meant_is_refused_with_cause_and_remedy(string index, string cause)
    {
        using var folder = new MetadataFolder();
        folder.Write("index.json", index).Write("a.csv", "id,Name\n1,x\"y\"z\n").Write("b.csv", "id,Name\n1,x\n");
        Assert.Contains(cause, Assert.Throws<LoadException>(() => OrgBuilder.Build(folder.Options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_plan_that_names_a_file_outside_the_folder_is_refused()
    {
        using var folder = new MetadataFolder();
        folder.Write("data/plan.json", """[{"sobject":"Account","files":["../../../x.json"]}]""");
        Assert.Contains("which lies outside the folder", Assert.Throws<LoadException>(() => OrgBuilder.Build(folder.Options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]", "it is no describe: name or fields are missing")]
    [InlineData("{", "it is not valid JSON")]
    [InlineData("""{"name":"X","fields":[{"name":"A","type":"blob"}],"recordTypeInfos":[],"childRelationships":[]}""", "the field A has the unknown type 'blob'")]
    public void A_recorded_describe_that_is_none_is_refused_by_file(string text, string cause)
    {
        using var folder = new MetadataFolder();
        folder.Write("X.describe.json", text);
        Assert.Contains("X.describe.json", Message(folder.Path), StringComparison.Ordinal);
        Assert.Contains(cause, Message(folder.Path), StringComparison.Ordinal);
        Assert.Contains("does not exist", Message(folder.Path + "-no"), StringComparison.Ordinal);

        static string Message(string path) => Assert.Throws<LoadException>(() => OrgBuilder.Build(new SimulatorOptions { Describes = [path] })).Message;
    }
}
