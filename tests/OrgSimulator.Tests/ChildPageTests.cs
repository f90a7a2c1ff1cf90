using System.Text.Json.Nodes;

namespace OrgSimulator.Tests;

/// <summary>Children count like records of a page, and many children of one record follow by an address of their own.</summary>
public sealed class ChildPageTests
{
    private static async Task<(TestOrg Org, string Big)> OrgAsync()
    {
        var org = await TestOrg.StartAsync();
        var big = await org.CreateAsync("Account", new { Name = "Big" });
        for (var i = 0; i < 3; i++)
            await org.SendAsync(HttpMethod.Post, "composite/sobjects", new { records = Enumerable.Range(0, 150).Select(n => new { attributes = new { type = "Contact" }, LastName = $"c{i * 150 + n:000}", AccountId = big }) });
        foreach (var name in (string[])["One", "Two"])
            await org.CreateAsync("Contact", new { LastName = name, AccountId = await org.CreateAsync("Account", new { Name = name }) });
        org.Http.DefaultRequestHeaders.Add("Sforce-Query-Options", "batchSize=200");
        return (org, big);
    }

    private static async Task<(List<string> Parents, Dictionary<string, List<string>> Children, int Pages)> ReadAsync(TestOrg org, string soql)
    {
        var (parents, children, pages) = (new List<string>(), new Dictionary<string, List<string>>(), 0);
        for (var page = await org.QueryAsync(soql); ; page = await org.GetAsync(page["nextRecordsUrl"]!.GetValue<string>()))
        {
            pages++;
            foreach (var record in page["records"]!.AsArray())
            {
                var name = record!["Name"]!.GetValue<string>();
                parents.Add(name);
                children[name] = [];
                for (var kids = record["Contacts"]; kids is not null; kids = kids["nextRecordsUrl"] is { } next ? await org.GetAsync(next.GetValue<string>()) : null)
                {
                    Assert.Equal(kids["done"]!.GetValue<bool>(), kids["nextRecordsUrl"] is null);
                    Assert.InRange(kids["records"]!.AsArray().Count, 1, 200);
                    children[name].AddRange(kids["records"]!.AsArray().Select(kid => kid!["LastName"]!.GetValue<string>()));
                }
            }
            if (page["done"]!.GetValue<bool>()) return (parents, children, pages);
        }
    }

    [Fact]
    public async Task Every_child_is_there_once_over_all_pages()
    {
        var (org, _) = await OrgAsync();
        await using var _1 = org;
        var (parents, children, pages) = await ReadAsync(org, "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName DESC) FROM Account ORDER BY Name");
        Assert.Equal(["Big", "One", "Two"], parents);
        Assert.Equal(Enumerable.Range(0, 450).Select(n => $"c{449 - n:000}"), children["Big"]);
        Assert.Equal(["One"], children["One"]);
        Assert.Equal(2, pages);      // the children of the first record fill its page
    }

    [Fact]
    public async Task Nobody_pages_where_the_children_fit()
    {
        var (org, big) = await OrgAsync();
        await using var _1 = org;
        var (_, children, pages) = await ReadAsync(org, $"SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName LIMIT 200) FROM Account WHERE Id = '{big}'");
        Assert.Equal((200, 1), (children["Big"].Count, pages));
    }

    [Fact]
    public async Task A_generated_org_pages_the_same_children()
    {
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 9000 });
        org.Http.DefaultRequestHeaders.Add("Sforce-Query-Options", "batchSize=200");
        var seen = 0;
        var next = "query?q=" + Uri.EscapeDataString("SELECT Id, (SELECT Id FROM Contacts) FROM Account");
        while (next is not null)
        {
            var page = await org.GetAsync(next);
            foreach (var record in page["records"]!.AsArray())
                for (var kids = record!["Contacts"]; kids is not null; kids = kids["nextRecordsUrl"] is { } more ? await org.GetAsync(more.GetValue<string>()) : null) seen += kids["records"]!.AsArray().Count;
            next = page["nextRecordsUrl"]?.GetValue<string>();
        }
        Assert.Equal(await org.CountAsync("Contact WHERE AccountId != null"), seen);
    }
}
