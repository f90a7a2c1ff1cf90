using System.Security.Claims;
using Appliance.Catalog;
using Appliance.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class TokensApi
{
    public sealed record NewTokenRequest(string? Name, int? ExpiresInDays);

    public sealed record NewToken(Guid Id, string Name, string Token, DateTimeOffset? ExpiresAt);

    public sealed record TokenInList(Guid Id, string Name, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt);

    public static void MapTokens(this RouteGroupBuilder api)
    {
        var tokens = api.MapGroup("/tokens").WithTags("Access");
        tokens.MapPost("/", AddAsync).WithSummary("Make an API token; it is shown once");
        tokens.MapGet("/", async (ApiTokens all, CancellationToken cancellationToken) =>
            TypedResults.Ok((await all.ListAsync(cancellationToken)).Select(t => new TokenInList(t.Id, t.Name, t.CreatedAt, t.ExpiresAt, t.LastUsedAt)))).WithSummary("API tokens, without the secrets");
        tokens.MapDelete("/{id:guid}", RemoveAsync).WithSummary("Revoke an API token");
    }

    private static async Task<Results<Created<NewToken>, ProblemHttpResult>> AddAsync(
        NewTokenRequest request, ApiTokens tokens, AuditLog audit, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Name) || request.Name.Length > 120) return Problems.Bad("A token's name has 1 to 120 characters.", "Give it a name that says who uses it.");
        if (request.ExpiresInDays is < 1 or > 3650) return Problems.Bad("A token expires in 1 to 3650 days, or never.", "Give another number of days, or none.");
        var token = OneTimeSecret.New(ApiTokenHandler.Prefix);
        TimeSpan? life = request.ExpiresInDays is { } days ? TimeSpan.FromDays(days) : null;
        var row = await tokens.AddAsync(user.UserId, request.Name.Trim(), OneTimeSecret.Hash(token), life, cancellationToken);
        await audit.AppendAsync(user.UserName, "API token made", row.Name, null, cancellationToken);
        return TypedResults.Created($"/api/v1/tokens/{row.Id}", new NewToken(row.Id, row.Name, token, row.ExpiresAt));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveAsync(Guid id, ApiTokens tokens, AuditLog audit, ClaimsPrincipal user, CancellationToken cancellationToken)
    {
        if (!await tokens.RemoveAsync(id, cancellationToken)) return Problems.NotFound("API token");
        await audit.AppendAsync(user.UserName, "API token revoked", id.ToString(), null, cancellationToken);
        return TypedResults.NoContent();
    }
}
