using Appliance.Salesforce;

namespace Salesforce.Tests;

public sealed class Failures_in_plain_words
{
    [Theory]
    [InlineData(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", FailureKind.Operator, "API calls of the last 24 hours are used up")]
    [InlineData(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded", FailureKind.Transient, "too many long calls at once")]
    [InlineData(403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner", FailureKind.Operator, "API is switched off")]
    [InlineData(403, "INSUFFICIENT_ACCESS", "insufficient access rights", FailureKind.Operator, "lacks a permission")]
    [InlineData(400, "QUERY_TIMEOUT", "Your query request was running for too long.", FailureKind.Permanent, "too long")]
    [InlineData(400, "INVALID_QUERY_LOCATOR", "invalid query locator", FailureKind.Permanent, "no longer knows this query's cursor")]
    [InlineData(404, "NOT_FOUND", "The requested resource does not exist", FailureKind.Permanent, "does not exist")]
    [InlineData(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred.", FailureKind.Transient, "unexpected error")]
    [InlineData(503, "SERVER_UNAVAILABLE", "", FailureKind.Transient, "unavailable")]
    public async Task Each_refusal_has_a_cause_a_kind_and_a_remedy(int status, string code, string message, FailureKind kind, string cause)
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Error(context, status, code, message));
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => fake.Connect().DescribeAsync("Account", CancellationToken.None));
        Assert.Equal((kind, code, status), (failure.Kind, failure.ErrorCode, failure.StatusCode));
        Assert.StartsWith("Describing Account failed: ", failure.Message, StringComparison.Ordinal);
        Assert.Contains(cause, failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Remedy);
    }

    [Fact]
    public async Task A_token_in_an_answer_does_not_reach_the_message()
    {
        await using var fake = await FakeOrg.StartAsync((context, received) => FakeOrg.Error(context, 400, "SOME_ERROR", $"what is {received.Token} doing here"));
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => fake.Connect().LimitsAsync(CancellationToken.None));
        Assert.Contains("what is … doing here", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Credentials_do_not_print_themselves()
    {
        var login = new Uri("https://login.salesforce.com");
        Assert.Equal("credentials for https://acme.my.salesforce.com/",
            new OrgCredentials(login, "client", "s3cret", new("https://acme.my.salesforce.com"), "00D!token", "5Aep").ToString());
        Assert.DoesNotContain("5Aep", new OAuthTokens("00D!token", "5Aep", login, "00D", "005").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_org_says_against_a_record_is_a_result_not_a_failure()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Error(context, 400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]"));
        var saved = await fake.Connect().CreateAsync("Account", [], CancellationToken.None);
        Assert.False(saved.Success);
        var error = Assert.Single(saved.Errors);
        Assert.Equal(("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]"), (error.StatusCode, error.Message));
    }

    [Fact]
    public async Task Usage_and_clock_come_from_the_newest_answer()
    {
        var used = 100;
        await using var fake = await FakeOrg.StartAsync((context, _) =>
        {
            context.Response.Headers["Sforce-Limit-Info"] = $"api-usage={used++}/15000; per-app-api-usage=17/250(appName=x)";
            context.Response.Headers.Date = "Mon, 02 Nov 2026 08:00:00 GMT";
            return FakeOrg.Json(context, "{}");
        });
        var org = fake.Connect();
        Assert.Equal(new ApiUsage(null, null, 0), org.Usage);
        await org.LimitsAsync(CancellationToken.None);
        await org.LimitsAsync(CancellationToken.None);
        Assert.Equal(new ApiUsage(101, 15_000, 3), org.Usage);   // the versions were asked for too
        Assert.Equal(new DateTimeOffset(2026, 11, 2, 8, 0, 0, TimeSpan.Zero), org.ServerTime);
    }
}
