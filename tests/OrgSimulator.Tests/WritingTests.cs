namespace OrgSimulator.Tests;

public sealed class WritingTests
{
    [Theory]
    [InlineData("Contact", """{"FirstName":"x"}""", "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]")]
    [InlineData("Account", """{"Name":"x","Nope":1}""", "INVALID_FIELD", "No such column 'Nope' on sobject of type Account")]
    [InlineData("Contact", """{"LastName":"x","Name":"y"}""", "INVALID_FIELD_FOR_INSERT_UPDATE", "Unable to create/update fields: Name")]
    [InlineData("Contact", """{"LastName":"x","AccountId":"001XX0000000001"}""", "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")]
    [InlineData("Contact", """{"LastName":"x","AccountId":"nonsense"}""", "MALFORMED_ID", "id value of incorrect type: nonsense")]
    [InlineData("Contact", """{"LastName":"x","FirstName":"12345678901234567890123456789012345678901"}""", "STRING_TOO_LONG", "data value too large")]
    [InlineData("Contact", """{"LastName":"x","Birthdate":"soon"}""", "INVALID_TYPE_ON_FIELD_IN_RECORD", "value not of required type: soon")]
    [InlineData("Contact", """{"LastName":"x","CleanStatus":"Odd"}""", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "bad value for restricted picklist field: Odd")]
    [InlineData("User", """{"LastName":"x"}""", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "cannot be inserted")]
    public async Task A_bad_record_is_refused_with_salesforces_code(string objectName, string fields, string code, string message)
    {
        await using var org = await TestOrg.StartAsync();
        var (status, body) = await org.SendAsync(HttpMethod.Post, $"sobjects/{objectName}", fields);
        Assert.InRange(status, 400, 404);
        Assert.Equal(code, body![0]!["errorCode"]!.GetValue<string>());
        Assert.Contains(message, body[0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_is_trimmed_and_numbers_keep_their_digits()
    {
        await using var org = await TestOrg.StartAsync();
        var id = await org.CreateAsync("Account", """{"Name":"  wide \t","AnnualRevenue":1.0E8,"NumberOfEmployees":7,"BillingLatitude":12.123456789012345,"Website":""}""");
        var text = (await org.GetAsync($"sobjects/Account/{id}?fields=Name,AnnualRevenue,NumberOfEmployees,BillingLatitude,Website")).ToJsonString();
        Assert.Contains("\"Name\":\"wide\",\"AnnualRevenue\":1.0E8,\"NumberOfEmployees\":7,\"BillingLatitude\":12.123456789012345,\"Website\":null", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_new_master_counts_no_details_as_zero()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 1000 });
        var id = await org.CreateAsync("Project__c", """{"Name":"alone"}""");
        Assert.Equal(0, (await org.GetAsync($"sobjects/Project__c/{id}?fields=Assignments__c"))["Assignments__c"]!.GetValue<double>());
    }

    [Fact]
    public async Task Upsert_by_external_id_creates_then_updates_and_refuses_two_of_a_kind()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 1000 });
        var path = "sobjects/Skill__c/Code__c/A%2FB%20c";
        var (created, first) = await org.SendAsync(HttpMethod.Patch, path, new { Name = "one" });
        var (updated, second) = await org.SendAsync(HttpMethod.Patch, path, new { Name = "two" });
        Assert.Equal((201, 200), (created, updated));
        Assert.Equal(first!["id"]!.GetValue<string>(), second!["id"]!.GetValue<string>());
        Assert.Equal("A/B c", (await org.GetAsync(path))["Code__c"]!.GetValue<string>());
        var (_, duplicate) = await org.SendAsync(HttpMethod.Post, "sobjects/Skill__c", new { Name = "three", Code__c = "a/b C" });
        Assert.Equal("DUPLICATE_VALUE", duplicate![0]!["errorCode"]!.GetValue<string>());
        Assert.Contains(first["id"]!.GetValue<string>(), duplicate[0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        var (status, body) = await org.SendAsync(HttpMethod.Get, "sobjects/Skill__c/Namez/x");
        Assert.Equal((404, "Provided external ID field does not exist or is not accessible: Namez"), (status, body![0]!["message"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Collections_answer_in_order_and_allOrNone_undoes_everything()
    {
        await using var org = await TestOrg.StartAsync();
        object Records(bool all) => new { allOrNone = all, records = new object[] { new { attributes = new { type = "Account" }, Name = "good" }, new { attributes = new { type = "Account" } } } };
        var (_, partly) = await org.SendAsync(HttpMethod.Post, "composite/sobjects", Records(false));
        Assert.True(partly![0]!["success"]!.GetValue<bool>());
        Assert.Equal("REQUIRED_FIELD_MISSING", partly[1]!["errors"]![0]!["statusCode"]!.GetValue<string>());
        Assert.Equal(1, await org.CountAsync("Account"));
        var (_, none) = await org.SendAsync(HttpMethod.Post, "composite/sobjects", Records(true));
        Assert.Equal("ALL_OR_NONE_OPERATION_ROLLED_BACK", none![0]!["errors"]![0]!["statusCode"]!.GetValue<string>());
        Assert.Equal(1, await org.CountAsync("Account"));

        var id = partly[0]!["id"]!.GetValue<string>();
        var (_, changed) = await org.SendAsync(HttpMethod.Patch, "composite/sobjects", new { records = new object[] { new { attributes = new { type = "Account" }, id, Name = "better" } } });
        Assert.True(changed![0]!["success"]!.GetValue<bool>());
        var (_, read) = await org.SendAsync(HttpMethod.Post, "composite/sobjects/Account", new { ids = new[] { id, "001XX0000000001" }, fields = new[] { "Name" } });
        Assert.Equal("better", read![0]!["Name"]!.GetValue<string>());
        Assert.Null(read[1]);
        var (_, gone) = await org.SendAsync(HttpMethod.Delete, $"composite/sobjects?ids={id}");
        Assert.True(gone![0]!["success"]!.GetValue<bool>());
    }

    [Fact]
    public async Task Trees_batches_and_composites()
    {
        await using var org = await TestOrg.StartAsync();
        var tree = """{"records":[{"attributes":{"type":"Account","referenceId":"a"},"Name":"Top","Contacts":{"records":[{"attributes":{"type":"Contact","referenceId":"c"},"LastName":"Below"}]}}]}""";
        var (status, made) = await org.SendAsync(HttpMethod.Post, "composite/tree/Account", tree);
        Assert.Equal((201, false, 2), (status, made!["hasErrors"]!.GetValue<bool>(), made["results"]!.AsArray().Count));
        (status, made) = await org.SendAsync(HttpMethod.Post, "composite/tree/Account", tree.Replace("\"LastName\":\"Below\"", "\"FirstName\":\"x\"", StringComparison.Ordinal));
        Assert.Equal((400, "c"), (status, made!["results"]![0]!["referenceId"]!.GetValue<string>()));
        Assert.Equal(1, await org.CountAsync("Account"));

        var (_, batch) = await org.SendAsync(HttpMethod.Post, "composite/batch", """{"batchRequests":[{"method":"GET","url":"v66.0/sobjects/Account/describe"},{"method":"GET","url":"v66.0/sobjects/Nope/describe"}]}""");
        Assert.True(batch!["hasErrors"]!.GetValue<bool>());
        Assert.Equal("Account", batch["results"]![0]!["result"]!["name"]!.GetValue<string>());
        Assert.Equal(404, batch["results"]![1]!["statusCode"]!.GetValue<int>());

        var (_, composite) = await org.SendAsync(HttpMethod.Post, "composite", """
            {"compositeRequest":[{"method":"POST","url":"/services/data/v66.0/sobjects/Account","referenceId":"acct","body":{"Name":"Made"}},
            {"method":"POST","url":"/services/data/v66.0/sobjects/Contact","referenceId":"con","body":{"LastName":"For","AccountId":"@{acct.id}"}}]}
            """);
        Assert.Equal(201, composite!["compositeResponse"]![1]!["httpStatusCode"]!.GetValue<int>());
        Assert.Equal(1, await org.CountAsync("Contact WHERE Account.Name = 'Made'"));
    }

    [Fact]
    public async Task Roll_ups_follow_their_details_and_stamp_the_master()
    {
        await using var org = await TestOrg.StartAsync("easy-spaces");
        var before = (await org.QueryAsync("SELECT Id, Total_Daily_Booking_Rate__c FROM Market__c LIMIT 1"))["records"]![0]!;
        var market = before["Id"]!.GetValue<string>();
        var space = await org.CreateAsync("Space__c", new { Name = "New", Market__c = market, Daily_Booking_Rate__c = 100 });
        var total = before["Total_Daily_Booking_Rate__c"]!.GetValue<double>();
        async Task<double> Now() => (await org.QueryAsync($"SELECT Total_Daily_Booking_Rate__c FROM Market__c WHERE Id = '{market}' AND SystemModstamp = TODAY"))["records"]![0]!["Total_Daily_Booking_Rate__c"]!.GetValue<double>();
        Assert.Equal(total + 100, await Now());
        org.Host.Dml.Delete([space]);
        Assert.Equal(total, await Now());
    }
}
