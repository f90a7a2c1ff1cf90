using System.Net.Http.Headers;
using System.Text;

namespace OrgSimulator.Tests;

public sealed class FileTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_version_makes_its_document_and_the_link_to_its_owner_whatever_the_order_of_parts(bool binaryFirst)
    {
        await using var org = await TestOrg.StartAsync();
        byte[] bytes = [0, 13, 10, 45, 45, 255, 1];
        using var json = new StringContent("""{"Title":"Scan","PathOnClient":"scan.bin"}""", Encoding.UTF8, "application/json");
        using var blob = new ByteArrayContent(bytes);
        blob.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var form = new MultipartFormDataContent();
        if (binaryFirst) form.Add(blob, "VersionData", "scan.bin");
        form.Add(json, "entity_content");
        if (!binaryFirst) form.Add(blob, "VersionData", "scan.bin");
        using var answer = await org.Http.PostAsync(TestOrg.Base + "/sobjects/ContentVersion", form);
        Assert.Equal(201, (int)answer.StatusCode);

        var version = (await org.QueryAsync("SELECT Id, ContentDocumentId, VersionData, Checksum, ContentSize, FileExtension, IsLatest, ContentDocument.Title FROM ContentVersion"))["records"]![0]!;
        Assert.Equal(bytes, await org.Http.GetByteArrayAsync(version["VersionData"]!.GetValue<string>()));
        Assert.Equal(7, version["ContentSize"]!.GetValue<int>());
        Assert.Equal("Scan", version["ContentDocument"]!["Title"]!.GetValue<string>());
        var document = version["ContentDocumentId"]!.GetValue<string>();
        var link = (await org.QueryAsync($"SELECT LinkedEntityId, ShareType FROM ContentDocumentLink WHERE ContentDocumentId = '{document}'"))["records"]!.AsArray();
        Assert.Equal(org.Host.Store.AdminId, Assert.Single(link)!["LinkedEntityId"]!.GetValue<string>());

        var second = await org.CreateAsync("ContentVersion", new { ContentDocumentId = document, PathOnClient = "two.txt", VersionData = Convert.ToBase64String("two"u8.ToArray()) });
        Assert.Equal([second], await org.IdsAsync("SELECT Id FROM ContentVersion WHERE IsLatest = true"));
        Assert.Single((await org.QueryAsync($"SELECT Id FROM ContentDocumentLink WHERE ContentDocumentId = '{document}'"))["records"]!.AsArray());

        org.Host.Dml.Delete([document]);
        Assert.Empty(await org.IdsAsync("SELECT Id FROM ContentVersion"));
        Assert.Empty(await org.IdsAsync($"SELECT Id FROM ContentDocumentLink WHERE ContentDocumentId = '{document}'"));
        org.Host.Dml.Undelete([document]);
        Assert.Equal(2, (await org.IdsAsync("SELECT Id FROM ContentVersion")).Count);
    }

    [Fact]
    public async Task An_attachment_goes_with_its_parent_and_its_body_is_read_by_url()
    {
        await using var org = await TestOrg.StartAsync();
        var account = await org.CreateAsync("Account", new { Name = "Owner" });
        var attachment = await org.CreateAsync("Attachment", new { ParentId = account, Name = "a.txt", Body = Convert.ToBase64String("hello"u8.ToArray()) });
        Assert.Equal("hello", await org.Http.GetStringAsync($"{TestOrg.Base}/sobjects/Attachment/{attachment}/Body"));
        org.Host.Dml.Delete([account]);
        Assert.Empty(await org.IdsAsync("SELECT Id FROM Attachment"));
    }
}
