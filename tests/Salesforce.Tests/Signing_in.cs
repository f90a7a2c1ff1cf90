using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Appliance.Salesforce;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Time.Testing;

namespace Salesforce.Tests;

public sealed class Signing_in
{
    [Fact]
    public void The_browser_is_sent_to_the_login_host_with_a_challenge()
    {
        var (verifier, challenge) = OAuthSignIn.NewPkce();
        Assert.Equal(challenge, Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))));
        Assert.InRange(verifier.Length, 43, 128);
        Assert.NotEqual(verifier, OAuthSignIn.NewPkce().Verifier);

        var uri = OAuthSignIn.AuthorizeUri(new("https://login.salesforce.com"), "3MVG9 key", new("https://localhost:8443/oauth/callback"), "st&te", challenge);
        Assert.Equal("https://login.salesforce.com/services/oauth2/authorize", uri.GetLeftPart(UriPartial.Path));
        var query = QueryHelpers.ParseQuery(uri.Query);
        Assert.Equal("code", query["response_type"]);
        Assert.Equal("3MVG9 key", query["client_id"]);
        Assert.Equal("https://localhost:8443/oauth/callback", query["redirect_uri"]);
        Assert.Equal("st&te", query["state"]);
        Assert.Equal("refresh_token api web", query["scope"]);
        Assert.Equal(challenge, query["code_challenge"]);
        Assert.Equal("S256", query["code_challenge_method"]);
    }

    [Fact]
    public async Task A_code_is_exchanged_once_even_when_the_answer_is_lost()
    {
        await using var fake = await FakeOrg.StartAsync((_, _) => Task.CompletedTask);
        fake.TokenAnswer = context => FakeOrg.Error(context, 503, "server_error", "down");
        using var http = Org.NewHttpClient();
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => new OAuthSignIn(http, new HurriedTime()).ExchangeCodeAsync(
            fake.Url, "client", null, new("https://localhost/callback"), "aPrx==", "verifier", CancellationToken.None));
        Assert.Equal(FailureKind.Transient, failure.Kind);
        var form = QueryHelpers.ParseQuery(Assert.Single(fake.Requests).Body);
        Assert.Equal("aPrx==", form["code"]);
        Assert.Equal("verifier", form["code_verifier"]);
        Assert.False(form.ContainsKey("client_secret"));
    }

    [Theory]
    [InlineData("invalid_grant", "expired authorization code", FailureKind.Operator)]
    [InlineData("redirect_uri_mismatch", "redirect_uri must match configuration", FailureKind.Operator)]
    [InlineData("invalid_client_id", "client identifier invalid", FailureKind.Operator)]
    [InlineData("rate_limit_exceeded", "login rate exceeded", FailureKind.Transient)]
    public async Task A_refusal_says_what_to_do(string error, string description, FailureKind kind)
    {
        await using var fake = await FakeOrg.StartAsync((_, _) => Task.CompletedTask);
        fake.TokenAnswer = context => FakeOrg.Json(context, $$"""{"error":"{{error}}","error_description":"{{description}}"}""", 400);
        using var http = Org.NewHttpClient();
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => new OAuthSignIn(http, new HurriedTime()).ExchangeCodeAsync(
            fake.Url, "client", "secret", new("https://localhost/callback"), "code", "verifier", CancellationToken.None));
        Assert.Equal((kind, error), (failure.Kind, failure.ErrorCode));
        Assert.Contains(description, failure.Message, StringComparison.Ordinal);
        Assert.NotEmpty(failure.Remedy);
    }

    [Fact]
    public async Task Another_sites_answer_is_not_taken_for_a_sign_in()
    {
        await using var fake = await FakeOrg.StartAsync((_, _) => Task.CompletedTask);
        fake.TokenAnswer = context => FakeOrg.Json(context, "<html>welcome</html>");
        using var http = Org.NewHttpClient();
        var failure = await Assert.ThrowsAsync<SalesforceException>(() => new OAuthSignIn(http, new HurriedTime()).ExchangeCodeAsync(
            fake.Url, "client", null, new("https://localhost/callback"), "code", "verifier", CancellationToken.None));
        Assert.Contains("not a token answer", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_jwt_names_app_user_and_host_and_is_signed_by_the_apps_key()
    {
        await using var fake = await FakeOrg.StartAsync((_, _) => Task.CompletedTask);
        using var http = Org.NewHttpClient();
        using var key = RSA.Create(2048);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 2, 8, 0, 0, TimeSpan.Zero));
        var tokens = await new OAuthSignIn(http, time).JwtBearerAsync(fake.Url, "app", "backup@acme.example", key, CancellationToken.None);
        Assert.Null(tokens.RefreshToken);
        Assert.Equal("00DXX0000001gER2AY", tokens.OrganizationId);

        var parts = QueryHelpers.ParseQuery(fake.Requests.Single().Body)["assertion"].ToString().Split('.');
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1])).RootElement;
        Assert.Equal("app", claims.GetProperty("iss").GetString());
        Assert.Equal("backup@acme.example", claims.GetProperty("sub").GetString());
        Assert.Equal(fake.Url.GetLeftPart(UriPartial.Authority), claims.GetProperty("aud").GetString());
        Assert.Equal(time.GetUtcNow().AddMinutes(3).ToUnixTimeSeconds(), claims.GetProperty("exp").GetInt64());
    }
}
