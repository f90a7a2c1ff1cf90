using OrgSimulator.Loading;
using OrgSimulator.Store;

namespace OrgSimulator.Tests;

public sealed class GeneratorTests
{
    private static int Generated(OrgStore store) => store.Schema.Objects.Where(type => type.Name is not ("User" or "Profile" or "Organization" or "Pricebook2" or "CaseStatus" or "TaskStatus"))
        .Sum(type => store.Table(type).LiveCount);

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(777)]
    [InlineData(20_000)]
    public void Exactly_as_many_records_as_asked_for(int count) => Assert.Equal(count, Generated(OrgBuilder.Build(new SimulatorOptions { Generate = count })));

    [Fact]
    public void Every_record_could_be_created_again_through_the_api()
    {
        var store = OrgBuilder.Build(new SimulatorOptions { Generate = 10_000 });
        foreach (var type in store.Schema.Objects.Where(type => type.Createable && store.Table(type).LiveCount > 0 && type.Name is not ("ContentVersion" or "Pricebook2" or "ContentDocumentLink")))
        {
            var records = store.Table(type).Live().Select(row =>
            {
                var record = new RecordInput();
                foreach (var field in type.Fields.Where(field => field.Source == Schema.FieldSource.Slot && field.Createable && !field.Unique && field.Type != Schema.FieldType.Base64))
                    if (row[field.Slot] is { } value) record.Set(field.Name, value);
                if (type.Name == "Attachment") record.Set("Body", Convert.ToBase64String(store.Blob(row[type["Body"].Slot]!)));
                return record;
            }).ToList();
            Assert.All(new Dml(store).Insert(type, records), result => Assert.True(result.Success, $"{type.Name}: {result.Error?.Code} {result.Error?.Message}"));
        }
    }

    [Fact]
    public void The_awkward_shapes_are_there()
    {
        var store = OrgBuilder.Build(new SimulatorOptions { Generate = 10_000 });
        int Count(string soql) => Soql.Binder.Plan(store, soql).Rows(store, false).Count;
        Assert.True(Count("SELECT Id FROM Account WHERE ParentId != null") > 0);
        Assert.True(Count("SELECT Id FROM Project__c WHERE LeadTask__r.Project__r.LeadTask__c != null") > 0);
        Assert.True(Count("SELECT Id FROM Task WHERE What.Type = 'Case'") > 0);
        Assert.True(Count("SELECT Id FROM Assignment__c WHERE Project__r.Assignments__c > 1") > 0);
        Assert.True(Count("SELECT Id FROM Account WHERE Name LIKE '=%' OR Name LIKE '+%'") > 0);
        Assert.True(Count("SELECT Id FROM Contact WHERE Birthdate = 1700-01-01 OR Birthdate = 4000-12-31") > 0);
        Assert.True(Count("SELECT Id FROM ContentVersion") > 0 && Count("SELECT Id FROM Attachment") > 0);
    }
}
