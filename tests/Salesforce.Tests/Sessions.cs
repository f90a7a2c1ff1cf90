using Appliance.Salesforce;

namespace Salesforce.Tests;

public sealed class Sessions
{
    private static readonly Func<Microsoft.AspNetCore.Http.HttpContext, Received, Task> OnlyRenewed = (context, received) =>
        received.Token.Contains("renewed", StringComparison.Ordinal) ? FakeOrg.Json(context, """{"DailyApiRequests":{"Max":10,"Remaining":4}}""") : FakeOrg.Expired(context);

    [Fact]
    public async Task Many_calls_that_meet_the_end_of_a_session_renew_it_once()
    {
        await using var fake = await FakeOrg.StartAsync(OnlyRenewed);
        var org = fake.Connect();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => org.LimitsAsync(CancellationToken.None)));
        Assert.All(answers, a => Assert.Equal(4, a.DailyApiRequests!.Remaining));
        Assert.Equal(1, fake.TokenPosts);
        var stored = Assert.Single(fake.StoredTokens);
        Assert.Equal("5Aep-refresh", stored.RefreshToken);   // not rotated: the old one is to be kept
        Assert.Equal("00DXX0000001gER2AY", stored.OrganizationId);
        Assert.Equal("005XX000001Sv6mYAC", stored.UserId);
    }

    [Fact]
    public async Task A_call_is_sent_again_with_the_same_body_after_renewal()
    {
        await using var fake = await FakeOrg.StartAsync((context, received) =>
            received.Token.Contains("renewed", StringComparison.Ordinal) ? FakeOrg.Json(context, """{"id":"001XX0000000001YAA","success":true,"errors":[]}""", 201) : FakeOrg.Expired(context));
        var saved = await fake.Connect().CreateAsync("Account", new() { ["Name"] = "Acme" }, CancellationToken.None);
        Assert.True(saved.Success);
        Assert.Equal(2, fake.Calls.Count());
        Assert.All(fake.Calls, c => Assert.Equal("""{"Name":"Acme"}""", c.Body));
    }

    [Fact]
    public async Task A_rotated_refresh_token_is_used_from_then_on()
    {
        var round = 0;
        await using var fake = await FakeOrg.StartAsync((context, received) =>
            received.Token.EndsWith($"token{round}", StringComparison.Ordinal) && round > 0 ? FakeOrg.Json(context, "{}") : FakeOrg.Expired(context));
        fake.TokenAnswer = context => FakeOrg.Json(context,
            $$"""{"access_token":"00D!token{{++round}}","refresh_token":"5Aep-{{round}}","instance_url":"{{fake.Url}}","id":"{{fake.Url}}id/00DXX0000001gER2AY/005XX000001Sv6mYAC"}""");
        var org = fake.Connect();
        await org.LimitsAsync(CancellationToken.None);
        round = 1;
        Assert.Equal("5Aep-1", fake.StoredTokens.Single().RefreshToken);
        fake.TokenAnswer = context => FakeOrg.Json(context,
            $$"""{"access_token":"00D!token{{round = 2}}","instance_url":"{{fake.Url}}","id":"{{fake.Url}}id/00DXX0000001gER2AY/005XX000001Sv6mYAC"}""");
        round = 2;   // the first renewed token has ended too
        await org.LimitsAsync(CancellationToken.None);
        Assert.Contains("refresh_token=5Aep-1", fake.Requests.Last(r => r.Path == "/services/oauth2/token").Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_renewal_asks_to_reconnect_and_is_not_tried_again()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Expired(context));
        fake.TokenAnswer = context => FakeOrg.Json(context, """{"error":"invalid_grant","error_description":"expired access/refresh token"}""", 400);
        var org = fake.Connect();
        var calls = Enumerable.Range(0, 5).Select(_ => Record.ExceptionAsync(() => org.LimitsAsync(CancellationToken.None)).AsTask());
        foreach (var failure in await Task.WhenAll(calls))
        {
            var refused = Assert.IsType<SalesforceException>(failure);
            Assert.Equal(FailureKind.Operator, refused.Kind);
            Assert.Equal("invalid_grant", refused.ErrorCode);
            Assert.Contains("Reconnect the org", refused.Remedy, StringComparison.Ordinal);
            Assert.DoesNotContain("5Aep", refused.ToString(), StringComparison.Ordinal);
        }
        Assert.Equal(1, fake.TokenPosts);
    }

    [Fact]
    public async Task An_overloaded_login_host_is_asked_again()
    {
        await using var fake = await FakeOrg.StartAsync(OnlyRenewed);
        var answer = fake.TokenAnswer;
        fake.TokenAnswer = context =>
        {
            fake.TokenAnswer = answer;
            return FakeOrg.Json(context, """{"error":"server_error","error_description":"try later"}""", 503);
        };
        await fake.Connect().LimitsAsync(CancellationToken.None);
        Assert.Equal(2, fake.TokenPosts);
    }

    [Fact]
    public async Task A_session_that_ends_again_at_once_is_not_renewed_for_ever()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Expired(context));
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => fake.Connect().LimitsAsync(CancellationToken.None));
        Assert.Equal(FailureKind.Operator, failure.Kind);
        Assert.Equal("INVALID_SESSION_ID", failure.ErrorCode);
        Assert.Equal(1, fake.TokenPosts);
        Assert.Equal(2, fake.Calls.Count());
    }

    [Fact]
    public async Task Without_a_refresh_token_the_operator_is_told()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Expired(context));
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => fake.Connect(refreshToken: null).LimitsAsync(CancellationToken.None));
        Assert.Equal((FailureKind.Operator, "Reconnect the org."), (failure.Kind, failure.Remedy));
    }

    [Fact]
    public async Task A_refusal_of_the_app_is_no_end_of_the_session()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) =>
            FakeOrg.Error(context, 401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"));
        await Assert.ThrowsAsync<SalesforceException>(() => fake.Connect().LimitsAsync(CancellationToken.None));
        Assert.Equal(0, fake.TokenPosts);
    }

    [Fact]
    public async Task The_identity_service_ends_sessions_in_plain_text()
    {
        await using var fake = await FakeOrg.StartAsync(async (context, received) =>
        {
            if (received.Token.Contains("renewed", StringComparison.Ordinal))
            {
                await FakeOrg.Json(context, """{"organization_id":"00DXX0000001gER2AY","user_id":"005XX000001Sv6mYAC","preferred_username":"a@b.example","name":"A B"}""");
                return;
            }
            context.Response.StatusCode = 403;
            context.Response.ContentType = "text/html";
            await context.Response.Body.WriteAsync("Bad_OAuth_Token"u8.ToArray());
        });
        Assert.Equal(new OrgIdentity("00DXX0000001gER2AY", "005XX000001Sv6mYAC", "a@b.example", "A B"), await fake.Connect().IdentityAsync(CancellationToken.None));
    }

    [Fact]
    public async Task The_soap_service_ends_sessions_by_a_fault_and_gets_the_new_token_in_its_body()
    {
        await using var fake = await FakeOrg.StartAsync(async (context, received) =>
        {
            context.Response.ContentType = "text/xml";
            var ended = !received.Body.Contains("renewed", StringComparison.Ordinal);
            context.Response.StatusCode = ended ? 500 : 200;
            await context.Response.Body.WriteAsync(System.Text.Encoding.UTF8.GetBytes(ended
                ? """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com"><soapenv:Body><soapenv:Fault><faultcode>sf:INVALID_SESSION_ID</faultcode><faultstring>INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>"""
                : """<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><undeleteResponse><result><id>001XX0000000001YAA</id><success>true</success></result><result><errors><fields xsi:nil="true"/><message>Entity is not in the recycle bin</message><statusCode>UNDELETE_FAILED</statusCode></errors><id>001XX0000000002YAA</id><success>false</success></result></undeleteResponse></soapenv:Body></soapenv:Envelope>"""));
        });
        var results = await fake.Connect().UndeleteAsync(["001XX0000000001YAA", "001XX0000000002YAA"], CancellationToken.None);
        Assert.Equal([true, false], results.Select(r => r.Success));
        Assert.Equal("UNDELETE_FAILED", Assert.Single(results[1].Errors).StatusCode);
        Assert.Equal("/services/Soap/u/66.0", fake.Calls.Last().Path);
    }
}
