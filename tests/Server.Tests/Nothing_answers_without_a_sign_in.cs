using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.StaticAssets;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Appliance.Server.Tests;

/// <summary>Walks over every endpoint the running process has, whoever added it.</summary>
public sealed partial class Nothing_answers_without_a_sign_in(ServerFixture server)
{
    private static readonly string[] Open = ["/health", "/private/health", "/signin", "/setup", "/api/v1/setup", "/api/v1/sessions"];

    [Fact]
    public async Task Except_what_is_named_here()
    {
        using var client = server.Anonymous();
        var endpoints = server.App.Services.GetServices<EndpointDataSource>().SelectMany(s => s.Endpoints).OfType<RouteEndpoint>().Distinct().ToList();
        var called = 0;
        var wrong = new List<string>();
        foreach (var endpoint in endpoints)
        {
            var pattern = "/" + endpoint.RoutePattern.RawText!.TrimStart('/');
            if (Open.Contains(pattern) || endpoint.Metadata.GetMetadata<StaticAssetDescriptor>() is not null) continue;
            if (endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null) wrong.Add($"{pattern} allows everybody");
            var methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [];
            foreach (var method in methods.Count == 0 ? ["GET", "POST", "PUT", "DELETE"] : methods)
            {
                using var request = new HttpRequestMessage(new HttpMethod(method), Filled(pattern));
                if (method is "POST" or "PUT") request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
                using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
                called++;
                var refused = answer.StatusCode is HttpStatusCode.Unauthorized
                    || (answer.StatusCode is HttpStatusCode.Redirect && answer.Headers.Location!.AbsolutePath == "/signin");
                if (!refused) wrong.Add($"{method} {pattern} answered {(int)answer.StatusCode}");
            }
        }
        Assert.Empty(wrong);
        Assert.InRange(called, 40, 10_000);        // it did walk
    }

    [Theory]
    [InlineData("/favicon.ico")]
    [InlineData("/no/such/page")]
    [InlineData("/api/v1/no-such-call")]
    [InlineData("/appsettings.json")]
    public async Task Also_not_an_address_that_leads_nowhere(string path)
    {
        using var client = server.Anonymous();
        using var answer = await client.GetAsync(path);
        Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Redirect, $"{path}: {answer.StatusCode}");
    }

    [Fact]
    public async Task Health_says_nothing_but_ok()
    {
        using var client = server.Anonymous();
        Assert.Equal("""{"status":"ok"}""", await client.GetStringAsync("/health"));
    }

    /// <summary>The front door keeps it from everybody but the machine's own containers.</summary>
    [Fact]
    public async Task Private_health_proves_database_and_storage_and_says_nothing_else()
    {
        using var client = server.Anonymous();
        Assert.Matches("""^\{"version":"[0-9.]+","database":"ok","storage":"ok"\}$""", await client.GetStringAsync("/private/health"));
    }

    [Theory]
    [InlineData("Bearer apl_wrong")]
    [InlineData("Bearer ")]
    [InlineData("Basic YWRtaW46YWRtaW4=")]
    public async Task Nor_with_a_wrong_token(string header)
    {
        using var client = server.Anonymous();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", header);
        using var answer = await client.GetAsync("/api/v1/me");
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        var problem = await ServerFixture.JsonAsync(answer);
        Assert.NotEmpty(problem.GetProperty("cause").GetString()!);
        Assert.NotEmpty(problem.GetProperty("remedy").GetString()!);
    }

    private static string Filled(string pattern) => Parameter().Replace(pattern, m => m.Value.Contains(":guid", StringComparison.Ordinal) ? Guid.Empty.ToString() : "x");

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();
}
