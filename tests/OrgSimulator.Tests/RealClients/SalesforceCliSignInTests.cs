using System.Text.Json.Nodes;

namespace OrgSimulator.Tests.RealClients;

/// <summary>Signing in through a browser, and going on when the session has ended.</summary>
public sealed class SalesforceCliSignInTests
{
    /// <summary>
    /// Stands in for the browser: goes through the login page, and follows the redirect to the CLI's own server with its success page.
    /// It must come back at once and leave the work to a process of its own, as a browser does.
    /// </summary>
    private const string Firefox = """
        #!/bin/bash
        url="${@: -1}"
        setsid bash -c '
          url="$0"; host="${url%%/services/*}"; query="${url#*\?}"
          sleep 1
          location=$(curl -s -o /dev/null -w "%{redirect_url}" --data "$query&username=admin%40sim.example&pw=simulator" "$host/services/oauth2/authorize")
          curl -s -L -o /dev/null "$location"
        ' "$url" > /dev/null 2>&1 < /dev/null &
        sleep 1
        exit 0
        """;

    [Fact]
    public async Task Signing_in_through_a_browser_and_going_on_after_the_session_has_ended()
    {
        using var client = await RealClient.InstallAsync();
        await using var org = await TestOrg.StartAsync(new SimulatorOptions { Generate = 200 });
        var programs = Directory.CreateDirectory(Path.Combine(client.Home, "programs")).FullName;
        var browser = Path.Combine(programs, "firefox");
        await File.WriteAllTextAsync(browser, Firefox);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(browser, (UnixFileMode)0b111_101_101);
        var path = new Dictionary<string, string> { ["PATH"] = programs + ":" + client.SearchPath };
        var (code, answer) = await client.SfAsync($"org login web --instance-url {org.Host.Url} --browser firefox --alias web", path);
        Assert.True(code == 0, answer.ToJsonString());
        Assert.Equal("admin@sim.example", answer["result"]!["username"]!.GetValue<string>());

        var before = (await client.SfResultAsync("data query -o web -q", "SELECT Id FROM Contact"))["totalSize"]!.GetValue<int>();
        org.Host.Sessions.ExpireAccessTokens();
        var result = await client.SfResultAsync("data query -o web -q", "SELECT Id FROM Contact");
        Assert.Equal(before, result["totalSize"]!.GetValue<int>());

        // With nothing but an access token there is no way on. A home of its own: the CLI remembers the refresh token by the user's name.
        using var bare = await RealClient.InstallAsync();
        (code, answer) = await bare.SfAsync($"org login access-token --instance-url {org.Host.Url} --no-prompt --alias bare", new() { ["SF_ACCESS_TOKEN"] = org.Host.NewAccessToken() });
        Assert.True(code == 0, answer.ToJsonString());
        org.Host.Sessions.ExpireAccessTokens();
        (code, answer) = await bare.SfAsync("data query -o bare -q", null, "SELECT Id FROM Contact");
        Assert.NotEqual(0, code);
        Assert.Equal("INVALID_SESSION_ID", (answer["data"]?["errorCode"] ?? answer["name"])!.GetValue<string>());
    }
}
