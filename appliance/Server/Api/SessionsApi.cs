using System.Security.Claims;
using Appliance.Server.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Appliance.Server.Api;

internal static class SessionsApi
{
    public sealed record SignInRequest(string? UserName, string? Password);

    public sealed record Me(string UserName, string Role);

    public static void MapSessions(this RouteGroupBuilder api)
    {
        api.MapPost("/sessions", SignInAsync).AllowAnonymous().RequireRateLimiting(AccessRegistration.SignInLimit).WithTags("Access").WithSummary("Sign in; the answer sets the session cookie");
        api.MapDelete("/sessions/current", SignOutAsync).WithTags("Access").WithSummary("Sign out");
        api.MapGet("/me", (ClaimsPrincipal user) => TypedResults.Ok(new Me(user.UserName, user.FindFirstValue(ClaimTypes.Role)!))).WithTags("Access").WithSummary("Who is signed in");
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> SignInAsync(SignInRequest request, SignIns signIns, HttpContext context)
    {
        var user = await signIns.TryAsync(request.UserName, request.Password, context.Connection.RemoteIpAddress?.ToString() ?? "unknown", context.RequestAborted);
        if (user is null) return Problems.Of(StatusCodes.Status401Unauthorized, SignIns.Refused, "Check both; after several failures wait a quarter of an hour.");
        await SessionCookie.StartAsync(context, user);
        return TypedResults.NoContent();
    }

    private static async Task<NoContent> SignOutAsync(HttpContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await SessionCookie.EndAsync(context);
        return TypedResults.NoContent();
    }
}
