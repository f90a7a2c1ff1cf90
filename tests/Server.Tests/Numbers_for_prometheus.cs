using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Appliance.Catalog;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Appliance.Server.Tests;

public sealed partial class Numbers_for_prometheus(ServerFixture server)
{
    [Fact]
    public async Task Need_a_sign_in_and_are_in_its_format()
    {
        using var anonymous = server.Anonymous();
        Assert.NotEqual(HttpStatusCode.OK, (await anonymous.GetAsync("/metrics")).StatusCode);

        await server.App.Services.GetRequiredService<Orgs>().AddAsync(new OrgConnection(
            "With \"quotes\" and \\", "00D0000000009M1EAA", new Uri("https://login.salesforce.com"), "client", null, new Uri("https://acme.my.salesforce.com"), "a-token-of-the-org", null), default);
        using var client = server.WithToken();
        var answer = await client.GetAsync("/metrics");
        Assert.Equal("text/plain", answer.Content.Headers.ContentType?.MediaType);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.All(text.TrimEnd('\n').Split('\n'), line => Assert.Matches(Line(), line));
        Assert.Contains("appliance_org_token_valid{org=\"00D0000000009M1EAA\",name=\"With \\\"quotes\\\" and \\\\\"} 1", text, StringComparison.Ordinal);
        Assert.Matches("appliance_disk_free_bytes [1-9]", text);
        Assert.DoesNotContain("a-token-of-the-org", text, StringComparison.Ordinal);

        // The page names every one of them.
        var page = await File.ReadAllTextAsync(Path.Combine(ServerFixture.Root(), "docs", "operations.md"));
        foreach (var name in Name().Matches(text).Select(m => m.Groups[1].Value).Where(n => n.StartsWith("appliance_", StringComparison.Ordinal))) Assert.Contains($"`{name}", page, StringComparison.Ordinal);
    }

    [GeneratedRegex("""^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="(\\.|[^"\\])*",?)+\})? [0-9.E+-]+)$""")]
    private static partial Regex Line();

    [GeneratedRegex("(?m)^# TYPE ([a-z_]+) ")]
    private static partial Regex Name();
}
