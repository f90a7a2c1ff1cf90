using System.IO.Compression;
using System.Text;
using Appliance.Salesforce;
using Microsoft.AspNetCore.Http;

namespace Salesforce.Tests;

/// <summary>What a well-behaved org would never send, and how calls look from its side.</summary>
public sealed class Metadata_on_the_wire
{
    private const string Api = "http://soap.sforce.com/2006/04/metadata";

    [Fact]
    public async Task The_session_stands_in_the_body_alone_and_the_files_come_as_they_are()
    {
        await using var fake = await StartAsync(Zip(("unpackaged/package.xml", "<Package/>"), ("unpackaged/classes/A.cls", "class A {}")));
        await using var retrieved = await fake.Connect("00DXX0000001gER!first").RetrieveMetadataAsync([new("ApexClass", "A"), new("ApexClass", "B"), new("Layout", "L")], CancellationToken.None);
        Assert.Equal("classes/A.cls", Assert.Single(retrieved.Files).Path);
        using var text = new StreamReader(retrieved.Files[0].Open());
        Assert.Equal("class A {}", await text.ReadToEndAsync());
        Assert.All(fake.Calls, c => Assert.Equal("", c.Headers.Authorization.ToString()));
        Assert.All(fake.Calls, c => Assert.Contains("<sessionId>00DXX0000001gER!first</sessionId>", c.Body, StringComparison.Ordinal));
        Assert.All(fake.Calls, c => Assert.Equal("/services/Soap/m/66.0", c.Path));
        Assert.Contains("<types><members>A</members><members>B</members><name>ApexClass</name></types><types><members>L</members><name>Layout</name></types><version>66.0</version>", fake.Calls.First().Body, StringComparison.Ordinal);
        Assert.Equal(["", "false", "true"], fake.Calls.Select(c => c.Body.Split("<includeZip>") is [_, var rest] ? rest.Split('<')[0] : ""));
    }

    [Theory]
    [InlineData("unpackaged/../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("unpackaged//classes/A.cls")]
    [InlineData("unpackaged/classes\\..\\..\\A.cls")]
    [InlineData("unpackaged/C:/A.cls")]
    [InlineData("unpackaged/classes/./A.cls")]
    [InlineData("unpackaged/classes/A\n.cls")]
    public async Task A_file_whose_name_leads_elsewhere_is_refused(string path) => await RefusedAsync(Zip((path, "x")), "is named");

    [Fact]
    public async Task Two_files_of_one_name_are_refused() => await RefusedAsync(Zip(("unpackaged/a/b", "x"), ("unpackaged/a/b", "y")), "two files");

    [Fact]
    public async Task What_is_no_zip_is_refused() => await RefusedAsync("no zip at all, and long enough to look like one"u8.ToArray(), "is not unpacked");

    [Fact]
    public async Task More_files_than_Salesforce_gives_are_refused() =>
        await RefusedAsync(Zip([.. Enumerable.Range(0, RetrievedMetadata.MostFiles + 2).Select(i => ($"unpackaged/classes/A{i}.cls", ""))]), "more than Salesforce allows");

    /// <summary>700 MB of one letter are less than a megabyte in the zip.</summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task A_zip_that_unpacks_to_more_than_Salesforce_gives_is_refused_also_when_it_lies_about_it(bool lies)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            using var entry = zip.CreateEntry("unpackaged/classes/A.cls", CompressionLevel.Fastest).Open();
            var block = new byte[1 << 20];
            for (var i = 0; i < 700; i++) entry.Write(block);
        }
        var bomb = bytes.ToArray();
        if (lies)      // the length in the directory at the end: 24 bytes behind its mark
            BitConverter.TryWriteBytes(bomb.AsSpan(bomb.AsSpan().LastIndexOf("PK\x01\x02"u8) + 24), 1000);
        await using var fake = await StartAsync(bomb);
        var refused = await Assert.ThrowsAsync<SalesforceException>(async () =>
        {
            await using var retrieved = await fake.Connect().RetrieveMetadataAsync([new("ApexClass", "A")], CancellationToken.None);
            await using var content = retrieved.Files[0].Open();
            var read = 0L;
            var buffer = new byte[1 << 20];
            for (int n; (n = await content.ReadAsync(buffer)) > 0; read += n) Assert.True(read < RetrievedMetadata.MostBytes + (1 << 20));
            if (read <= 1000) throw new SalesforceException(FailureKind.Permanent, "unpacked no further than it said", "");      // as good
        });
        Assert.Equal(FailureKind.Permanent, refused.Kind);
    }

    [Fact]
    public async Task A_document_type_in_an_answer_is_refused()
    {
        await using var fake = await FakeOrg.StartAsync((context, _) =>
        {
            context.Response.ContentType = "text/xml";
            return context.Response.WriteAsync($"<!DOCTYPE e [<!ENTITY x \"CustomObject\">]><e><metadataObjects xmlns=\"{Api}\"><xmlName>&x;</xmlName></metadataObjects></e>");
        });
        var failed = await Assert.ThrowsAsync<SalesforceException>(() => fake.Connect().DescribeMetadataAsync(CancellationToken.None));
        Assert.Equal(FailureKind.Transient, failed.Kind);       // as any answer that is not what was expected
    }

    [Fact]
    public async Task A_zip_that_was_given_and_lost_is_gathered_again()
    {
        var retrieves = 0;
        await using var fake = await FakeOrg.StartAsync((context, received) =>
        {
            if (received.Body.Contains(":retrieve", StringComparison.Ordinal) || received.Body.Contains("<retrieve", StringComparison.Ordinal)) retrieves++;
            return Answer(context, received, retrieves < 3 ? null : Zip(("unpackaged/classes/A.cls", "class A {}")));
        });
        await using var retrieved = await fake.Connect().RetrieveMetadataAsync([new("ApexClass", "A")], CancellationToken.None);
        Assert.Equal(3, retrieves);
        Assert.Single(retrieved.Files);
    }

    [Theory]
    [InlineData("LIMIT_EXCEEDED", "Too many files in retrieve call, limit is: 10000", SalesforceException.MetadataLimit, FailureKind.Permanent)]
    [InlineData("INSUFFICIENT_ACCESS", "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions", "INSUFFICIENT_ACCESS", FailureKind.Operator)]
    public async Task A_refusal_is_told_by_what_it_means_here(string code, string text, string means, FailureKind kind)
    {
        await using var fake = await FakeOrg.StartAsync((context, _) => Soap(context,
            $"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {text}</faultstring></soapenv:Fault>", 500));
        var failed = await Assert.ThrowsAsync<SalesforceException>(() => fake.Connect().RetrieveMetadataAsync([new("ApexClass", "A")], CancellationToken.None));
        Assert.Equal((means, kind), (failed.ErrorCode, failed.Kind));
        Assert.Contains(text, failed.Message, StringComparison.Ordinal);
        Assert.False(failed.OutOfQuota);
    }

    /// <summary>SOAP answers do not tell what is used of the quota: each counts as one call until another answer tells.</summary>
    [Fact]
    public async Task Every_call_counts_against_the_ceiling()
    {
        await using var fake = await FakeOrg.StartAsync((context, received) =>
        {
            if (received.Method == "GET")
            {
                context.Response.Headers["Sforce-Limit-Info"] = "api-usage=60/100";
                return FakeOrg.Json(context, """{"sobjects":[]}""");
            }
            return Soap(context, $"<listMetadataResponse xmlns=\"{Api}\"/>");
        });
        var org = fake.Connect();
        org.Budget.Ceilings = new ApiCeilings(80, 80);
        await org.DescribeGlobalAsync(CancellationToken.None);
        var held = await Assert.ThrowsAsync<SalesforceException>(async () =>
        {
            for (var i = 0; i < 30; i++) await org.ListMetadataAsync([new("ApexClass")], CancellationToken.None);
        });
        Assert.Equal(SalesforceException.RestCeiling, held.ErrorCode);
        Assert.InRange(fake.Calls.Count(), 10, 21);
    }

    private static async Task RefusedAsync(byte[] zip, string why)
    {
        await using var fake = await StartAsync(zip);
        var refused = await Assert.ThrowsAsync<SalesforceException>(() => fake.Connect().RetrieveMetadataAsync([new("ApexClass", "A")], CancellationToken.None));
        Assert.Equal(FailureKind.Permanent, refused.Kind);
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    private static Task<FakeOrg> StartAsync(byte[] zip) => FakeOrg.StartAsync((context, received) => Answer(context, received, zip));

    private static Task Answer(HttpContext context, Received received, byte[]? zip) => Soap(context,
        !received.Body.Contains("checkRetrieveStatus", StringComparison.Ordinal) ? $"<retrieveResponse xmlns=\"{Api}\"><result><done>false</done><id>09S000000000001AAA</id><state>Queued</state></result></retrieveResponse>"
            : $"<checkRetrieveStatusResponse xmlns=\"{Api}\"><result><done>true</done><id>09S000000000001AAA</id><status>Succeeded</status><success>true</success>"
                + (zip is not null && received.Body.Contains("<includeZip>true", StringComparison.Ordinal) ? $"<zipFile>{Convert.ToBase64String(zip)}</zipFile>" : "<zipFile xsi:nil=\"true\"/>")
                + "</result></checkRetrieveStatusResponse>");

    private static Task Soap(HttpContext context, string body, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/xml;charset=UTF-8";
        return context.Response.WriteAsync($"<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>");
    }

    private static byte[] Zip(params (string Path, string Text)[] files)
    {
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
            foreach (var (path, text) in files)
            {
                using var entry = zip.CreateEntry(path).Open();
                entry.Write(Encoding.UTF8.GetBytes(text));
            }
        return bytes.ToArray();
    }
}
