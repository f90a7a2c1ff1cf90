using Appliance.Salesforce;
using Microsoft.AspNetCore.Http;

namespace Salesforce.Tests;

public sealed class Bulk_pages
{
    private const string Job = "750R0000000zlh9IAA";

    [Fact]
    public async Task The_word_null_ends_the_pages_and_locators_are_sent_as_they_came()
    {
        await using var fake = await FakeOrg.StartAsync((context, received) => received.Target switch
        {
            $"/services/data/v66.0/jobs/query/{Job}/results?maxRecords=2" => Page(context, "\"Id\"\n\"1\"\n\"2\"\n", 2, "MDowR2FIbjAwMDAwNXMyVDRLQUk6MQ"),
            $"/services/data/v66.0/jobs/query/{Job}/results?locator=MDowR2FIbjAwMDAwNXMyVDRLQUk6MQ&maxRecords=2" => Page(context, "\"Id\"\n\"3\"\n", 1, "null"),
            _ => FakeOrg.Error(context, 404, "NOT_FOUND", received.Target),
        });
        var pages = new List<string>();
        await foreach (var page in fake.Connect().QueryPagesAsync(Job, null, 2, CancellationToken.None))
            pages.Add($"{page.Locator ?? "start"}>{page.NextLocator ?? "end"}:{page.Records}:{string.Join(',', await Rows.OfAsync(page.Batches))}");
        Assert.Equal(["start>MDowR2FIbjAwMDAwNXMyVDRLQUk6MQ:2:1,2", "MDowR2FIbjAwMDAwNXMyVDRLQUk6MQ>end:1:3"], pages);
        Assert.All(fake.Calls, c => Assert.Equal("text/csv", c.Headers.Accept));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public async Task A_missing_locator_does_not_read_for_ever(string? locator)
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => Page(context, "\"Id\"\n\"1\"\n", 1, locator));
        Assert.Equal(["1"], await Rows.OfPagesAsync(fake.Connect().QueryPagesAsync(Job, null, 0, CancellationToken.None)));
    }

    [Fact]
    public async Task A_locator_that_names_its_own_page_does_not_read_for_ever()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => Page(context, "\"Id\"\n\"1\"\n", 1, "same"));
        await Assert.ThrowsAsync<SalesforceException>(() => Rows.OfPagesAsync(fake.Connect().QueryPagesAsync(Job, null, 0, CancellationToken.None)));
    }

    [Fact]
    public async Task A_page_that_breaks_off_is_transient_and_is_read_again_by_its_locator()
    {
        var csv = "\"Id\",\"Name\"\n" + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"\"{i}\",\"Name {i}\"\n"));
        var asked = 0;
        await using var fake = await FakeOrg.StartAsync((context, received) =>
        {
            context.Response.Headers["Sforce-Locator"] = "null";
            context.Response.Headers["Sforce-NumberOfRecords"] = "5000";
            return ++asked == 1 ? FakeOrg.CutOff(context, csv, 60_000) : Page(context, csv, 5_000, "null");
        });
        var org = fake.Connect();
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => Rows.OfPagesAsync(org.QueryPagesAsync(Job, "second", 0, CancellationToken.None)));
        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Equal(5_000, (await Rows.OfPagesAsync(org.QueryPagesAsync(Job, "second", 0, CancellationToken.None))).Count);
        Assert.All(fake.Calls, c => Assert.EndsWith("?locator=second", c.Target, StringComparison.Ordinal));
        Assert.True(org.BytesRead >= csv.Length);
    }

    [Fact]
    public async Task A_page_of_words_in_place_of_CSV_is_no_result_without_rows()
    {
        await using var fake = await FakeOrg.StartAsync((context, received) =>
        {
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<html><body>We are down for maintenance.</body></html>");
        });
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => Rows.OfPagesAsync(fake.Connect().QueryPagesAsync(Job, null, 0, CancellationToken.None)));
        Assert.Equal(FailureKind.Transient, failure.Kind);
    }

    [Fact]
    public async Task Fewer_rows_than_announced_are_a_transient_failure()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => Page(context, "\"Id\"\n\"1\"\n", 2, "null"));
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => Rows.OfPagesAsync(fake.Connect().QueryPagesAsync(Job, null, 0, CancellationToken.None)));
        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Contains("1 of the page's 2 rows", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_next_page_is_refused_while_rows_of_this_one_are_unread()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => Page(context, "\"Id\"\n\"1\"\n", 1, "more"));
        await using var pages = fake.Connect().QueryPagesAsync(Job, null, 0, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await pages.MoveNextAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pages.MoveNextAsync());
    }

    [Fact]
    public async Task Waiting_looks_soon_at_first_and_every_half_minute_in_the_end()
    {
        var looks = 0;
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Json(context,
            $$"""{"id":"{{Job}}","object":"Account","state":"{{(++looks < 12 ? "InProgress" : "JobComplete")}}","numberRecordsProcessed":{{looks * 10}}}"""));
        var time = new HurriedTime();
        var seen = new List<long>();
        var job = await fake.Connect(time: time).WaitForQueryJobAsync(Job, new Told(seen), CancellationToken.None);
        Assert.Equal(120, job.RecordsProcessed);
        Assert.Equal(Enumerable.Range(1, 12).Select(i => i * 10L), seen);
        Assert.Equal([0.2, 0.5, 1, 2, 3, 5, 8, 13, 21, 30, 30, 30], time.Waits.Select(w => w.TotalSeconds));
    }

    [Fact]
    public async Task A_failed_job_tells_its_cause_and_whether_rest_can_help()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Json(context,
            """{"id":"1","object":"Thing","state":"Failed","errorMessage":"FeatureNotEnabled : Cannot serialize value for 'X' in CSV format"}"""));
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => fake.Connect().WaitForQueryJobAsync(Job, null, CancellationToken.None));
        Assert.True(failure.BulkUnsupported);
    }

    [Theory]
    [InlineData("API_ERROR", "Selecting compound data not supported in Bulk Query", true)]
    [InlineData("INVALIDENTITY", "Entity 'TaskStatus' is not supported by the Bulk API.", true)]
    [InlineData("API_ERROR", "Implementation restriction: X requires a filter", true)]
    [InlineData("INVALIDJOB", "entity type X does not support query", true)]
    [InlineData("INVALID_FIELD", "No such column 'X' on entity 'Account'.", false)]
    [InlineData("LIMIT_EXCEEDED", "Max bulk v2 query jobs (10000) per 24 hrs has been reached", false)]
    public async Task Refusals_tell_whether_rest_can_read_it_instead(string code, string message, bool unsupported)
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Error(context, 400, code, message));
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => fake.Connect().CreateQueryJobAsync("SELECT Id FROM X", true, CancellationToken.None));
        Assert.Equal(unsupported, failure.BulkUnsupported);
        Assert.Contains("\"operation\":\"queryAll\"", fake.Calls.First().Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_is_gone_is_null_and_deleting_it_is_fine()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Error(context, 404, "NOT_FOUND", "The requested resource does not exist"));
        var org = fake.Connect();
        Assert.Null(await org.GetIngestJobAsync(Job, CancellationToken.None));
        Assert.Null(await org.GetQueryJobAsync(Job, CancellationToken.None));
        await org.DeleteQueryJobAsync(Job, CancellationToken.None);
        await org.AbortIngestJobAsync(Job, CancellationToken.None);
        Assert.Equal(404, (await Assert.ThrowsAsync<SalesforceException>(() => org.WaitForIngestJobAsync(Job, CancellationToken.None))).StatusCode);
    }

    [Fact]
    public async Task A_running_job_is_aborted_before_it_is_deleted()
    {
        var aborted = false;
        await using var fake = await FakeOrg.StartAsync((context, received) =>
        {
            if (received.Method == "DELETE" && !aborted)
                return FakeOrg.Error(context, 400, "API_ERROR", "Error encountered when deleting the job because the job is not terminated");
            aborted |= received.Method == "PATCH" && received.Body.Contains("Aborted", StringComparison.Ordinal);
            return FakeOrg.Json(context, "{}", received.Method == "DELETE" ? 204 : 200);
        });
        await fake.Connect().DeleteQueryJobAsync(Job, CancellationToken.None);
        Assert.Equal(["DELETE", "PATCH", "DELETE"], fake.Calls.Select(c => c.Method));
    }

    private static Task Page(HttpContext context, string csv, int records, string? locator)
    {
        context.Response.ContentType = "text/csv";
        context.Response.Headers["Sforce-NumberOfRecords"] = records.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (locator is not null)
            context.Response.Headers["Sforce-Locator"] = locator;
        return context.Response.WriteAsync(csv);
    }

    private sealed class Told(List<long> seen) : IProgress<long>
    {
        public void Report(long value) => seen.Add(value);
    }
}

internal static class Rows
{
    public static async Task<List<string>> OfAsync(IAsyncEnumerable<RecordBatch> batches)
    {
        var rows = new List<string>();
        await foreach (var batch in batches)
            for (var row = 0; row < batch.Count; row++)
                rows.Add(string.Join('|', Enumerable.Range(0, batch.Columns.Count).Select(column => batch.Text(row, column))));
        return rows;
    }

    public static async Task<List<string>> OfPagesAsync(IAsyncEnumerable<BulkPage> pages)
    {
        var rows = new List<string>();
        await foreach (var page in pages)
            rows.AddRange(await OfAsync(page.Batches));
        return rows;
    }
}
