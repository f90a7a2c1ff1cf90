using Microsoft.Extensions.Time.Testing;

namespace OrgSimulator.Tests;

public sealed class RecycleBinTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _time = new(Start);

    private Task<TestOrg> OrgAsync() => TestOrg.StartAsync(new SimulatorOptions { Time = _time });

    [Fact]
    public async Task A_deleted_parent_takes_its_children_along_and_nulls_the_other_lookups()
    {
        await using var org = await OrgAsync();
        var parent = await org.CreateAsync("Account", new { Name = "Parent" });
        var subsidiary = await org.CreateAsync("Account", new { Name = "Subsidiary", ParentId = parent });
        var contact = await org.CreateAsync("Contact", new { LastName = "Gone", AccountId = parent });
        var note = await org.CreateAsync("Note", new { Title = "Deep", ParentId = contact });
        _time.Advance(TimeSpan.FromHours(1));
        var (status, _) = await org.SendAsync(HttpMethod.Delete, $"sobjects/Account/{parent}");

        Assert.Equal(204, status);
        Assert.Empty(await org.IdsAsync("SELECT Id FROM Contact"));
        Assert.Empty(await org.IdsAsync("SELECT Id FROM Note"));
        Assert.Equal([contact], await org.IdsAsync("SELECT Id FROM Contact WHERE IsDeleted = true AND SystemModstamp >= 2026-03-01T11:00:00Z", all: true));
        Assert.Equal([note], await org.IdsAsync("SELECT Id FROM Note", all: true));
        var stamped = (await org.QueryAsync($"SELECT ParentId, SystemModstamp, CreatedDate FROM Account WHERE Id = '{subsidiary}'"))["records"]![0]!;
        Assert.Null(stamped["ParentId"]);
        Assert.Equal("2026-03-01T11:00:00.000+0000", stamped["SystemModstamp"]!.GetValue<string>());
        Assert.Equal("2026-03-01T10:00:00.000+0000", stamped["CreatedDate"]!.GetValue<string>());
    }

    [Fact]
    public async Task Undelete_brings_back_the_cascade_but_not_the_nulled_lookups_nor_what_was_deleted_before()
    {
        await using var org = await OrgAsync();
        var parent = await org.CreateAsync("Account", new { Name = "Parent" });
        var subsidiary = await org.CreateAsync("Account", new { Name = "Subsidiary", ParentId = parent });
        var before = await org.CreateAsync("Contact", new { LastName = "Before", AccountId = parent });
        var along = await org.CreateAsync("Contact", new { LastName = "Along", AccountId = parent });
        org.Host.Dml.Delete([before]);
        org.Host.Dml.Delete([parent]);

        var alone = org.Host.Dml.Undelete([along])[0];
        Assert.Equal("UNDELETE_FAILED", alone.Error!.Code);
        Assert.True(org.Host.Dml.Undelete([parent])[0].Success);
        Assert.Equal([along], await org.IdsAsync("SELECT Id FROM Contact"));
        Assert.Equal([before], await org.IdsAsync("SELECT Id FROM Contact WHERE IsDeleted = true", all: true));
        Assert.Null((await org.QueryAsync($"SELECT ParentId FROM Account WHERE Id = '{subsidiary}'"))["records"]![0]!["ParentId"]);
        Assert.Equal("UNDELETE_FAILED", org.Host.Dml.Undelete([parent])[0].Error!.Code);
    }

    /// <summary>Found by a restore that was killed: the detail came back with one master while the other still lay in the bin.</summary>
    [Fact]
    public async Task A_master_that_comes_back_counts_its_details_anew()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 1_000, Time = _time });
        var found = (await org.QueryAsync("SELECT Id, Skill__c, Project__c FROM Assignment__c LIMIT 1"))["records"]![0]!;
        var (skill, project) = (found["Skill__c"]!.GetValue<string>(), found["Project__c"]!.GetValue<string>());
        var counted = await CountAsync();
        Assert.True(counted > 0);
        Assert.True(org.Host.Dml.Delete([skill])[0].Success);
        Assert.True(org.Host.Dml.Delete([project])[0].Success);
        Assert.True(org.Host.Dml.Undelete([skill])[0].Success);
        Assert.True(org.Host.Dml.Undelete([project])[0].Success);

        Assert.Equal(counted, await CountAsync());
        Assert.Equal(counted, (await org.IdsAsync($"SELECT Id FROM Assignment__c WHERE Project__c = '{project}'")).Count);

        async Task<double> CountAsync() =>
            (await org.QueryAsync($"SELECT Assignments__c FROM Project__c WHERE Id = '{project}'"))["records"]![0]!["Assignments__c"]!.GetValue<double>();
    }

    [Fact]
    public async Task After_fifteen_days_a_record_is_gone_for_queryAll_and_undelete()
    {
        await using var org = await OrgAsync();
        var id = await org.CreateAsync("Account", new { Name = "Old" });
        org.Host.Dml.Delete([id]);
        _time.Advance(TimeSpan.FromDays(15) - TimeSpan.FromSeconds(1));
        Assert.Equal([id], await org.IdsAsync("SELECT Id FROM Account", all: true));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Empty(await org.IdsAsync("SELECT Id FROM Account", all: true));
        Assert.False(org.Host.Dml.Undelete([id])[0].Success);
    }

    [Fact]
    public async Task Emptying_the_bin_purges_the_whole_cascade_and_getDeleted_still_knows_it()
    {
        await using var org = await OrgAsync();
        var parent = await org.CreateAsync("Account", new { Name = "Parent" });
        var contact = await org.CreateAsync("Contact", new { LastName = "Child", AccountId = parent });
        org.Host.Dml.Delete([parent]);
        org.Host.Dml.EmptyRecycleBin([parent]);
        Assert.Empty(await org.IdsAsync("SELECT Id FROM Account", all: true));
        Assert.Empty(await org.IdsAsync("SELECT Id FROM Contact", all: true));
        var deleted = await org.GetAsync("sobjects/Contact/deleted/?start=2026-03-01T09:00:00%2B00:00&end=2026-03-01T12:00:00Z");
        Assert.Equal(contact, deleted["deletedRecords"]![0]!["id"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_parent_that_children_hold_fast_stays()
    {
        await using var org = await OrgAsync();
        var account = await org.CreateAsync("Account", new { Name = "Held" });
        await org.CreateAsync("Case", new { Subject = "Open", AccountId = account });
        var (status, body) = await org.SendAsync(HttpMethod.Delete, $"sobjects/Account/{account}");
        Assert.Equal((400, "DELETE_FAILED"), (status, body![0]!["errorCode"]!.GetValue<string>()));
        Assert.Single(await org.IdsAsync("SELECT Id FROM Account"));
    }

    [Fact]
    public async Task A_record_deleted_twice_or_written_after_says_so()
    {
        await using var org = await OrgAsync();
        var id = await org.CreateAsync("Account", new { Name = "Twice" });
        await org.SendAsync(HttpMethod.Delete, $"sobjects/Account/{id}");
        var (status, body) = await org.SendAsync(HttpMethod.Delete, $"sobjects/Account/{id}");
        Assert.Equal((404, "ENTITY_IS_DELETED"), (status, body![0]!["errorCode"]!.GetValue<string>()));
        Assert.Equal("ENTITY_IS_DELETED", (await org.SendAsync(HttpMethod.Patch, $"sobjects/Account/{id}", new { Name = "x" })).Body![0]!["errorCode"]!.GetValue<string>());
        Assert.Equal("NOT_FOUND", (await org.SendAsync(HttpMethod.Get, $"sobjects/Account/{id}")).Body![0]!["errorCode"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_detail_comes_back_only_with_its_master()
    {
        await using var org = await TestOrg.StartAsync("apex-recipes");
        var master = (await org.IdsAsync("SELECT parent1__c, Id FROM Junction__c LIMIT 1"))[0];
        var junction = (await org.QueryAsync($"SELECT Id, parent1__c FROM Junction__c WHERE Id = '{master}'"))["records"]![0]!;
        var (detail, parent) = (junction["Id"]!.GetValue<string>(), junction["parent1__c"]!.GetValue<string>());
        org.Host.Dml.Delete([detail]);
        org.Host.Dml.Delete([parent]);
        Assert.Equal("UNDELETE_FAILED", org.Host.Dml.Undelete([detail])[0].Error!.Code);
        Assert.All(org.Host.Dml.Undelete([parent, detail]), result => Assert.True(result.Success));
        Assert.Equal(1, await org.CountAsync($"Junction__c WHERE Id = '{detail}'"));
    }

    [Fact]
    public async Task Soap_undeletes_and_empties_the_bin()
    {
        await using var org = await OrgAsync();
        var (kept, lost) = (await org.CreateAsync("Account", new { Name = "Kept" }), await org.CreateAsync("Account", new { Name = "Lost" }));
        org.Host.Dml.Delete([kept, lost]);
        Assert.Contains("<success>true</success>", await CallAsync("undelete", kept), StringComparison.Ordinal);
        Assert.Contains("<success>true</success>", await CallAsync("emptyRecycleBin", lost), StringComparison.Ordinal);
        Assert.Contains("<statusCode>", await CallAsync("undelete", lost), StringComparison.Ordinal);
        Assert.Equal([kept], await org.IdsAsync("SELECT Id FROM Account", all: true));

        async Task<string> CallAsync(string operation, string id)
        {
            using var content = new StringContent($"""
                <soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:urn="urn:partner.soap.sforce.com"><soapenv:Header><urn:SessionHeader>
                <urn:sessionId>{org.Host.NewAccessToken()}</urn:sessionId></urn:SessionHeader></soapenv:Header><soapenv:Body><urn:{operation}><urn:ids>{id}</urn:ids></urn:{operation}>
                </soapenv:Body></soapenv:Envelope>
                """, System.Text.Encoding.UTF8, "text/xml");
            using var answer = await org.Http.PostAsync("/services/Soap/u/66.0", content);
            return await answer.Content.ReadAsStringAsync();
        }
    }
}
