using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Appliance.Salesforce;

namespace Salesforce.Tests;

public sealed class Repeating_calls
{
    private const string Limits = """{"DailyApiRequests":{"Max":10,"Remaining":4}}""";

    [Theory]
    [InlineData(420)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    [InlineData(406)]
    public async Task A_read_is_repeated_when_the_org_is_overloaded(int status)
    {
        var asked = 0;
        await using var fake = await FakeOrg.StartAsync((context, _) =>
        {
            if (++asked > 2)
                return FakeOrg.Json(context, Limits);
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        var time = new HurriedTime();
        var limits = await fake.Connect(time: time).LimitsAsync(CancellationToken.None);
        Assert.Equal(4, limits.DailyApiRequests!.Remaining);
        Assert.Equal(3, asked);
        Assert.Equal(2, time.Waits.Count);
    }

    [Fact]
    public async Task After_the_last_attempt_the_last_failure_is_thrown()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Error(context, 503, "SERVER_UNAVAILABLE", "Down"));
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => fake.Connect().LimitsAsync(CancellationToken.None));
        Assert.Equal((FailureKind.Transient, 503, "SERVER_UNAVAILABLE"), (failure.Kind, failure.StatusCode, failure.ErrorCode));
        Assert.Equal(7, fake.Calls.Count());
    }

    [Fact]
    public async Task A_refusal_is_not_repeated()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Error(context, 400, "INVALID_FIELD", "No such column"));
        await Assert.ThrowsAsync<SalesforceException>(() => fake.Connect().LimitsAsync(CancellationToken.None));
        Assert.Single(fake.Calls);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_that_breaks_off_is_asked_for_again(bool packed)
    {
        var asked = 0;
        await using var fake = await FakeOrg.StartAsync(async (context, received) =>
        {
            Assert.Contains("gzip", received.Headers.AcceptEncoding.ToString(), StringComparison.Ordinal);
            var body = Encoding.UTF8.GetBytes(Limits);
            if (packed)
            {
                using var target = new MemoryStream();
                using (var gzip = new GZipStream(target, CompressionLevel.Fastest))
                    gzip.Write(body);
                body = target.ToArray();
                context.Response.Headers.ContentEncoding = "gzip";
            }
            context.Response.ContentType = "application/json";
            // Without a length announced, only the text itself tells that a part is missing.
            await context.Response.Body.WriteAsync(++asked == 1 ? body.AsMemory(0, body.Length - 12) : body);
        });
        Assert.Equal(4, (await fake.Connect().LimitsAsync(CancellationToken.None)).DailyApiRequests!.Remaining);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_dropped_connection_is_taken_up_again()
    {
        var asked = 0;
        await using var fake = await FakeOrg.StartAsync((context, _) => ++asked == 1 ? FakeOrg.CutOff(context, Limits, 10) : FakeOrg.Json(context, Limits));
        Assert.Equal(4, (await fake.Connect().LimitsAsync(CancellationToken.None)).DailyApiRequests!.Remaining);
    }

    [Fact]
    public async Task A_page_of_a_proxy_in_the_orgs_place_is_not_taken_for_an_answer()
    {
        var asked = 0;
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Json(context, ++asked == 1 ? "<html>maintenance</html>" : Limits));
        await fake.Connect().LimitsAsync(CancellationToken.None);
        Assert.Equal(2, asked);
    }

    [Theory]
    [InlineData(503)]
    [InlineData(0)]
    public async Task Creating_is_never_repeated_and_the_unknown_outcome_is_told(int status)
    {
        await using var fake = await FakeOrg.StartAsync((context, _) =>
        {
            if (status > 0)
                return FakeOrg.Error(context, status, "SERVER_UNAVAILABLE", "Down");
            context.Abort();   // the deed may be done, the answer is lost
            return Task.CompletedTask;
        });
        var org = fake.Connect();
        foreach (var create in new Func<Task>[]
        {
            () => org.CreateAsync("Account", new() { ["Name"] = "A" }, CancellationToken.None),
            () => org.CreateManyAsync("Account", [new() { ["Name"] = "A" }], CancellationToken.None),
            () => org.CreateWithFileAsync("Attachment", new() { ["Name"] = "A" }, "Body", "a.txt", new MemoryStream([1, 2]), 2, CancellationToken.None),
            () => org.UndeleteAsync(["001XX0000000001YAA"], CancellationToken.None),
        })
        {
            var before = fake.Calls.Count();
            var failure = await Assert.ThrowsAsync<SalesforceException>(create);
            Assert.True(failure.OutcomeUnknown);
            Assert.Equal(FailureKind.Transient, failure.Kind);
            Assert.Equal(before + 1, fake.Calls.Count());
        }
    }

    [Fact]
    public async Task Updates_and_describes_are_repeated_though_they_are_posted()
    {
        var asked = 0;
        await using var fake = await FakeOrg.StartAsync((context, received) =>
            ++asked % 2 == 1 ? FakeOrg.Error(context, 503, "SERVER_UNAVAILABLE", "Down")
            : received.Method == "PATCH" ? FakeOrg.Json(context, """[{"id":"001XX0000000001YAA","success":true,"errors":[]}]""")
            : FakeOrg.Json(context, """{"hasErrors":false,"results":[{"statusCode":200,"result":{"name":"Account","fields":[],"childRelationships":[]}}]}"""));
        var org = fake.Connect();
        var saved = await org.UpdateManyAsync("Account", [new() { ["Id"] = "001XX0000000001YAA", ["Name"] = null }], CancellationToken.None);
        Assert.True(Assert.Single(saved).Success);
        var call = fake.Calls.Last();
        Assert.Equal("""{"allOrNone":false,"records":[{"attributes":{"type":"Account"},"Id":"001XX0000000001YAA","Name":null}]}""", call.Body);
        Assert.Equal("FALSE", call.Headers["Sforce-Auto-Assign"]);
        Assert.Equal("allowSave=true", call.Headers["Sforce-Duplicate-Rule-Header"]);
        Assert.Equal("Account", Assert.Single(await org.DescribeManyAsync(["Account"], CancellationToken.None)).Name);
    }

    [Fact]
    public async Task An_upload_whose_answer_was_lost_counts_when_the_org_has_it()
    {
        var asked = 0;
        await using var fake = await FakeOrg.StartAsync((context, received) =>
        {
            Assert.Equal("Id\n1\n", received.Body);
            if (++asked > 1)
                return FakeOrg.Error(context, 400, "CLIENTERROR", "InvalidBatch : Found multiple contents for job: <750>, please 'Close' / 'Abort' / 'Delete' the current Job");
            context.Abort();
            return Task.CompletedTask;
        });
        await fake.Connect().UploadAsync("750XX0000000001AAA", new MemoryStream("Id\n1\n"u8.ToArray()), CancellationToken.None);
        Assert.Equal(2, asked);
    }

    [Fact]
    public async Task A_refused_connection_says_so_and_even_creating_is_repeated()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var nowhere = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        listener.Stop();
        var time = new HurriedTime();
        using var http = Org.NewHttpClient();
        var org = new Org(http, new(nowhere, "c", null, nowhere, "00D!t", null), (_, _) => Task.CompletedTask, time,
            Microsoft.Extensions.Logging.Abstractions.NullLogger<Org>.Instance);
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => org.CreateAsync("Account", [], CancellationToken.None));
        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.False(failure.OutcomeUnknown);
        Assert.Contains("does not accept a connection", failure.Message, StringComparison.Ordinal);
        Assert.Equal(6, time.Waits.Count(w => w > TimeSpan.Zero && w < TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task A_name_that_does_not_resolve_is_told_as_such()
    {
        var nowhere = new Uri("http://org.invalid");
        using var http = Org.NewHttpClient();
        var org = new Org(http, new(nowhere, "c", null, nowhere, "00D!t", null), (_, _) => Task.CompletedTask, new HurriedTime(),
            Microsoft.Extensions.Logging.Abstractions.NullLogger<Org>.Instance);
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => org.LimitsAsync(CancellationToken.None));
        Assert.Contains("org.invalid cannot be resolved", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_call_is_no_failure_of_the_org()
    {
        using var stop = new CancellationTokenSource();
        await using var fake = await FakeOrg.StartAsync(async (context, _) =>
        {
            await stop.CancelAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fake.Connect().LimitsAsync(stop.Token));
    }
}
