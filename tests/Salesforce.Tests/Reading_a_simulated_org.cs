using Appliance.Salesforce;

namespace Salesforce.Tests;

public sealed class Reading_a_simulated_org
{
    [Fact]
    public async Task Objects_and_fields_are_described()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var org = simulated.Org;
        var objects = await org.DescribeGlobalAsync(CancellationToken.None);
        var account = Assert.Single(objects, o => o.Name == "Account");
        Assert.Equal("001", account.KeyPrefix);
        Assert.True(account is { Queryable: true, Retrieveable: true, Createable: true, Undeletable: true });

        var one = await org.DescribeAsync("Contact", CancellationToken.None);
        Assert.Equal(["Account"], one.Field("accountid")!.ReferenceTo);
        Assert.Equal("Account", one.Field("AccountId")!.RelationshipName);
        Assert.Equal("datetime", one.Field("SystemModstamp")!.Type);
        Assert.False(one.Field("SystemModstamp")!.Createable);
        Assert.Contains((await org.DescribeAsync("Account", CancellationToken.None)).ChildRelationships, c => c is { ChildSObject: "Contact", Field: "AccountId" });
        Assert.Equal(one.Fields.Length, ObjectDescribe.Parse(one.Json).Fields.Length);

        var names = objects.Where(o => o.Queryable).Select(o => o.Name).Take(60).ToArray();
        var many = await org.DescribeManyAsync([.. names, "No_such_object__c"], CancellationToken.None);
        Assert.Equal(names, many.Select(d => d.Name));
        Assert.Equal((names.Length / 25) + 1, simulated.Calls("POST", "composite/batch"));
        Assert.Equal(404, (await Assert.ThrowsAsync<SalesforceException>(() => org.DescribeAsync("No_such_object__c", CancellationToken.None))).StatusCode);
    }

    [Fact]
    public async Task The_same_rows_read_by_rest_and_by_bulk_are_equal_in_every_value()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var org = simulated.Org;
        var compared = 0L;
        var counted = (await org.DescribeGlobalAsync(CancellationToken.None)).Where(o => o is { Queryable: true, Createable: true }).Select(o => o.Name).ToArray();
        foreach (var described in await org.DescribeManyAsync(counted, CancellationToken.None))
        {
            var soql = SoqlText.Select(described.Name, described.Fields.Where(f => f.Type is not ("base64" or "address" or "location")).Select(f => f.Name), orderBy: "Id");
            List<string> bulk;
            try
            {
                if (await org.CountAsync(described.Name, null, CancellationToken.None) == 0)
                    continue;
                bulk = await BulkAsync(org, soql);
            }
            catch (SalesforceException e) when (e.BulkUnsupported || e.ErrorCode is "MALFORMED_QUERY")
            {
                continue;   // not for Bulk, or only to be read with a filter
            }
            Assert.Equal(bulk, await Rows.OfAsync(org.QueryAsync(soql, includeDeleted: false, CancellationToken.None)));
            Assert.Equal(bulk.Count, await org.CountAsync(described.Name, null, CancellationToken.None));
            compared += bulk.Count;
        }
        Assert.True(compared > 10_000, $"only {compared} rows were compared");
        Assert.True(org.BytesRead > 1_000_000);
    }

    [Fact]
    public async Task Fields_of_parents_read_the_same_both_ways()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        const string soql = "SELECT Id, LastName, Account.Name, Account.CreatedDate, Account.Owner.Username FROM Contact WHERE AccountId != null ORDER BY Id";
        var rest = await Rows.OfAsync(simulated.Org.QueryAsync(soql, false, CancellationToken.None));
        Assert.NotEmpty(rest);
        Assert.Equal(await BulkAsync(simulated.Org, soql), rest);
    }

    [Fact]
    public async Task Bulk_pages_are_resumed_from_the_middle_by_their_locator()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var org = simulated.Org;
        var job = await org.CreateQueryJobAsync("SELECT Id, Name FROM Account ORDER BY Id", false, CancellationToken.None);
        var done = await org.WaitForQueryJobAsync(job, null, CancellationToken.None);
        var pages = new List<(string? Locator, long Records, List<string> Rows)>();
        await foreach (var page in org.QueryPagesAsync(job, null, 250, CancellationToken.None))
            pages.Add((page.Locator, page.Records, await Rows.OfAsync(page.Batches)));
        Assert.Equal(done.RecordsProcessed, pages.Sum(p => p.Records));
        Assert.True(pages.Count >= 4);
        Assert.All(pages, p => Assert.Equal(p.Records, p.Rows.Count));

        var rest = await Rows.OfPagesAsync(org.QueryPagesAsync(job, pages[2].Locator, 250, CancellationToken.None));
        Assert.Equal(pages.Skip(2).SelectMany(p => p.Rows), rest);
        await org.DeleteQueryJobAsync(job, CancellationToken.None);
        Assert.Null(await org.GetQueryJobAsync(job, CancellationToken.None));
    }

    [Fact]
    public async Task A_long_query_and_a_short_one_read_the_same_rows()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var where = "Name != '' AND (" + string.Join(" OR ", Enumerable.Range(0, 400).Select(i => $"Name != 'no account is called like this {i}'")) + ")";
        var soql = SoqlText.Select("Account", ["Id", "Name"], where, "Id");
        Assert.False(SoqlText.FitsUri(soql));
        Assert.Equal(
            await Rows.OfAsync(simulated.Org.QueryAsync("SELECT Id,Name FROM Account ORDER BY Id", false, CancellationToken.None)),
            await Rows.OfAsync(simulated.Org.QueryAsync(soql, false, CancellationToken.None)));
    }

    [Fact]
    public async Task What_the_org_tells_about_itself()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        var org = simulated.Org;
        var identity = await org.IdentityAsync(CancellationToken.None);
        Assert.Equal("admin@sim.example", identity.UserName);
        var organization = await org.OrganizationAsync(CancellationToken.None);
        Assert.Equal(identity.OrganizationId, organization.Id);
        Assert.NotEmpty(organization.Name);
        var limits = await org.LimitsAsync(CancellationToken.None);
        Assert.True(limits.DailyApiRequests is { Max: > 0, Remaining: > 0 });
        Assert.Equal(limits.DailyApiRequests.Max, org.Usage.Max);
        Assert.True(org.Usage.Used > 0);
        Assert.Equal("v66.0", org.ApiVersion);
        Assert.InRange(org.ServerTime, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddMinutes(1));
    }

    [Fact]
    public async Task An_exhausted_budget_stops_at_once_and_says_so()
    {
        await using var simulated = await SimulatedOrg.StartAsync(o => o with { ApiLimit = 2 });
        await simulated.Org.LimitsAsync(CancellationToken.None);
        await simulated.Org.LimitsAsync(CancellationToken.None);
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => simulated.Org.LimitsAsync(CancellationToken.None));
        Assert.Equal((FailureKind.Operator, "REQUEST_LIMIT_EXCEEDED"), (failure.Kind, failure.ErrorCode));
        Assert.Equal(3, simulated.Calls("GET", "/limits"));
    }

    [Fact]
    public async Task Queries_survive_storms_lost_answers_and_the_end_of_the_session()
    {
        await using var simulated = await SimulatedOrg.StartAsync();
        const string soql = "SELECT Id, Name FROM Account ORDER BY Id";
        var undisturbed = await Rows.OfAsync(simulated.Org.QueryAsync(soql, false, CancellationToken.None));
        simulated.Host.Faults.FailNext("/query", 2, 503);
        simulated.Host.Faults.DropAnswers("/query");
        simulated.Host.Faults.ExpireTokensAfter(1);
        Assert.Equal(undisturbed, await Rows.OfAsync(simulated.Org.QueryAsync(soql, false, CancellationToken.None)));
        Assert.Equal(undisturbed, await BulkAsync(simulated.Org, soql));
        Assert.Empty(simulated.Host.Faults.Unmet);
        Assert.Equal(1, simulated.TokenPosts);
    }

    [Fact]
    public async Task An_older_org_is_read_in_its_own_version()
    {
        await using var simulated = await SimulatedOrg.StartAsync(o => o with { NewestVersion = 60 });
        Assert.Equal(1_223, await simulated.Org.CountAsync("Account", null, CancellationToken.None));
        Assert.Equal("v60.0", simulated.Org.ApiVersion);
    }

    private static async Task<List<string>> BulkAsync(Org org, string soql)
    {
        var job = await org.CreateQueryJobAsync(soql, includeDeleted: false, CancellationToken.None);
        await org.WaitForQueryJobAsync(job, null, CancellationToken.None);
        return await Rows.OfPagesAsync(org.QueryPagesAsync(job, null, 0, CancellationToken.None));
    }
}
