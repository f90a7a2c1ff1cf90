using System.Text;
using Appliance.Salesforce;

namespace Salesforce.Tests;

public sealed class Files_on_the_wire
{
    [Fact]
    public async Task A_file_travels_as_two_parts_of_known_length()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Json(context, """{"id":"068XX0000000001YAA","success":true,"errors":[]}""", 201));
        using var content = new MemoryStream("skip me|the bytes"u8.ToArray()) { Position = 8 };
        var saved = await fake.Connect().CreateWithFileAsync("ContentVersion", new() { ["Title"] = "Größe" }, "VersionData", "Grö\"ße.txt", content, 9, CancellationToken.None);
        Assert.Equal("068XX0000000001YAA", saved.Id);
        var call = fake.Calls.Single();
        var boundary = call.Headers.ContentType.ToString().Split("boundary=")[1];
        Assert.DoesNotContain("\"", boundary, StringComparison.Ordinal);
        Assert.Equal(Encoding.UTF8.GetByteCount(call.Body), call.Headers.ContentLength);
        var parts = call.Body.Split("--" + boundary);
        Assert.Contains("Content-Disposition: form-data; name=\"entity_content\"\r\n", parts[1], StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/json", parts[1], StringComparison.Ordinal);
        Assert.Contains("Content-Disposition: form-data; name=\"VersionData\"; filename=\"Gr___e.txt\"\r\n", parts[2], StringComparison.Ordinal);
        Assert.EndsWith("\r\n\r\nthe bytes\r\n", parts[2], StringComparison.Ordinal);
        Assert.True(content.CanRead);
    }

    [Fact]
    public async Task A_download_that_breaks_off_throws_instead_of_ending_early()
    {
        var body = new string('x', 100_000);
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.CutOff(context, body, 50_000));
        await using var stream = await fake.Connect().OpenBlobAsync("ContentVersion", "068XX0000000001YAA", "VersionData", CancellationToken.None);
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => stream.CopyToAsync(Stream.Null));
        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Equal("/services/data/v66.0/sobjects/ContentVersion/068XX0000000001YAA/VersionData", fake.Calls.Single().Path);
    }

    [Fact]
    public async Task A_stream_that_cannot_be_read_again_is_told_to_the_caller_when_the_session_ended()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => FakeOrg.Expired(context));
        var org = fake.Connect();
        var pipe = new System.IO.Pipelines.Pipe();
        await pipe.Writer.WriteAsync("Id\n"u8.ToArray());
        await pipe.Writer.CompleteAsync();
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => org.UploadAsync("750", pipe.Reader.AsStream(), CancellationToken.None));
        Assert.Equal(FailureKind.Transient, failure.Kind);
        Assert.Equal(1, fake.TokenPosts);
        Assert.Single(fake.Calls);
    }
}
